/**
 * From logits to the next token. The steps and their order are those of Hugging Face's generate():
 * repetition penalty, temperature, top-k, top-p, min-p; what is left is normalised and drawn from.
 */
import { E2PError } from '../error.ts';
import { HIGHEST, type Highest } from '../runtime/gpu-highest.ts';
import { candidates, draw, drawnOfFew, type Scores, scratch } from './distribution.ts';
import { peaksOf } from './highest.ts';
import { tried } from './rejection.ts';

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
 * @throws E2PError `backend-faulty` for NaN, +∞, or where all are ruled out
 */
function checked(scores: Float32Array, ids?: ArrayLike<number>): Scores {
  const { peaks, best } = peaksOf(scores);
  const highest = scores[best] ?? Number.NaN;
  if (!Number.isFinite(highest)) throw noNumber(highest);
  return { scores, ids, best, peaks };
}

/** Of a whole row: a logit, or their logarithm of the sum of exponentials, which is finite where the row is one. */
export const noNumber = (found: number): E2PError =>
  new E2PError(
    'backend-faulty',
    found === Number.NEGATIVE_INFINITY
      ? 'every logit is −∞, expected a token that may come'
      : `a logit is ${found === Number.POSITIVE_INFINITY ? '∞' : 'NaN'}, expected a number`,
  );

/**
 * `logits` [V] is not changed; `history` are the ids of the whole sequence so far.
 * @param allowed the only ids that may come next, at least one; default: all
 * @throws E2PError `backend-faulty` where they are no numbers: an answer made of them would be token 0 for ever
 */
export function scoresOf(
  logits: Float32Array,
  options: SamplingOptions,
  history: Iterable<number>,
  allowed?: ArrayLike<number>,
): Scores {
  const all = checked(penalised(logits, options.repetitionPenalty, history));
  return allowed === undefined ? all : checked(picked(all.scores, allowed), allowed);
}

/** Whether the highest logits tell as much as all, to the last bit, where nothing but these options is asked for. */
export const needsFew = ({ temperature, topK, repetitionPenalty }: SamplingOptions): boolean =>
  repetitionPenalty === 1 && (temperature === 0 || (topK > 0 && topK <= HIGHEST));

/** As {@link scoresOf}, of the highest of more logits than those. */
export const scoresAmong = ({ ids, values }: Highest): Scores => checked(values, ids);

/** The id of the next token. The vocabulary is read a few times, never sorted, and nothing of its size is written. */
export function choose(
  given: Scores,
  options: SamplingOptions,
  random: () => number,
  held: Float64Array = scratch(),
): number {
  if (options.temperature === 0) return given.ids?.[given.best] ?? given.best;
  return (
    drawnOfFew(given, options, random) ??
    tried(given, options, random, held) ??
    draw(candidates(given, options, held), random)
  );
}

/** Where a model rules all of them out, they are equally probable: one has to come. */
function picked(scores: Float32Array, ids: ArrayLike<number>): Float32Array {
  const values = Float32Array.from(ids, (id) => scores[id]!);
  return values.every((value) => value === Number.NEGATIVE_INFINITY) ? values.fill(0) : values;
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

/** log softmax(logits)[id]. @throws E2PError `backend-faulty` where they are no numbers */
export function logProbability(logits: Float32Array, id: number): number {
  const max = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(max)) throw noNumber(max);
  const sum = logits.reduce((total, v) => total + Math.exp(v - max), 0);
  return logits[id]! - max - Math.log(sum);
}
