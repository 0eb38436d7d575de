/**
 * The few quantiles and tail probabilities that intervals and tests need, to about 12 digits (t: 6), so that no library of statistics comes
 * into the command line for them. Checked against SciPy.
 */

/** 1 − erf(x). A series of positive terms near 0, a continued fraction in the tail (Abramowitz & Stegun 7.1.6, 7.1.14). */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) {
    let [term, sum] = [x, x];
    for (let n = 1; term > 1e-17 * sum; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = x;
  for (let n = 120; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}

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
