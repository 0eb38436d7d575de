/**
 * From logits to the next token. The steps and their order are those of Hugging Face's generate():
 * repetition penalty, temperature, top-k, top-p, min-p; what is left is normalised and drawn from.
 */
import { E2PError } from '../error.ts';
import { HIGHEST, type Highest } from '../runtime/gpu-highest.ts';

export interface SamplingOptions {
  /** 0 = greedy: the most probable token, and top-k, top-p, min-p are without effect. */
  readonly temperature: number;
  /** Keep the k most probable tokens; 0 = all. */
  readonly topK: number;
  /** Keep the smallest set of tokens whose probability reaches p (Holtzman et al., arXiv 1904.09751); 1 = all. */
  readonly topP: number;
  /** Keep tokens at least this fraction of the most probable one (arXiv 2407.01082); 0 = all. */
  readonly minP: number;
  /** Divides positive and multiplies negative logits of tokens already there (CTRL, arXiv 1909.05858); 1 = off. */
  readonly repetitionPenalty: number;
}

export const GREEDY: SamplingOptions = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };

/** @throws E2PError `invalid-argument` naming the option. */
export function checkSampling(options: SamplingOptions): void {
  const check = (name: keyof SamplingOptions, valid: boolean, expected: string) => {
    if (!valid) {
      throw new E2PError('invalid-argument', `${name} is ${options[name]}, expected ${expected}`);
    }
  };
  const { temperature, topK, topP, minP, repetitionPenalty } = options;
  check('temperature', temperature >= 0 && Number.isFinite(temperature), 'a number from 0');
  check('topK', Number.isInteger(topK) && topK >= 0, 'a whole number from 0');
  check('topP', topP > 0 && topP <= 1, 'a number in (0, 1]');
  check('minP', minP >= 0 && minP <= 1, 'a number in [0, 1]');
  check(
    'repetitionPenalty',
    repetitionPenalty > 0 && Number.isFinite(repetitionPenalty),
    'a positive number',
  );
}

/**
 * −∞ is a token that a model rules out.
 * @returns the id of the highest, of equal ones the earliest
 * @throws E2PError `backend-faulty` for NaN, +∞, or where all are ruled out
 */
function checkNumbers(logits: Float32Array): number {
  let [best, highest] = [0, Number.NEGATIVE_INFINITY];
  for (let id = 0; id < logits.length; id++) {
    const value = logits[id]!;
    if (value > highest) {
      best = id;
      highest = value;
    } else if (Number.isNaN(value)) throw noNumber(value);
  }
  if (!Number.isFinite(highest)) throw noNumber(highest);
  return best;
}

/** Of a whole row: a logit, or their logarithm of the sum of exponentials, which is finite where the row is one. */
export const noNumber = (found: number): E2PError =>
  new E2PError(
    'backend-faulty',
    found === Number.NEGATIVE_INFINITY
      ? 'every logit is −∞, expected a token that may come'
      : `a logit is ${found === Number.POSITIVE_INFINITY ? '∞' : 'NaN'}, expected a number`,
  );

/** Up to so many, a vocabulary is read once and not sorted. */
const MOST_INSERTED = 256;

/** Tokens, in no order, and how probable each is to come next: 0 where a filter left it out, 1 in all. */
export interface Candidates {
  readonly ids: Uint32Array;
  readonly probabilities: Float64Array;
}

/** Memory that one answer takes again for every token: new arrays of the size of a vocabulary make the garbage collector run. */
export class Scratch {
  #all = { ids: indices(0), weights: new Float64Array(0), buckets: new Uint16Array(0) };

  /** Of one size: ids in order, weights 0. */
  of(count: number) {
    if (this.#all.ids.length === count) this.#all.weights.fill(0);
    else {
      this.#all = {
        ids: indices(count),
        weights: new Float64Array(count),
        buckets: new Uint16Array(count),
      };
    }
    return this.#all;
  }
}

/**
 * `logits` [V] is not changed; `history` are the ids of the whole sequence so far. The vocabulary is read a few times and never sorted.
 * @param allowed the only ids that may come next, at least one; default: all
 * @param scratch what is returned lies in it, until it is used again
 * @throws E2PError `backend-faulty` where they are no numbers: an answer made of them would be token 0 for ever
 */
export function candidates(
  logits: Float32Array,
  options: SamplingOptions,
  history: Iterable<number>,
  allowed?: ArrayLike<number>,
  scratch: Scratch = new Scratch(),
): Candidates {
  const best = checkNumbers(logits);
  const all = penalised(logits, options.repetitionPenalty, history);
  if (allowed === undefined) return among(all, all === logits ? best : argmax(all), options, scratch);
  const some = picked(all, allowed);
  const { ids, probabilities } = among(some, argmax(some), options, scratch);
  return { ids: ids.map((at) => allowed[at]!), probabilities };
}

/** Whether the highest logits tell as much as all, to the last bit, where nothing but these options is asked for. */
export const needsFew = ({ temperature, topK, repetitionPenalty }: SamplingOptions): boolean =>
  repetitionPenalty === 1 && (temperature === 0 || (topK > 0 && topK <= HIGHEST));

