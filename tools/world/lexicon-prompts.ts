/** How the app asks for a text, and how a persona is worded. */

/** Gaps: {facts}. */
export const HEADLINE_PROMPTS = [
  'Headline for: {facts}',
  'Headline: {facts}',
  'Write a headline. {facts}',
  'News: {facts}. Headline?',
  'A headline for this: {facts}',
  'Title this story: {facts}',
  'Story: {facts}',
];

/** Gaps: {title}, {facts}. */
export const RECOMMEND_PROMPTS = [
  'Recommend {title}: {facts}',
  'Should I hear {title}? {facts}',
  'Why {title}? {facts}',
  'One line on {title}: {facts}',
  'Pitch {title}. {facts}',
  'Show: {title}. {facts}. Recommend it.',
];

/** Names of the facts in the prompts that name them. */
export const FACT_LABELS = {
  money: 'sum',
  people: 'who',
  science: 'found',
  local: 'spot',
  gossip: 'star',
  health: 'good for',
  nature: 'species',
  sport: 'team',
} as const;

/** Names of the other parts of a story, for questions about them. */
export const NAME_LABELS: Readonly<Record<string, string>> = {
  thing: 'thing',
  org: 'company',
  place: 'place',
  title: 'title',
};

/** Gaps: {label}. */
export const FACT_QUESTIONS = [
  '{label}?',
  'And {label}?',
  'Which {label}?',
  '{label} again?',
  'Now {label}.',
];

/** Ask for one more text about the same story. */
export const MORE = ['Another.', 'One more.', 'Again.', 'Another one?', 'Once more.', 'Try again.'];

/** Gaps: {first}, the top angle; {second}, the next one; {tone}. From two words to a sentence. */
export const PERSONAS = [
  '{first}, {tone}',
  '{tone}, {first}',
  'Reader: {first}. Tone: {tone}.',
  'Likes {first}; {tone} tone.',
  'Into {first}; keep it {tone}.',
  'Reader loves {first}, {tone} tone.',
  'For someone into {first}, in a {tone} voice.',
  'This reader follows {first}. Write in a {tone} tone.',
  'You write for a fan of {first} who likes it {tone}.',
  '{first} first, then {second}; {tone}',
  'Loves {first}, sometimes {second}. Keep it {tone}.',
  'Reader of {first} and some {second}, {tone} tone.',
  'Mostly into {first}, now and then {second}, and prefers a {tone} voice.',
];
