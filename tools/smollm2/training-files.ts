/**
 * The files that `e2p train` reads: people in their own words, the teacher's answers as targets, and texts to align with. Everything
 * about interests kept aside (dev and test) stays out of all of them, the vocabulary's words included.
 */
import { readFileSync } from 'node:fs';
import type { BaseModel } from '../../src/node.ts';
import type { AlignmentText } from '../../src/train.ts';
import { type Random, seededRandom } from '../world/random.ts';
import type { Interest } from './data/interest.ts';
import { names, refuses } from './data/judge.ts';

import type { TrainLine } from './data/train-line.ts';
import { TRAIN_LINES } from './data/train-lines.ts';
import { fill, longFrame, TRAIN_FILLERS, TRAIN_FRAMES } from './data/wordings.ts';
import type { TeacherAnswer } from './teacher-answers.ts';

/** Tokens of an answer behind the first mention of the interest: what comes later follows from the text alone. */
const AFTER_MENTION = 3;
/** What a line about no interest points at. */
export const NOTHING = 'life';

/** How people speak. */
export interface Wording {
  readonly frames: readonly string[];
  readonly fillers: readonly string[];
  /** In their own words; an interest is told so every other time. */
  readonly free: readonly TrainLine[];
}

export interface UserRow {
  readonly user: string;
  readonly lines: readonly string[];
}

export interface ExampleRow {
  readonly user: string;
  readonly group: string;
  readonly prompt: string;
  readonly teacher: TeacherAnswer['teacher'];
  readonly target: string;
  readonly unfinished: true;
}

/** An example for each answer that follows its interest, each with a person of its own who has that interest among others. */
export function trainingRows(
  answers: readonly TeacherAnswer[],
  interests: readonly Interest[],
  codec: BaseModel['codec'],
  seed: number,
  wording: Wording = { frames: TRAIN_FRAMES, fillers: TRAIN_FILLERS, free: TRAIN_LINES },
): { readonly users: UserRow[]; readonly examples: ExampleRow[] } {
  const byName = new Map(interests.map((interest) => [interest.name, interest]));
  const users: UserRow[] = [];
  const examples: ExampleRow[] = [];
  for (const [i, { interest: name, question, teacher, answer, tokenIds }] of answers.entries()) {
    const interest = byName.get(name);
    if (interest === undefined || !names(interest, answer) || refuses(answer)) continue;
    const user = `${name} ${i}`;
    const random = seededRandom(seed, user);
    users.push({ user, lines: linesOf(interest, interests, wording, random) });
    const target = upToMention(interest, tokenIds, codec);
    examples.push({ user, group: user, prompt: question, teacher, target, unfinished: true });
  }
  return { users, examples };
}

function linesOf(
  interest: Interest,
  interests: readonly Interest[],
  { frames, fillers, free }: Wording,
  random: Random,
): string[] {
  const others = Array.from({ length: random.pick([0, 0, 0, 1, 1, 2]) }, () => random.pick(interests));
  const about = [interest, ...others].map((each) => {
    const own = random.below(2) === 0 ? [] : free.filter((line) => line.interest === each);
    return own.length > 0 ? random.pick(own).line : fill(random.pick(frames), random.pick(each.phrases));
  });
  const rest = random.shuffled(fillers).slice(0, random.pick([0, 1, 1, 2]));
  return random.shuffled([...new Set([...about, ...rest])]);
}

function upToMention(interest: Interest, tokenIds: readonly number[], codec: BaseModel['codec']): string {
  const first = tokenIds.findIndex((_, t) => names(interest, codec.decode(tokenIds.slice(0, t + 1))));
  return codec.decode(first < 0 ? tokenIds : tokenIds.slice(0, first + 1 + AFTER_MENTION));
}

export interface AlignmentRow {
  readonly text: string;
  readonly words: AlignmentText['words'];
}

