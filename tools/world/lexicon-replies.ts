/**
 * Small talk: questions, the frames of the answers and, per angle, what somebody with that interest is doing. Gaps:
 * {when}, shared by question and answer, and {doing}; `~` is where the tone's adverb goes.
 */
import type { Angle } from './lexicon-angles.ts';

export interface SmallTalk {
  readonly when: readonly string[];
  readonly questions: readonly string[];
  readonly answers: readonly string[];
}

export const GREETINGS = ['', '', 'Hi, ', 'Hey, ', 'Hello, '];

export const SMALL_TALK: readonly SmallTalk[] = [
  {
    when: ['tonight', 'tomorrow', 'this evening', 'this weekend', 'Friday', 'Sunday', 'Saturday'],
    questions: [
      'any [plans|ideas] for {when}?',
      'what are you [up to|doing] {when}?',
      'how will you spend {when}?',
      'what is happening {when}?',
      'are you free {when}?',
    ],
    answers: [
      'I will ~ spend {when} {doing}',
      'for {when} I ~ [plan on|look forward to] {doing}',
      '{when} is ~ [for|about] {doing}',
      'I am ~ {doing} {when}',
      'my plan for {when} is ~ {doing}',
    ],
  },
  {
    when: ['morning', 'weekend', 'day', 'evening', 'week', 'holiday', 'afternoon'],
    questions: [
      'how was your {when}?',
      'what did you do all {when}?',
      'had a [good|nice] {when}?',
      'how did you spend the {when}?',
    ],
    answers: [
      'I ~ spent my {when} {doing}',
      'my {when} was ~ [all about|full of] {doing}',
      'the {when} ~ went by while {doing}',
      'all {when} I was ~ {doing}',
    ],
  },
  {
    when: [''],
    questions: [
      'what do you [enjoy|like] most?',
      'what makes you smile?',
      'any hobbies?',
      'how do you relax?',
      'what is on your mind?',
      'what keeps you [busy|going]?',
      'I am bored, any ideas?',
      'what do you talk about at [dinner|breakfast]?',
      'what are you reading?',
      'tell me about [you|yourself].',
    ],
    answers: [
      'I ~ [enjoy|love] {doing}',
      'I ~ think about {doing}',
      'for me it is ~ {doing}',
      'most days I am ~ {doing}',
      'you will ~ find me {doing}',
    ],
  },
];

export const ACTIVITIES: Readonly<Record<Angle, readonly string[]>> = {
  money: [
    'comparing [bank|loan] offers',
    'reading about the [stock|gold|housing] market',
    'counting my savings [twice|again]',
    'asking investors about [tea|gold]',
    'planning a [small|clever] budget',
    "guessing next year's [profits|revenue]",
    'hunting for a [lower|better] price',
    'working out what [lunch|rent|coffee] costs',
  ],
  people: [
    'calling [old|dear] friends',
    'writing letters to my [aunt|uncle]',
    "hearing about a [stranger|sailor]'s dreams",
    'painting a portrait of [a waiter|my sister]',
    'looking at childhood [photos|drawings]',
    'reading the diary of a [nurse|captain]',
    'cooking with my grandmother',
    'listening to an [old|everyday] hero',
  ],
  science: [
    'reading a study about [light|bubbles|dust]',
    'building a [small|home] lab',
    'checking data on [waves|stars]',
    'testing a theory about [toast|rain]',
    'running experiments with [soap|salt]',
    'learning physics from [a book|a game]',
    'looking through my microscope',
    'talking to [two|some] scientists',
  ],
  local: [
    'chatting with the neighbours',
    'sweeping our street [again|together]',
    'strolling through the [old|north] district',
    'helping residents plant [trees|tulips]',
    'drawing a map of the neighbourhood',
    'baking for everyone on the block',
    'asking locals for [a cafe|directions]',
    'counting commuters from the [bench|bridge]',
  ],
  gossip: [
    'swapping rumours [over tea|by phone]',
    'reading about a [royal|film] romance',
    'guessing who is dating whom',
    'listening to [hotel|studio] insiders',
    'following the latest [band|film] feud',
    'sharing a [tiny|juicy] secret',
    'scrolling through celebrity [hair|shoes]',
    'untangling a [film|palace] scandal',
  ],
  health: [
    'trying a [herbal|ginger] remedy',
    'cooking a healthy [soup|stew]',
    'asking my doctor about [naps|vitamins]',
    'doing breathing therapy',
    'helping at the [eye|foot] clinic',
    'reading a wellness [book|column]',
    'stretching for my health',
    'sending patients [flowers|fruit]',
  ],
  nature: [
    'watching wildlife [by the lake|in the park]',
    'sorting the recycling [again|with care]',
    'reading about the climate',
    'building a habitat for [frogs|bats]',
    'measuring pollution in the [pond|creek]',
    'joining a conservation [walk|club]',
    'hiking in the [snowy|open] wilderness',
    'cutting my carbon [by bike|at home]',
  ],
  sport: [
    'watching the [cup|big] match',
    'training for a [race|relay]',
    'singing with the [home|away] fans',
    'polishing an old trophy',
    "guessing tonight's score",
    'checking the league [table|news]',
    'walking past the stadium',
    'arguing with my [rowing|tennis] coach',
  ],
};
