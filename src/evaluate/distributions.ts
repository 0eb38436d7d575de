/**
 * The few quantiles and tail probabilities that intervals and tests need, to about 12 digits (t: 6), so that no library of statistics comes
 * into the command line for them. Checked against SciPy.
 */
import { erf, logErfc } from '../projector/erf.ts';

/** 1 − erf(x), to 12 digits where it is small. */
export const erfc = (x: number): number => (x < 2 ? 1 - erf(x) : Math.exp(logErfc(x)));

/** P(Z ≤ z). */
export const normalCdf = (z: number): number => erfc(-z / Math.SQRT2) / 2;

/** z with P(Z ≤ z) = p, for 0 < p < 1. */
export function normalQuantile(p: number): number {
  // In the lower half the tail is exact.
  if (p > 0.5) return -normalQuantile(1 - p);
  let [low, high] = [-40, 0];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** As {@link normalQuantile}, of Student's t: Cornish-Fisher (Abramowitz & Stegun 26.7.5). Within 10⁻⁵ for 20 degrees of freedom or more. */
export function tQuantile(p: number, degrees: number): number {
  const z = normalQuantile(p);
  const s = z * z;
  const terms = [
    (z * (s + 1)) / 4,
    (z * (s * (5 * s + 16) + 3)) / 96,
    (z * (s * (s * (3 * s + 19) + 17) - 15)) / 384,
    (z * (s * (s * (s * (79 * s + 776) + 1482) - 1920) - 945)) / 92_160,
  ];
  return terms.reduce((sum, term, i) => sum + term / degrees ** (i + 1), z);
}

/** P(X ≥ x) of a chi-square with one degree of freedom. */
export const chiSquareTail = (x: number): number => erfc(Math.sqrt(x / 2));
