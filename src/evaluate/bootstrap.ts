/**
 * Paired bootstrap over users (Efron & Tibshirani 1993, percentile interval). Users differ far more among each
 * other than conditions do, so a difference is taken within each user first, and users are what is resampled.
 */
import { seededRandom } from '../generate/sampling.ts';

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Default 2,000. */
  readonly resamples?: number;
  /** Coverage; default 0.95. */
  readonly confidence?: number;
  readonly seed?: number;
}

/** One number per user → their weighted mean with its interval. Weights (e.g. target tokens) default to 1. */
export function bootstrapMean(
  values: readonly number[],
  weights: readonly number[] = values.map(() => 1),
  { resamples = 2000, confidence = 0.95, seed = 1 }: BootstrapOptions = {},
): Interval {
  const random = seededRandom(seed);
  const n = values.length;
  const mean = (pick: (i: number) => number): number => {
    let sum = 0;
    let weight = 0;
    for (let i = 0; i < n; i++) {
      const at = pick(i);
      sum += values[at]! * weights[at]!;
      weight += weights[at]!;
    }
    return sum / weight;
  };
  const means = Float64Array.from({ length: resamples }, () => mean(() => Math.floor(random() * n))).sort();
  const tail = (1 - confidence) / 2;
  const quantile = (q: number) =>
    means[Math.min(resamples - 1, Math.max(0, Math.round(q * (resamples - 1))))]!;
  return { mean: mean((i) => i), low: quantile(tail), high: quantile(1 - tail) };
}

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
