/**
 * From logits to the next token. The steps and their order are those of Hugging Face's generate():
 * repetition penalty, temperature, top-k, top-p, min-p; what is left is normalised and drawn from.
 */
import { E2PError } from '../error.ts';

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

/** −∞ is a token that a model rules out. */
function checkNumbers(logits: Float32Array): void {
  for (const value of logits) {
    if (value < Number.POSITIVE_INFINITY) continue;
    throw new E2PError(
      'backend-faulty',
      `a logit is ${value}, expected a number: the device computes the model wrongly, or a value in it overflows`,
    );
  }
}

/** Up to so many, a vocabulary is read once and not sorted. */
const MOST_INSERTED = 256;

/** Tokens that may come next, most probable first, with probabilities that sum to 1. */
export interface Candidates {
  readonly ids: readonly number[];
  readonly probabilities: readonly number[];
}

/**
 * `logits` [V] is not changed; `history` are the ids of the whole sequence so far.
 * @param allowed the only ids that may come next, at least one; default: all
 * @throws E2PError `backend-faulty` where they are no numbers: an answer made of them would be token 0 for ever
 */
export function candidates(
  logits: Float32Array,
  options: SamplingOptions,
  history: Iterable<number>,
  allowed?: ArrayLike<number>,
): Candidates {
  checkNumbers(logits);
  const all = penalised(logits, options.repetitionPenalty, history);
  if (allowed === undefined) return among(all, options);
  const { ids, probabilities } = among(picked(all, allowed), options);
  return { ids: ids.map((at) => allowed[at]!), probabilities };
}

/** By index in `scores`. */
function among(scores: Float32Array, options: SamplingOptions): Candidates {
  if (options.temperature === 0) return { ids: [argmax(scores)], probabilities: [1] };

  let kept = highest(scores, options.topK > 0 ? options.topK : scores.length);
  let weights = softmax(kept.map((id) => scores[id]! / options.temperature));
  if (options.topP < 1) {
    let sum = 0;
    const end = weights.findIndex((p) => {
      sum += p;
      return sum >= options.topP;
    });
    if (end >= 0) kept = kept.slice(0, end + 1);
    weights = normalised(weights.slice(0, kept.length));
  }
  if (options.minP > 0) {
    const floor = options.minP * weights[0]!;
    const end = weights.findIndex((p) => p < floor);
    if (end > 0) kept = kept.slice(0, end);
    weights = normalised(weights.slice(0, kept.length));
  }
  return { ids: kept, probabilities: weights };
}

/** Where a model rules all of them out, they are equally probable: one has to come. */
function picked(scores: Float32Array, ids: ArrayLike<number>): Float32Array {
  const values = Float32Array.from(ids, (id) => scores[id]!);
  return values.every((value) => value === Number.NEGATIVE_INFINITY) ? values.fill(0) : values;
}

/** Indices of the k highest values, the highest first; of equal ones the earlier first. */
export function highest(values: Float32Array, k: number): number[] {
  if (k > MOST_INSERTED) {
    const order = Array.from(values.keys());
    return order.sort((a, b) => values[b]! - values[a]! || a - b).slice(0, k);
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

/** Draws one candidate; `random` gives numbers in [0, 1). */
export function draw({ ids, probabilities }: Candidates, random: () => number): number {
  let rest = random();
  for (let i = 0; i < ids.length - 1; i++) {
    rest -= probabilities[i]!;
    if (rest < 0) return ids[i]!;
  }
  return ids[ids.length - 1]!;
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

function softmax(scores: readonly number[]): number[] {
  return normalised(scores.map((s) => Math.exp(s - scores[0]!)));
}

function normalised(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
}
