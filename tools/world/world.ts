/**
 * A synthetic world: an app for news and podcasts, its readers, and what they click. Everything personal in a text
 * can be predicted from the reader, and everything about the reader from the clicks. Pure and seeded: a seed is a
 * world. Reader splits and story splits have the same names and share nothing with each other.
 */
import { E2PError } from '../../src/node.ts';
import { type CatalogueItem, drawClicks, publish } from './clicks.ts';
import type { Angle } from './lexicon-angles.ts';
import { MORE } from './lexicon-prompts.ts';
import type { Tone } from './lexicon-tones.ts';
import { personaOf } from './persona.ts';
import { type Random, seededRandom } from './random.ts';
import { drawReader, type Reader, tellingFor } from './reader.ts';
import { drawStory, factQuestion, SPLITS, type Split, type Story, storyPrompt } from './story.ts';
import { smallTalk, tellStory } from './telling.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly readers?: Readonly<Record<Split, number>>;
  /** Size of the catalogue that is clicked on. */
  readonly items?: number;
  /** Fewest and most clicks of a reader. */
  readonly clicksPerReader?: readonly [number, number];
}

export interface World {
  readonly seed: number;
  readonly readers: readonly Reader[];
  readonly catalogue: readonly CatalogueItem[];
  /** Item indices per reader, in the order of `readers`. */
  readonly clicks: readonly (readonly number[])[];
}

export function buildWorld({
  seed,
  readers: sizes = { pretrain: 1000, train: 1600, validation: 200, test: 400 },
  items = 1600,
  clicksPerReader = [60, 250],
}: WorldOptions): World {
  const readerRandom = seededRandom(seed, 'readers');
  const itemRandom = seededRandom(seed, 'catalogue');
  const clickRandom = seededRandom(seed, 'clicks');
  const splits = SPLITS.flatMap((split) => Array<Split>(sizes[split]).fill(split));
  const readers = splits.map((split, index) => drawReader(index, split, readerRandom));
  const catalogue = Array.from({ length: items }, (_, index) => publish(index, itemRandom));
  const clicks = readers.map((reader) => drawClicks(reader, catalogue, clicksPerReader, clickRandom));
  return { seed, readers, catalogue, clicks };
}

/** The tasks of the paper: a headline for an article, a sentence to recommend a show, a reply in persona. */
export const TASKS = ['headline', 'recommend', 'reply'] as const;
export type Task = (typeof TASKS)[number];

export interface Example {
  readonly reader: Reader;
  readonly task: Task;
  readonly prompt: string;
  readonly target: string;
  /** One wording of the reader's text persona; a new one in every example. */
  readonly persona: string;
  /** Of the target, which in some 10 % of cases each are not the reader's top angle or tone. */
  readonly angle: Angle;
  readonly tone: Tone;
  /** What the prompt tells; absent for `reply`. */
  readonly story?: Story;
}

/** `count` examples: readers of the split, each used equally often, about stories of the split. */
export function examples(world: World, split: Split, task: Task, count: number, random: Random): Example[] {
  const readers = readersOf(world, split);
  let queue: Reader[] = [];
  return Array.from({ length: count }, () => {
    if (queue.length === 0) queue = random.shuffled(readers);
    return exampleFor(queue.pop()!, split, task, random);
  });
}

export function exampleFor(reader: Reader, split: Split, task: Task, random: Random): Example {
  const persona = personaOf(reader, random);
  const telling = tellingFor(reader, random);
  if (task === 'reply') return { reader, task, persona, ...telling, ...smallTalk(telling, random) };
  const story = drawStory(task === 'headline' ? 'article' : 'show', split, random);
  const prompt = storyPrompt(story, random);
  return { reader, task, persona, ...telling, story, prompt, target: tellStory(story, telling, random) };
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

const TASK_WEIGHTS = [0.45, 0.3, 0.25];
/** Of no, one … five follow-ups. */
const FOLLOW_UP_WEIGHTS = [1, 1, 1, 1, 1, 1];
/** Of the follow-ups about a story so many ask for a fact, which teaches to copy; the others for one more text. */
const FACT_QUESTIONS = 0.6;

/**
 * One chat for pretraining the base model, from readers and stories of the `pretrain` split. Half of them open with a
 * persona that the texts follow; the others have none, so that the model also learns the population's mixture. After
 * the first text come up to five follow-ups: reading a long prompt once has to pay.
 */
export function pretrainingDocument(world: World, random: Random): Message[] {
  const reader = random.pick(readersOf(world, 'pretrain'));
  const task = TASKS[random.weighted(TASK_WEIGHTS)]!;
  const example = exampleFor(reader, 'pretrain', task, random);
  const followUps = Array.from({ length: random.weighted(FOLLOW_UP_WEIGHTS) }, () =>
    followUp(example, random),
  );
  return [...conversation(example, random.next() < 0.5), ...followUps.flatMap(turns)];
}

/** More small talk, one more text about the story, or a question for one of its facts. */
function followUp({ reader, story }: Example, random: Random): Turn {
  const telling = tellingFor(reader, random);
  if (story === undefined) return smallTalk(telling, random);
  if (random.next() < FACT_QUESTIONS) return factQuestion(story, random);
  return { prompt: random.pick(MORE), target: tellStory(story, telling, random) };
}

/** The example as a chat, with or without its text persona as the system message. */
export function conversation(example: Example, withPersona: boolean): Message[] {
  return [...(withPersona ? [{ role: 'system' as const, content: example.persona }] : []), ...turns(example)];
}

/** A question and its answer. */
type Turn = Pick<Example, 'prompt' | 'target'>;

function turns({ prompt, target }: Turn): Message[] {
  return [
    { role: 'user', content: prompt },
    { role: 'assistant', content: target },
  ];
}

const readersBySplit = new WeakMap<World, Map<Split, readonly Reader[]>>();

export function readersOf(world: World, split: Split): readonly Reader[] {
  const known = readersBySplit.get(world) ?? new Map<Split, readonly Reader[]>();
  readersBySplit.set(world, known);
  const readers = known.get(split) ?? world.readers.filter((reader) => reader.split === split);
  known.set(split, readers);
  if (readers.length === 0)
    throw new E2PError('invalid-argument', `the world has no readers in split ${split}`);
  return readers;
}
