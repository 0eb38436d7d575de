/**
 * How probable each token is to come next, without writing anything of the size of a vocabulary: a token's weight is its probability over that of the
 * most probable one, and tokens are counted by how many sixty-fourths of a nat that is below 1, their bucket.
 */
import { highestByPeaks } from './highest.ts';
import type { SamplingOptions } from './sampling.ts';

/** What is chosen from: scores, their ids (default: the places), the place of the highest, and the highest of each block. */
export interface Scores {
  readonly scores: Float32Array;
  readonly ids: ArrayLike<number> | undefined;
  readonly best: number;
  readonly peaks: Float32Array;
}

/** What filters leave, the beginning of the order by weight: all buckets before the last one, and the highest of that. */
export interface Candidates {
  readonly scores: Float32Array;
  /** By the place of a score; undefined: the id is the place. */
  readonly ids: ArrayLike<number> | undefined;
  /** The highest score. */
  readonly top: number;
  /** From how far a score is below that to its bucket. */
  readonly factor: number;
  /** What all that are left in a bucket weigh. */
  readonly held: Float64Array;
  /** The bucket that the last of them is in. */
  readonly edge: number;
  /** The lowest score that is left there, and how many that equal it: the first. */
  readonly least: number;
  readonly ties: number;
}

/**
 * An exponential is that of the bucket and a short series, right to 1e-11, where logits are known to 1e-7; that of the highest is 1. 64 nats below
 * weigh nothing.
 */
export const PARTS = 64;
export const BUCKETS = 64 * PARTS;
const POWERS = Float64Array.from({ length: BUCKETS }, (_, bucket) => Math.exp(-bucket / PARTS));

/** Of `below` buckets. */
export function weightOf(below: number): number {
  const bucket = below | 0;
  const rest = (below - bucket) / PARTS;
  return POWERS[bucket]! * (1 - rest * (1 - rest * (1 / 2 - rest * (1 / 6 - rest * (1 / 24)))));
}

/** Memory that one answer takes again for every token. */
export const scratch = (): Float64Array => new Float64Array(BUCKETS);

export const factorOf = ({ temperature }: SamplingOptions) => Math.min(PARTS / temperature, Number.MAX_VALUE);

/**
 * With a temperature above 0.
 * @param held of {@link scratch}: what is returned lies in it, until it is used again
 */
export function candidates(
  given: Scores,
  options: SamplingOptions,
  held: Float64Array = scratch(),
): Candidates {
  const { scores, ids, best } = narrowed(given, options.topK);
  const top = scores[best]!;
  const factor = factorOf(options);
  held.fill(0);
  let farthest = 0;
  for (let i = 0; i < scores.length; i++) {
    const below = factor * (top - scores[i]!);
    // Not of what is ruled out.
    if (!(below < BUCKETS)) continue;
    if (below > farthest) farthest = below;
    held[below | 0]! += weightOf(below);
  }
  const bounds = { edge: farthest | 0, least: Number.NEGATIVE_INFINITY, ties: 0 };
  const all = { scores, ids, top, factor, held, ...bounds };
  const nucleus = options.topP < 1 ? nucleusOf(all, options.topP) : all;
  return options.minP > 0 ? atLeast(nucleus, options.minP) : nucleus;
}

/** Of a few in order, where nothing else narrows them: without buckets, and the same token. */
export function drawnOfFew(
  given: Scores,
  options: SamplingOptions,
  random: () => number,
): number | undefined {
  const { topK, topP, minP } = options;
  if (topK === 0 || topK > FEW || topK >= given.scores.length || topP < 1 || minP > 0) return undefined;
  const places = highestByPeaks(given.scores, topK, given.peaks);
  const factor = factorOf(options);
  const top = given.scores[places[0]!]!;
  const weights = places.map((place) => {
    const below = factor * (top - given.scores[place]!);
    return below < BUCKETS ? weightOf(below) : 0;
  });
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
  let at = 0;
  while (rest >= weights[at]! && weights[at + 1]! > 0) rest -= weights[at++]!;
  const place = places[at]!;
  return given.ids?.[place] ?? place;
}

