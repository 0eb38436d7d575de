/**
 * Which examples make up which batch, and what chance decides at a step: all of it follows from the seed and a number, with
 * nothing carried along. So a training that was interrupted goes on exactly as it would have.
 */
import { E2PError } from '../error.ts';
import { seededRandom } from '../generate/sampling.ts';

/** Batches are drawn from this many batches' worth of shuffled examples at a time, sorted by length: little padding. */
const BATCHES_PER_POOL = 16;

/** Numbers in [0, 1) for the n-th occasion of a purpose. */
export function randomAt(
  seed: number,
  purpose: 'epoch' | 'pool' | 'step' | 'start' | 'align',
  n: number,
): () => number {
  const salt = {
    epoch: 0x1b873593,
    pool: 0xcc9e2d51,
    step: 0x85ebca6b,
    start: 0xc2b2ae35,
    align: 0x27d4eb2f,
  }[purpose];
  const random = seededRandom((Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(n + 1, salt)) >>> 0);
  // Neighbouring seeds of this generator begin alike.
  for (let i = 0; i < 4; i++) random();
  return random;
}

/**
 * The n-th batch of an endless sequence in which every example comes once before any comes again, with rows of about one
 * length side by side.
 * @throws E2PError `invalid-argument` where there are fewer examples than a batch
 */
export function createBatches<T>(
  examples: readonly T[],
  batch: number,
  lengthOf: (example: T) => number,
  seed: number,
): (n: number) => readonly T[] {
  if (examples.length < batch) {
    throw new E2PError(
      'invalid-argument',
      `${examples.length} examples, expected at least a batch of ${batch}`,
    );
  }
  const epochs = new Map<number, readonly T[]>();
  const epoch = (e: number): readonly T[] => {
    const found = epochs.get(e) ?? shuffled(examples, randomAt(seed, 'epoch', e));
    // A pool spans two, or more of very few examples.
    for (const old of epochs.keys()) if (old < e - 1) epochs.delete(old);
    epochs.set(e, found);
    return found;
  };
  const poolSize = batch * BATCHES_PER_POOL;
  let pool: { readonly number: number; readonly batches: readonly (readonly T[])[] } | undefined;
  return (n) => {
    const number = Math.floor(n / BATCHES_PER_POOL);
    if (pool?.number !== number) {
      const picked = Array.from({ length: poolSize }, (_, i) => {
        const at = number * poolSize + i;
        return epoch(Math.floor(at / examples.length))[at % examples.length]!;
      });
      picked.sort((a, b) => lengthOf(a) - lengthOf(b));
      const starts = Array.from({ length: BATCHES_PER_POOL }, (_, i) => i * batch);
      const order = shuffled(starts, randomAt(seed, 'pool', number));
      pool = { number, batches: order.map((start) => picked.slice(start, start + batch)) };
    }
    return pool.batches[n % BATCHES_PER_POOL]!;
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** A standard normal number (Box and Muller 1958). */
export function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
