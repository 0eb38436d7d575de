import { foldIn, loadSentenceEncoder } from '../../src/node.ts';
import { factorize, type Users } from '../../src/train.ts';
import { ALS_WEIGHTS, embeddingOf, embedReaders } from '../../tools/world/embed.ts';
import { personaOf } from '../../tools/world/persona.ts';
import { type Random, seededRandom } from '../../tools/world/random.ts';
import type { Reader } from '../../tools/world/reader.ts';
import type { World } from '../../tools/world/world.ts';
import { ENCODER_DIM, encodeSentences } from '../persona-chat/encode.ts';
import { gaussian, randomRotation, times } from './populations.ts';

const CACHE = '.cache/align';
export const LINES = 2;

/** A space: a vector for each reader, and for each anchor. */
export interface Space {
  readonly dim: number;
  of(reader: Reader): Float32Array;
  readonly anchors: Users;
}

/** Readers whom nothing is measured on. */
export const known = (world: World) =>
  world.readers.filter(({ split }) => split === 'pretrain' || split === 'train');

export const usersOf = (readers: readonly Reader[], of: Space['of'], dim: number): Users => ({
  rows: new Map(readers.map((reader) => [reader.id, of(reader)])),
  dim,
});

export interface AlsOptions {
  /** Of the random start; absent: the space of the default model. */
  readonly label?: string;
  readonly dim?: number;
  /** Of the readers that it is fitted on. */
  readonly share?: number;
}

export function alsSpace(world: World, { label, dim = 32, share = 1 }: AlsOptions): Space {
  const all = known(world);
  if (label === undefined) {
    const embeddings = embedReaders(world, { dim });
    const of = ({ index }: Reader) => embeddingOf(embeddings, index);
    return { dim, of, anchors: usersOf(all, of, dim) };
  }
  const random = seededRandom(world.seed, label);
  const some = random.shuffled(all).slice(0, Math.round(share * all.length));
  const { items, gram } = factorize({
    ...{ ...ALS_WEIGHTS, clicks: some.map(({ index }) => world.clicks[index]!), dim, iterations: 6 },
    ...{ itemCount: world.catalogue.length, random: random.next },
  });
  const of = ({ index }: Reader) =>
    foldIn({ ...ALS_WEIGHTS, items, gram, dim, clicks: world.clicks[index]! });
  return { dim, of, anchors: usersOf(all, of, dim) };
}

/** Another space that has the old one turned, and noise beside it: how much of it is missed is in our hands. */
export function noisySpace(own: Space, world: World, noise: number, random: Random): Space {
  const rotation = randomRotation(own.dim, random);
  const rows = [...own.anchors.rows.values()];
  const mean = Array.from({ length: own.dim }, (_, i) =>
    rows.reduce((sum, row) => sum + row[i]! / rows.length, 0),
  );
  const deviation = mean.map((m, i) =>
    Math.sqrt((noise * rows.reduce((sum, row) => sum + (row[i]! - m) ** 2, 0)) / rows.length),
  );
  const made = new Map(
    world.readers.map((reader) => [
      reader.index,
      times(
        own.of(reader).map((v, i) => v + deviation[i]! * gaussian(random)),
        rotation,
      ),
    ]),
  );
  const of = ({ index }: Reader) => made.get(index)!;
  return { dim: own.dim, of, anchors: usersOf(known(world), of, own.dim) };
}

export type Lines = ReadonlyMap<number, readonly string[]>;

/** Some lines about each reader, as words. */
export function personas(world: World): Lines {
  const random = seededRandom(world.seed, 'align personas');
  const readers = world.readers.filter(({ split }) => split === 'train' || split === 'test');
  return new Map(
    readers.map((reader) => [reader.index, Array.from({ length: LINES }, () => personaOf(reader, random))]),
  );
}

/** A reader is the mean of their lines; anchors are lines, so that nobody's data is needed to align. */
export function textSpace(lines: Lines, vectors: ReadonlyMap<string, Float32Array>, dim: number): Space {
  const of = ({ index }: Reader) => {
    const own = lines.get(index)!.map((line) => vectors.get(line)!);
    return Float32Array.from({ length: dim }, (_, i) => own.reduce((sum, v) => sum + v[i]! / own.length, 0));
  };
  return { dim, of, anchors: { rows: vectors, dim } };
}

export const distinct = (lines: Lines): string[] => [...new Set([...lines.values()].flat())].sort();

export async function miniSpace(folder: string, pooling: 'mean' | 'cls', lines: Lines): Promise<Space> {
  const encoder = await loadSentenceEncoder({ id: folder, pooling });
  const texts = distinct(lines);
  const all = await encoder.encode(texts);
  await encoder.release();
  const { dim } = encoder;
  console.error(`${texts.length} lines, ${pooling} pooling`);
  return textSpace(lines, new Map(texts.map((line, i) => [line, all.slice(i * dim, (i + 1) * dim)])), dim);
}

export const useSpace = async (lines: Lines): Promise<Space> =>
  textSpace(lines, await encodeSentences(distinct(lines), CACHE), ENCODER_DIM);