/** Interests in many wordings, words of the vocabulary, fillers, and lines of other people where there are any. */
export function alignmentRows(options: {
  readonly interests: readonly Interest[];
  /** Interests that nothing may speak of. */
  readonly aside: readonly Interest[];
  /** Words of the vocabulary. */
  readonly words: readonly string[];
  readonly personas: readonly string[];
  readonly seed: number;
}): AlignmentRow[] {
  const { interests, words, personas, seed } = options;
  const isAside = (text: string) => options.aside.some((interest) => names(interest, text));
  const random = seededRandom(seed, 'alignment');
  const framed = (phrase: string) =>
    fill(random.below(2) === 0 ? random.pick(TRAIN_FRAMES) : longFrame(random), phrase);
  const times = (count: number, phrase: string) => Array.from({ length: count }, () => framed(phrase));
  const spoken = interests.flatMap((interest) => {
    const { name, about, phrases } = interest;
    const said = [...new Set([name, about, ...phrases])].flatMap((phrase) => times(5, phrase));
    return said.map((text) => ({ text, words: phraseOf(interest) }));
  });
  // Each several times: there are few of them, and they say most.
  const free = TRAIN_LINES.filter(({ interest }) => interests.includes(interest)).flatMap(
    ({ line, interest }) => Array.from({ length: 4 }, () => ({ text: line, words: phraseOf(interest) })),
  );
  const vocabulary = words
    .filter((word) => !isAside(word))
    .flatMap((word, i) => times(i < words.length / 2 ? 4 : 3, word).map((text) => ({ text, words: word })));
  const fillers = TRAIN_FILLERS.flatMap((text) =>
    Array.from({ length: 6 }, () => ({ text, words: NOTHING })),
  );
  const lines = personas.filter((line) => !isAside(line));
  const rarity = rarityOf(lines);
  const people = lines.flatMap((text) => {
    const telling = contentWords(text).sort((a, b) => rarity(b) - rarity(a));
    // What only one person ever says is a name, or misspelt.
    const chosen = telling.filter((word) => rarity(word) < 1).slice(0, 2);
    const asSaid = chosen.map((word) => (text.startsWith(word) ? word.toLowerCase() : word));
    return chosen.length === 0 ? [] : [{ text, words: asSaid.join(' ') }];
  });
  return [...spoken, ...free, ...vocabulary, ...fillers, ...people];
}

/** Persona lines of Synthetic-Persona-Chat (Jandaghi et al., arXiv 2312.10007; CC BY 4.0), each once. */
export function readPersonas(file: string): string[] {
  const dialogues = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return [
    ...new Set(dialogues.flatMap((line) => (JSON.parse(line) as { personas: string[][] }).personas.flat())),
  ];
}

/** What a line about the interest points at: as one, so that it is spelled where no single word says it. */
const phraseOf = ({ about }: Interest): readonly string[] => [about.replace(/^the /, '')];

const FUNCTION_WORDS = new Set(
  `a about all also always am an and any are as at be been being but by can could did do does doing don't down for from get go going good
got great had has have having he her him his how i i'm i've if in into is it it's its just kind know like lot lots love loves make makes
many me more most much my never new no nor not of off often old on one only or other our out over own people really she so some still such
than that the their them then there these they thing things think this those time to too two up us used very want was we well were what
when where which while who will with would years year you your playing making learning watching doing`.split(
    /\s+/,
  ),
);

export function contentWords(text: string): string[] {
  const words = text.match(/[\p{L}][\p{L}'-]*/gu) ?? [];
  return [...new Set(words)].filter((word) => word.length > 2 && !FUNCTION_WORDS.has(word.toLowerCase()));
}

/** 1 for a word of one line, less for words of more. */
function rarityOf(lines: readonly string[]): (word: string) => number {
  const counts = new Map<string, number>();
  for (const line of lines) {
    for (const word of contentWords(line)) {
      const key = word.toLowerCase();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  return (word) => 1 / (counts.get(word.toLowerCase()) ?? 1);
}
