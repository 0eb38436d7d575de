/** The readers of the default world as users and examples, with embeddings of any quality. */
import { type ChatMessage, foldIn } from '../../src/node.ts';
import { ALS_WEIGHTS, type ReaderEmbeddings } from '../../tools/world/embed.ts';
import { type Random, seededRandom } from '../../tools/world/random.ts';
import type { Reader } from '../../tools/world/reader.ts';
import { type Example, examples, readersOf, TASKS, type World } from '../../tools/world/world.ts';
import type { People } from '../study.ts';

/** A user's embedding, and under which id: several of one reader are several users in one group. */
export type Views = (reader: Reader) => readonly Float32Array[];

export interface ReadersOptions {
  readonly world: World;
  readonly split: 'train' | 'test';
  /** Of each task. */
  readonly perTask: number;
  readonly views: Views;
  /** How an example is asked; default: as it is. */
  readonly ask?: (prompt: string) => readonly ChatMessage[];
}

export const asked = (prompt: string): readonly ChatMessage[] => [{ role: 'user', content: prompt }];

/** The same examples in the same order, whatever the embeddings and the wording. */
export function readersAsPeople({ world, split, perTask, views, ask = asked }: ReadersOptions): People {
  const rows = new Map<string, Float32Array>();
  const count = new Map<number, number>();
  for (const reader of readersOf(world, split)) {
    const found = views(reader);
    count.set(reader.index, found.length);
    for (const [view, row] of found.entries()) rows.set(`${reader.id}.${view}`, row);
  }
  const random = seededRandom(world.seed, `ablate ${split}`);
  const drawn: Example[] = TASKS.flatMap((task) => examples(world, split, task, perTask, random));
  return {
    users: { rows, dim: rows.values().next().value!.length },
    examples: drawn.map(({ reader, prompt, target, persona }, i) => ({
      ...{ user: `${reader.id}.${i % count.get(reader.index)!}`, group: reader.id, target, persona },
      ...{ messages: ask(prompt), line: i + 1 },
    })),
  };
}

export const foldedIn = ({ items, gram, dim }: ReaderEmbeddings, clicks: readonly number[]): Float32Array =>
  foldIn({ ...ALS_WEIGHTS, items, gram, dim, clicks });

/** `count` clicks of somebody, or all. */
export const someClicks = (clicks: readonly number[], count: number, random: Random): readonly number[] =>
  random.shuffled(clicks).slice(0, count);

/**
 * Clicks of somebody whose interests changed into those of `reader`: `share` of them since then, the others from when they were those
 * of the next reader.
 */
export function changedClicks(
  world: World,
  reader: Reader,
  share: number,
  random: Random,
): readonly number[] {
  const readers = readersOf(world, reader.split);
  const before = readers[(readers.indexOf(reader) + 1) % readers.length]!;
  const [now, then] = [reader, before].map(({ index }) => world.clicks[index]!) as [number[], number[]];
  const count = Math.min(now.length, then.length);
  const since = Math.round(share * count);
  return [...someClicks(now, since, random), ...someClicks(then, count - since, random)];
}
