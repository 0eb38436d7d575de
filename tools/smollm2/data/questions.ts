/**
 * Open questions that any interest can be the subject of. None holds a stem of an interest (checked in
 * questions.test.ts), so an answer that repeats its question names nothing. Dev and test differ in wording, and
 * partly in kind.
 */
export const QUESTION_KINDS = [
  'suggest',
  'recommend',
  'gift',
  'plan',
  'project',
  'headline',
  'learn',
  'holiday',
  'topic',
  'story',
  'conversation',
  'other',
] as const;

export type QuestionKind = (typeof QUESTION_KINDS)[number];

export interface Question {
  readonly kind: QuestionKind;
  readonly text: string;
}

export const TRAIN_QUESTIONS: readonly Question[] = [
  ...of('suggest', [
    'Suggest something for me to do this weekend.',
    'What should I do today?',
    "I'm bored. What could I do?",
    'How should I spend my day off?',
    'Suggest something fun for Saturday afternoon.',
    'What could I do after work?',
  ]),
  ...of('recommend', [
    'Recommend me a book.',
    'What should I read next?',
    'What should I watch tonight?',
    'Which magazine would I like?',
    'Recommend a place that I should visit.',
    'Which club should I join?',
  ]),
  ...of('gift', [
    'What present should my friend get me?',
    'Give me a gift idea for my birthday.',
    'What should I wish for?',
    'What could my colleagues give me as a farewell gift?',
    'Suggest a small present that I would treasure.',
  ]),
  ...of('plan', [
    'Plan my evening.',
    'Plan my Sunday.',
    'Make a plan for a free week.',
    'Write a schedule for my day off.',
    'Plan an afternoon with a friend for me.',
  ]),
  ...of('project', [
    'Give me an idea for a small project.',
    'What could I start this month?',
    'Suggest a project for the winter.',
    'Name a challenge for the next thirty days.',
  ]),
  ...of('headline', [
    "Write a headline of a news article that I'd like to read.",
    'Write the title of a magazine article for me.',
    'Think of a front-page headline that would make me smile.',
    'Write the first sentence of an article for me.',
  ]),
  ...of('learn', [
    'What could I learn next?',
    'Tell me something new.',
    'Tell me a fun fact.',
    'Which course should I take?',
    'Which skill should I practise?',
    'Explain something that will interest me.',
  ]),
  ...of('holiday', [
    'What should I do on my holiday?',
    'Where should I go on holiday?',
    'Suggest a day out.',
  ]),
  ...of('topic', [
    'Suggest a topic for my blog.',
    'Give me a topic for a talk.',
    'What should I write about?',
  ]),
  ...of('story', [
    'Tell me a little story.',
    'Write the beginning of a story for me.',
    'Write the first lines of a tale that I would like.',
  ]),
  ...of('conversation', [
    'Suggest a good conversation topic for me.',
    'What could I talk about with a new neighbour?',
    'Ask me an interesting question.',
    'What shall we chat about?',
  ]),
  ...of('other', [
    'Write a greeting for me.',
    'Write a motto for me.',
    'Name a goal for my year.',
    'What can I do to relax?',
    'Give me a tip.',
    'Suggest a name for my blog.',
  ]),
];

export const DEV_QUESTIONS: readonly Question[] = [
  ...of('suggest', [
    'I have a whole free afternoon tomorrow: any ideas?',
    'What could two friends and I do together next month?',
  ]),
  ...of('recommend', ['Which group in my town might suit me?']),
  ...of('gift', ['My aunt asks what she could wrap up for me. What should she choose?']),
  ...of('plan', ['Describe a perfect day for me.']),
  ...of('project', ['Name one thing that I should save up for.']),
  ...of('headline', ['Think up a magazine cover line that would catch my eye.']),
  ...of('topic', ['Write the opening of a post for my blog.']),
];

export const TEST_QUESTIONS: readonly Question[] = [
  ...of('suggest', [
    "I don't know what to do with my bank holiday. Help me decide.",
    'Name something that I should try at least once in my life.',
  ]),
  ...of('recommend', ['Which evening class should I sign up for?']),
  ...of('gift', ['Somebody wants to surprise me for fifty pounds. With what?']),
  ...of('plan', ['What might the ideal Sunday look like for me?']),
  ...of('project', ['Propose something that I could work on over the next year.']),
  ...of('headline', ['Compose a breaking news line that would make my week.']),
  ...of('holiday', ['Put together an itinerary for three days away that suits me.']),
  ...of('story', ['Write the opening lines of a tale that I would not put down.']),
  ...of('conversation', [
    'We have an hour to fill. What shall we talk about?',
    'Which question would you ask to get me talking?',
  ]),
  ...of('other', ["Write a message that invites me to something I can't resist."]),
];

function of(kind: QuestionKind, texts: readonly string[]): readonly Question[] {
  return texts.map((text) => ({ kind, text }));
}
