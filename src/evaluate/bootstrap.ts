/**
 * Paired bootstrap over users (Efron & Tibshirani 1993, percentile interval). Users differ far more among each
 * other than conditions do, so a difference is taken within each user first, and users are what is resampled.
 */
import { seededRandom } from '../generate/sampling.ts';

/** A mean with its interval. */
export interface Interval {
  /** Of what was measured, not of the resamples. */
  readonly mean: number;
  /** Both NaN (null in JSON) where nothing can be told: of one user alone, or where the interval would have no width. */
  readonly low: number;
  readonly high: number;
}

/** Whether there is an interval. */
export const isTold = ({ low, high }: Interval): boolean => low < high;

/** Widths below this share of the bounds are rounding. */
const NO_WIDTH = 1e-12;

/** How an interval is drawn. */
export interface BootstrapOptions {
  /** Default 2,000. */
  readonly resamples?: number;
  /** Coverage; default 0.95. */
  readonly confidence?: number;
  /** Of the resamples; default 1. */
  readonly seed?: number;
}

/** Numbers by training seed, shuffle and user; every seed has the same shuffles and users. */
export type Runs = readonly (readonly (readonly number[])[])[];

/**
 * Mean over users, weighted, of the mean over seeds and shuffles. Users, seeds and shuffles within a seed are all drawn anew in each
 * resample (Owen, "The pigeonhole bootstrap", AOAS 2007). A few seeds say little of the spread over all seeds. Of one user seeds and
 * shuffles would still give an interval, but it would say nothing of other users: there is none.
 */
export function bootstrapRuns(
  runs: Runs,
  weights: readonly number[] = runs[0]![0]!.map(() => 1),
  { resamples = 2000, confidence = 0.95, seed = 1 }: BootstrapOptions = {},
): Interval {
  const random = seededRandom(seed);
  const draw = (count: number) => (count === 1 ? 0 : Math.floor(random() * count));
  const users = weights.length;
  const overUsers = (values: readonly number[], picked: Iterable<number>): number => {
    let [sum, weight] = [0, 0];
    for (const at of picked) {
      sum += values[at]! * weights[at]!;
      weight += weights[at]!;
    }
    return sum / weight;
  };
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const resample = (): number => {
    const picked = Array.from({ length: users }, () => Math.floor(random() * users));
    return average(
      runs.map(() => {
        const shuffles = runs[draw(runs.length)]!;
        return average(shuffles.map(() => overUsers(shuffles[draw(shuffles.length)]!, picked)));
      }),
    );
  };
  const mean = average(
    runs.map((shuffles) => average(shuffles.map((values) => overUsers(values, values.keys())))),
  );
  const untold = { mean, low: Number.NaN, high: Number.NaN };
  if (users < 2) return untold;
  const means = Float64Array.from({ length: resamples }, resample).sort();
  const tail = (1 - confidence) / 2;
  const quantile = (q: number) =>
    means[Math.min(resamples - 1, Math.max(0, Math.round(q * (resamples - 1))))]!;
  const [low, high] = [quantile(tail), quantile(1 - tail)];
  return high - low > NO_WIDTH * Math.max(Math.abs(low), Math.abs(high)) ? { mean, low, high } : untold;
}

/** One number per user → their weighted mean with its interval. Weights (e.g. target tokens) default to 1. */
export const bootstrapMean = (
  values: readonly number[],
  weights?: readonly number[],
  options?: BootstrapOptions,
): Interval => bootstrapRuns([[values]], weights, options);

/** As {@link bootstrapMean}, of a − b within each user. Negative = a is lower. */
export function pairedDifference(
  a: readonly number[],
  b: readonly number[],
  weights?: readonly number[],
  options?: BootstrapOptions,
): Interval {
  return bootstrapMean(
    a.map((v, i) => v - b[i]!),
    weights,
    options,
  );
}
