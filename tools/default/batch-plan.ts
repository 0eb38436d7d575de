/**
 * Which documents are trained on together. One document is one row, so none sees another; rows of a batch have
 * one of a few lengths, and shorter documents are padded at the end. Pure and seeded: the same documents and seed
 * give the same plan, which is how a resumed run knows what it has seen.
 */
import { E2PError } from '../../src/node.ts';
import type { Random } from '../world/random.ts';

export type TokenIds = Uint16Array | Int32Array;

/** Rows [rows, length], as the pretraining graph takes them; a row that is missing has no weight. */
export interface PlannedBatch {
  readonly length: number;
  readonly rows: number;
  /** Indices of documents, at most `rows`. */
  readonly documents: readonly number[];
}

export interface BatchPlanOptions {
  readonly documents: readonly TokenIds[];
  /** Row lengths, ascending; the longest document must fit the last. */
  readonly lengths: readonly number[];
  /** Rows in a batch of rows of this length. */
  readonly rowsOf: (length: number) => number;
  readonly random: Random;
}

/** One pass over all documents, in random order. */
export function planBatches({ documents, lengths, rowsOf, random }: BatchPlanOptions): PlannedBatch[] {
  const buckets = lengths.map((length) => ({ length, waiting: [] as number[] }));
  const batches: PlannedBatch[] = [];
  for (const index of random.shuffled([...documents.keys()])) {
    const size = documents[index]!.length;
    const bucket = buckets.find(({ length }) => size <= length);
    if (bucket === undefined) {
      const found = `document ${index} has ${size} tokens`;
      throw new E2PError('invalid-argument', `${found}, expected at most ${lengths.at(-1)}`);
    }
    bucket.waiting.push(index);
  }
  for (const { length, waiting } of buckets) {
    const rows = rowsOf(length);
    for (let at = 0; at < waiting.length; at += rows) {
      batches.push({ length, rows, documents: waiting.slice(at, at + rows) });
    }
  }
  return random.shuffled(batches);
}

/** Lengths in steps of `step` that the documents need: few distinct graphs, little padding. */
export function rowLengths(documents: readonly TokenIds[], step = 16): number[] {
  const needed = new Set(documents.map((ids) => Math.ceil(ids.length / step) * step));
  return [...needed].sort((a, b) => a - b);
}
