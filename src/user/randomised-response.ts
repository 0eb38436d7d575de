/**
 * k-ary randomised response (Kairouz, Bonawitz & Ramage, ICML 2016): with probability γ the true answer, else one of all k drawn evenly,
 * where γ = (e^ε − 1) / (e^ε + k − 1). Whoever reads the answer can tell any two true answers apart by a factor of e^ε at most.
 *
 * Everything that is drawn is a whole number of 32 bits, and γ a whole number of 2⁻³², rounded down: the factor is exactly what
 * {@link exactEpsilon} says, never above ε, and no rounding of a float shows through (Mironov, CCS 2012).
 */

const RANGE = 2 ** 32;

/** Whole numbers from 0 below 2³². */
export type RandomBits = () => number;

const systemRandom: RandomBits = () => crypto.getRandomValues(new Uint32Array(1))[0]!;

/** γ in units of 2⁻³²; one below what a rounded exponential could exceed. */
export function truthThreshold(epsilon: number, k: number): number {
  const gain = Math.expm1(epsilon);
  return Math.max(0, Math.floor((gain / (gain + k)) * RANGE) - 1);
}

/** γ, exactly. */
export const truthShare = (epsilon: number, k: number): number => truthThreshold(epsilon, k) / RANGE;

/** The ε that the threshold really has. */
export function exactEpsilon(epsilon: number, k: number): number {
  const gamma = truthShare(epsilon, k);
  return Math.log1p((k * gamma) / (1 - gamma));
}

/** @param value true answer, from 0 below k */
export function randomise(
  value: number,
  k: number,
  threshold: number,
  random: RandomBits = systemRandom,
): number {
  // Both are drawn in either case: how long it takes says nothing.
  const isTrue = random() < threshold;
  const other = drawBelow(k, random);
  return isTrue ? value : other;
}

/** Evenly from 0 below k: what is beyond the last whole multiple of k is drawn again, since a remainder alone would favour the low. */
export function drawBelow(k: number, random: RandomBits): number {
  const end = RANGE - (RANGE % k);
  let drawn = random();
  while (drawn >= end) drawn = random();
  return drawn % k;
}