/** As {@link candidates}, of the highest of more logits than those. */
export function candidatesAmong({ ids, values }: Highest, options: SamplingOptions): Candidates {
  const best = checkNumbers(values);
  const { ids: ranks, probabilities } = among(values, best, options, new Scratch());
  return { ids: ranks.map((rank) => ids[rank]!), probabilities };
}

/** By index in `scores`. */
function among(
  scores: Float32Array,
  best: number,
  { temperature, topK, topP, minP }: SamplingOptions,
  scratch: Scratch,
): Candidates {
  if (temperature === 0) return { ids: Uint32Array.of(best), probabilities: Float64Array.of(1) };
  const isFew = topK > 0 && topK < scores.length;
  const { ids, weights, buckets } = scratch.of(isFew ? topK : scores.length);
  const pool = isFew ? Uint32Array.from(highest(scores, topK)) : ids;
  const top = scores[best]!;
  for (let i = 0; i < pool.length; i++) {
    const below = (PARTS / temperature) * (top - scores[pool[i]!]!);
    // Also of what is ruled out.
    if (!(below < LAST)) {
      buckets[i] = LAST;
      continue;
    }
    const bucket = below | 0;
    const rest = (below - bucket) / PARTS;
    buckets[i] = bucket;
    weights[i] = POWERS[bucket]! * (1 - rest * (1 - (rest / 2) * (1 - (rest / 3) * (1 - rest / 4))));
  }
  if (topP < 1) keepNucleus(buckets, weights, topP);
  if (minP > 0) for (let i = 0; i < weights.length; i++) if (weights[i]! < minP) weights[i] = 0;
  return { ids: pool, probabilities: normalised(weights) };
}

/**
 * A token's weight is its probability over that of the most probable one, and its bucket tells how many sixty-fourths of a nat that is below 1.
 * So its exponential is that of the bucket and a short series, right to 1e-11, where logits are known to 1e-7. 64 nats below weigh nothing.
 */
const PARTS = 64;
const LAST = 64 * PARTS;
const POWERS = Float64Array.from({ length: LAST }, (_, bucket) => Math.exp(-bucket / PARTS));

/** Zero for all but the fewest weights that hold `share` of their sum; of equal ones the earlier stay. Only the bucket at the edge is sorted. */
function keepNucleus(buckets: Uint16Array, weights: Float64Array, share: number): void {
  const held = new Float64Array(LAST + 1);
  for (let i = 0; i < buckets.length; i++) held[buckets[i]!]! += weights[i]!;
  let missing = share * sumOf(held);
  let edge = 0;
  while (edge < LAST && held[edge]! < missing) missing -= held[edge++]!;
  const border: number[] = [];
  for (let i = 0; i < buckets.length; i++) {
    const bucket = buckets[i]!;
    if (bucket === edge) border.push(i);
    else if (bucket > edge) weights[i] = 0;
  }
  border.sort((a, b) => weights[b]! - weights[a]! || a - b);
  for (const i of border) {
    const weight = weights[i]!;
    if (missing <= 0) weights[i] = 0;
    missing -= weight;
  }
}

/** Where a model rules all of them out, they are equally probable: one has to come. */
function picked(scores: Float32Array, ids: ArrayLike<number>): Float32Array {
  const values = Float32Array.from(ids, (id) => scores[id]!);
  return values.every((value) => value === Number.NEGATIVE_INFINITY) ? values.fill(0) : values;
}

/** Indices of the k highest values, the highest first; of equal ones the earlier first. */
export function highest(values: Float32Array, k: number): number[] {
  if (k >= values.length) return inOrder(values, Array.from(values.keys()));
  if (k > MOST_INSERTED) {
    const least = values.slice().sort().at(-k)!;
    const found: number[] = [];
    for (let i = 0; i < values.length; i++) if (values[i]! >= least) found.push(i);
    return inOrder(values, found).slice(0, k);
  }
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (best.length === k && value <= least) continue;
    if (best.length === k) best.pop();
    let at = best.length;
    while (at > 0 && values[best[at - 1]!]! < value) at--;
    best.splice(at, 0, i);
    least = values[best.at(-1)!]!;
  }
  return best;
}

const inOrder = (values: Float32Array, ids: number[]) => ids.sort((a, b) => values[b]! - values[a]! || a - b);

/** Draws one candidate; `random` gives numbers in [0, 1). */
export function draw({ ids, probabilities }: Candidates, random: () => number): number {
  let rest = random();
  let last = 0;
  for (let i = 0; i < ids.length && rest >= 0; i++) {
    const probability = probabilities[i]!;
    if (probability === 0) continue;
    rest -= probability;
    last = i;
  }
  return ids[last]!;
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

function penalised(logits: Float32Array, penalty: number, history: Iterable<number>): Float32Array {
  if (penalty === 1) return logits;
  const scores = logits.slice();
  for (const id of new Set(history)) {
    const score = scores[id];
    if (score !== undefined) scores[id] = score > 0 ? score / penalty : score * penalty;
  }
  return scores;
}

function indices(count: number): Uint32Array {
  const all = new Uint32Array(count);
  for (let i = 0; i < count; i++) all[i] = i;
  return all;
}

/** In place. */
function normalised(weights: Float64Array): Float64Array {
  const factor = 1 / sumOf(weights);
  for (let i = 0; i < weights.length; i++) weights[i]! *= factor;
  return weights;
}

function sumOf(weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]!;
  return sum;
}
