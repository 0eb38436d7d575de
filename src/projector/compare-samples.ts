/**
 * Are two samples the same weights in two precisions? Each number is then within half a step of either quantisation, and
 * the share that is not is the statistic. Weights that moved by a part d of their size, seen through steps s, are beyond in
 * a share of about E|d| / s, however small d is: a mean or a cosine would drown it in the error of the quantisation.
 */
import type { WeightSample } from '../model/weight-samples.ts';

export interface Tally {
  /** Numbers that lie farther apart than their precision explains. */
  readonly beyond: number;
  readonly compared: number;
}

/** Rounding to float16, of a file and of a stored sample: relative, and for the smallest numbers. */
const FLOAT_ERROR = 2 ** -10;
const FLOAT_STEP = 2 ** -22;
/** Scales are rounded too. */
const STEP_ERROR = 1.01;

/** Of two lengths, the last numbers of the longer one. */
export function compareSamples(a: WeightSample, b: WeightSample): Tally {
  const count = Math.min(a.values.length, b.values.length);
  const [atA, atB] = [a.values.length - count, b.values.length - count];
  let [beyond, compared] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [x, y] = [a.values[atA + i]!, b.values[atB + i]!];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    const halves = ((a.steps[atA + i]! + b.steps[atB + i]!) / 2) * STEP_ERROR;
    const explained = halves + FLOAT_ERROR * Math.max(Math.abs(x), Math.abs(y)) + FLOAT_STEP;
    compared++;
    if (Math.abs(x - y) > explained) beyond++;
  }
  return { beyond, compared };
}

/** The best of the comparisons with each of `candidates`, at least one. */
export function compareNearest(sample: WeightSample, candidates: readonly WeightSample[]): Tally {
  return candidates
    .map((candidate) => compareSamples(sample, candidate))
    .reduce((best, t) => (t.beyond * best.compared < best.beyond * t.compared ? t : best));
}

export function addTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (sum, t) => ({ beyond: sum.beyond + t.beyond, compared: sum.compared + t.compared }),
    { beyond: 0, compared: 0 },
  );
}
