/** What the LLM could do before and should still do with soft tokens in its prompt: facts, orders, and ordinary text. */

export interface Task {
  readonly question: string;
  /** Any of these in the answer is right; lower case. */
  readonly right: readonly string[];
}

const CAPITALS = {
  France: 'paris',
  Germany: 'berlin',
  Italy: 'rome',
  Spain: 'madrid',
  Japan: 'tokyo',
  Egypt: 'cairo',
  Russia: 'moscow',
  Greece: 'athens',
  Portugal: 'lisbon',
  Austria: 'vienna',
  Poland: 'warsaw',
  China: 'beijing',
  India: 'delhi',
  Cuba: 'havana',
  Ireland: 'dublin',
  Norway: 'oslo',
  Sweden: 'stockholm',
  Hungary: 'budapest',
  Kenya: 'nairobi',
  Peru: 'lima',
} as const;

const SUMS = [
  [2, 3],
  [4, 5],
  [7, 2],
  [10, 5],
  [6, 6],
  [3, 8],
  [20, 10],
  [9, 1],
  [12, 4],
  [15, 5],
] as const;

const NUMBERS = [
  '',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

export const FACTS: readonly Task[] = Object.entries(CAPITALS).map(([country, right]) => ({
  question: `What is the capital of ${country}?`,
  right: [right],
}));

export const ARITHMETIC: readonly Task[] = SUMS.map(([a, b]) => ({
  question: `What is ${a} + ${b}?`,
  right: [String(a + b), NUMBERS[a + b] ?? ''].filter((text) => text !== ''),
}));

/** Orders that say exactly what to answer. */
export const ORDERS: readonly Task[] = [
  { question: 'Answer with one word: what colour is the sky on a clear day?', right: ['blue'] },
  { question: 'Answer with yes or no: is water wet?', right: ['yes', 'no'] },
  { question: 'Repeat this word: banana', right: ['banana'] },
  { question: 'Write the number seven in digits.', right: ['7'] },
  {
    question: 'Name a day of the week.',
    right: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  },
  { question: 'Translate "good morning" into French.', right: ['bonjour', 'bonne'] },
  { question: 'What is the opposite of hot?', right: ['cold'] },
  { question: 'How many legs does a spider have?', right: ['8', 'eight'] },
  { question: 'Which planet do we live on?', right: ['earth'] },
  { question: 'Name an animal that barks.', right: ['dog'] },
];

/** Ordinary prose, written for this: how likely the LLM finds it as an answer. */
export const PROSE: readonly string[] = [
  'The bridge was closed for repairs in March. Buses took the longer way through the village, and the journey to the station lasted almost an hour.',
  'Water boils at a lower temperature in the mountains, because the air presses on it with less force. Cooking potatoes there takes more time.',
  'The council voted on the new library after a long debate. Most members wanted the building to open before the end of the year.',
  'She put the letter into the drawer, locked it, and went downstairs. Nobody in the house asked her about it again.',
  'Prices rose by two percent last year. Rents in the city grew faster, while the cost of food stayed almost the same.',
  'The heart pumps blood through the body. It has four chambers, and its valves keep the blood from flowing back.',
  'When the train finally arrived, the platform was empty. The driver waited for a minute and then closed the doors.',
  'Early maps showed the coast in great detail but left the inland blank. Sailors needed harbours, not mountains.',
];
