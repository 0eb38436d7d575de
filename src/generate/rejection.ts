/**
 * One of a whole vocabulary, drawn by rejection (von Neumann): a draw from what is easy to draw from is taken with the probability that makes up for
 * the difference, so that the distribution is exact, and hardly any exponentials are made. Of a nucleus only where a draw lies in it has to be known.
 */
import {
  BUCKETS,
  candidates,
  draw,
  factorOf,
  farthestOf,
  PARTS,
  type Scores,
  visit,
  weightOf,
} from './distribution.ts';
import { BLOCK } from './highest.ts';
import type { SamplingOptions } from './sampling.ts';

/** One in so many blocks' worth is taken at the least; so many in vain are next to impossible. */
const MOST_TRIES = 8 * BLOCK;

/**
 * A block is picked as often as if all of its scores were its highest, one of its scores, all alike, and that is taken as often as its weight says
 * beside that of the highest, and if no filter leaves it out; else another. What is taken follows the distribution, and so does what is drawn from
 * all where none was taken. Few exponentials are made, and few scores are read.
 */
export function tried(
  given: Scores,
  options: SamplingOptions,
  random: () => number,
  held: Float64Array,
): number | undefined {
  const { scores, ids, best, peaks } = given;
  if (options.topK > 0) return undefined;
  const factor = factorOf(options);
  const top = scores[best]!;
  const farthest = options.minP > 0 ? Math.min(BUCKETS, farthestOf(options.minP)) : BUCKETS;
  const ends = new Float64Array(peaks.length);
  let all = 0;
  for (let block = 0; block < peaks.length; block++) {
    const below = factor * (top - peaks[block]!);
    if (below < BUCKETS) all += sizeOf(scores, block) * weightOf(below);
    ends[block] = all;
  }
  let nucleus: Nucleus | undefined;
  for (let i = 0; i < MOST_TRIES; i++) {
    const block = firstAbove(ends, random() * all);
    const place = block * BLOCK + Math.floor(random() * sizeOf(scores, block));
    const below = factor * (top - scores[place]!);
    const under = factor * (peaks[block]! - scores[place]!);
    if (!(below < BUCKETS) || below > farthest || random() >= weightOf(under)) continue;
    if (options.topP < 1) {
      nucleus ??= nucleusIn(given, factor, options.topP, held);
      const distance = nucleus.factor * (top - scores[place]!);
      if (distance >= nucleus.outside) continue;
      if (distance >= nucleus.inside) {
        const left = candidates(given, options, held);
        let isLeft = false;
        visit(left, Math.floor(below), (at) => {
          isLeft = at === place;
          return at >= place;
        });
        if (!isLeft) return draw(left, random);
      }
    }
    return ids?.[place] ?? place;
  }
  return undefined;
}

const sizeOf = (scores: Float32Array, block: number): number =>
  Math.min(BLOCK, scores.length - block * BLOCK);

/** The first of sums in order that is above a value below the last. */
function firstAbove(sums: Float64Array, value: number): number {
  let [from, to] = [0, sums.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sums[middle]! > value) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** Scores less than `inside` below the highest are in the nucleus, from `outside` on none is; by `factor` of how far below. */
export interface Nucleus {
  readonly factor: number;
  readonly inside: number;
  readonly outside: number;
}

/** Of all that is weighed, at most so much is in blocks that are not read. */
const UNREAD = 1 / 1024;

/** Of so many scores here and there the lowest tells how far buckets have to reach. */
const SAMPLES = 256;

/**
 * By numbers in buckets alone, which are as fine as the scores are flat: few lie between inside and outside. Blocks whose highest weighs next to
 * nothing are passed over.
 */
export function nucleusIn(
  { scores, best, peaks }: Scores,
  factor: number,
  share: number,
  counts: Float64Array,
): Nucleus {
  const top = scores[best]!;
  let [least, far] = [0, 0];
  for (let block = 0; block < peaks.length; block++) {
    const below = factor * (top - peaks[block]!);
    if (below < BUCKETS) least += weightOf(below);
  }
  for (let i = 0; i < scores.length; i += Math.ceil(scores.length / SAMPLES)) {
    const below = factor * (top - scores[i]!);
    if (below < BUCKETS) far = Math.max(far, below);
  }
  // What all together weigh is at least that of the blocks' highest.
  const unread = UNREAD * least;
  const read = Math.min(BUCKETS, farthestOf(unread / scores.length));
  const reach = Math.min(BUCKETS, 1.25 * far + 1);
  const finer = Math.min(factor * (BUCKETS / reach), Number.MAX_VALUE);
  counts.fill(0);
  let behind = 0;
  for (let block = 0; block < peaks.length; block++) {
    if (!(factor * (top - peaks[block]!) < read)) continue;
    const end = block * BLOCK + sizeOf(scores, block);
    let i = block * BLOCK;
    // By fours, which takes half of the time.
    for (; i + 4 <= end; i += 4) {
      const a = finer * (top - scores[i]!);
      const b = finer * (top - scores[i + 1]!);
      const c = finer * (top - scores[i + 2]!);
      const d = finer * (top - scores[i + 3]!);
      if (a < BUCKETS && b < BUCKETS && c < BUCKETS && d < BUCKETS) {
        counts[a | 0]!++;
        counts[b | 0]!++;
        counts[c | 0]!++;
        counts[d | 0]!++;
      } else {
        behind += counted(counts, a) + counted(counts, b) + counted(counts, c) + counted(counts, d);
      }
    }
    for (; i < end; i++) behind += counted(counts, finer * (top - scores[i]!));
  }
  // What one in a bucket weighs is at most its edge, and at least the next one's.
  const part = Math.exp(-reach / PARTS / BUCKETS);
  let [all, edge] = [0, 1];
  for (let bucket = 0; bucket < BUCKETS; bucket++, edge *= part) {
    counts[bucket]! *= edge;
    all += counts[bucket]!;
  }
  const most = all + unread + behind * edge;
  let [bucket, before, inside] = [0, 0, 0];
  edge = 1;
  for (; bucket < BUCKETS && part * before < share * most; bucket++, edge *= part) {
    before += counts[bucket]!;
    // Of a bucket the last one has the others before it.
    if (before + unread - edge < share * part * all) inside = bucket + 1;
  }
  return { factor: finer, inside, outside: bucket === BUCKETS ? Number.POSITIVE_INFINITY : bucket };
}

/** How many are behind the last bucket, of one. */
function counted(counts: Float64Array, below: number): number {
  if (!(below < BUCKETS)) return 1;
  counts[below | 0]!++;
  return 0;
}
