/**
 * Which examples make up which batch, and what chance decides at a step: all of it follows from the seed and a number, with
 * nothing carried along. So a training that was interrupted goes on exactly as it would have.
 */
import { E2PError } from '../error.ts';
import { seededRandom } from '../generate/sampling.ts';

/** Batches are made of this many batches' worth of shuffled examples at a time, sorted by length: little padding. */
const BATCHES_PER_POOL = 32;

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
 * length side by side. Batches of one length follow each other, since each length has a graph of its own, which takes time to make; the
 * lengths come in random order.
 * @param lengthOf the padded length
 * @throws E2PError `invalid-argument` where there are fewer examples than a batch
 */
export function createBatches<T>(
  examples: readonly T[],
  batch: number,
  lengthOf: (example: T) => number,
  seed: number,
): (n: number) => readonly T[] {
  const { length } = examples;
  if (length < batch) {
    throw new E2PError('invalid-argument', `${length} examples, expected at least a batch of ${batch}`);
  }
  const epochs = new Map<number, readonly T[]>();
  const epoch = (e: number): readonly T[] => {
    const found = epochs.get(e) ?? shuffled(examples, randomAt(seed, 'epoch', e));
    // A batch spans two at most.
    for (const old of epochs.keys()) if (old < e - 1) epochs.delete(old);
    epochs.set(e, found);
    return found;
  };
  const inOrder = (from: number, to: number) =>
    Array.from({ length: (to - from) * batch }, (_, i) => {
      const at = from * batch + i;
      return epoch(Math.floor(at / length))[at % length]!;
    });
  let pool: { readonly from: number; readonly batches: readonly (readonly T[])[] } | undefined;
  return (n) => {
    const e = Math.floor((n * batch) / length);
    // Batches that lie within this epoch.
    const [first, end] = [Math.ceil((e * length) / batch), Math.floor(((e + 1) * length) / batch)];
    // The end of one epoch and the beginning of the next.
    if (n >= end) return inOrder(n, n + 1);
    const from = n - ((n - first) % BATCHES_PER_POOL);
    if (pool?.from !== from) {
      const to = Math.min(from + BATCHES_PER_POOL, end);
      const picked = inOrder(from, to).sort((a, b) => lengthOf(a) - lengthOf(b));
      const batches = Array.from({ length: to - from }, (_, i) => picked.slice(i * batch, (i + 1) * batch));
      pool = { from, batches: byLength(shuffled(batches, randomAt(seed, 'pool', from)), lengthOf) };
    }
    return pool.batches[n - from]!;
  };
}

/** Those of one length together, the lengths in the order in which they first come. */
function byLength<T>(batches: readonly (readonly T[])[], lengthOf: (example: T) => number) {
  const groups = new Map<number, (readonly T[])[]>();
  for (const batch of batches) {
    const length = Math.max(...batch.map(lengthOf));
    groups.set(length, [...(groups.get(length) ?? []), batch]);
  }
  return [...groups.values()].flat();
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
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