const FEW = 256;

function narrowed(given: Scores, k: number): Omit<Scores, 'peaks'> {
  const { scores, ids, peaks } = given;
  if (k === 0 || k >= scores.length) return given;
  const places = highestByPeaks(scores, k, peaks);
  const idsOf = places.map((place) => ids?.[place] ?? place);
  return { scores: Float32Array.from(places, (place) => scores[place]!), ids: idsOf, best: 0 };
}

/** The fewest that hold `share` of the whole weight; of equal ones the earlier stay. */
function nucleusOf(all: Candidates, share: number): Candidates {
  const { held, edge } = all;
  let missing = share * total(all);
  let bucket = 0;
  while (bucket < edge && held[bucket]! < missing) missing -= held[bucket++]!;
  return cut(all, bucket, (weight) => {
    const isMissing = missing > 0;
    missing -= weight;
    return isMissing;
  });
}

/** Buckets from the highest to this weight. */
export const farthestOf = (weight: number) => -PARTS * Math.log(weight);

/** Those of at least this weight. */
function atLeast(all: Candidates, weight: number): Candidates {
  const farthest = farthestOf(weight);
  return cut(all, Math.min(all.edge, Math.floor(farthest)), (_, below) => below <= farthest);
}

/** Without the buckets behind this one, and of this one, from the highest on, only while `takes` does. Only this one is sorted. */
function cut(all: Candidates, bucket: number, takes: (weight: number, below: number) => boolean): Candidates {
  const { scores, top, factor, held } = all;
  const found: number[] = [];
  visit(all, bucket, (place) => {
    found.push(scores[place]!);
    return false;
  });
  const sorted = Float32Array.from(found).sort();
  let from = sorted.length;
  let sum = 0;
  while (from > 0) {
    const below = factor * (top - sorted[from - 1]!);
    const weight = weightOf(below);
    if (!takes(weight, below)) break;
    sum += weight;
    from--;
  }
  held[bucket] = sum;
  const least = sorted[from] ?? Number.POSITIVE_INFINITY;
  return { ...all, edge: bucket, least, ties: sorted.subarray(from).lastIndexOf(least) + 1 };
}

/** The places of what is left in a bucket, in order, until `stops` says so. */
export function visit(
  { scores, top, factor, edge, least, ties }: Candidates,
  bucket: number,
  stops: (place: number, weight: number) => boolean,
): void {
  // Of what is behind the last bucket nothing is left.
  if (bucket > edge) return;
  let equals = 0;
  // A single comparison leaves out nearly all; it errs to the wide side.
  const middle = top - (bucket + 0.5) / factor;
  const reach = 0.51 / factor;
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    if (Math.abs(score - middle) > reach) continue;
    const below = factor * (top - score);
    if (Math.floor(below) !== bucket) continue;
    if (bucket === edge && (score < least || (score === least && ++equals > ties))) continue;
    if (stops(i, weightOf(below))) return;
  }
}

const total = ({ held, edge }: Candidates): number => {
  let sum = 0;
  for (let bucket = 0; bucket <= edge; bucket++) sum += held[bucket]!;
  return sum;
};

/** One of them; `random` gives numbers in [0, 1). */
export function draw(given: Candidates, random: () => number): number {
  const { held, edge, ids } = given;
  let bound = edge;
  while (held[bound] === 0) bound--;
  let rest = random() * total(given);
  let bucket = 0;
  while (bucket < bound && rest >= held[bucket]!) rest -= held[bucket++]!;
  // Where rounding leaves something over, the last there is.
  let last = 0;
  visit(given, bucket, (place, weight) => {
    last = place;
    rest -= weight;
    return rest < 0;
  });
  return ids?.[last] ?? last;
}
