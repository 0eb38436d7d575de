/**
 * What a training with noise has told of any one person: Rényi differential privacy of the Gaussian mechanism on a Poisson sample (Mironov, Talwar and
 * Zhang, arXiv 1908.10530), added up over the steps, then as (ε, δ) (Canonne, Kamath and Steinke, arXiv 2004.00010, proposition 12). An upper bound, for
 * a person being there or not. The same orders and formulas as Google's dp-accounting and Opacus.
 */
import { logNormalBelow } from '../projector/erf.ts';
import { bisect } from '../user/gaussian-mechanism.ts';

/** Steps of a training with noise. */
export interface NoisySteps {
  /** Probability of each person to be in a step, above 0, at most 1. */
  readonly sampling: number;
  /** Standard deviation of the noise on the sum, in lengths that one person's gradient is clipped to. */
  readonly noise: number;
  readonly steps: number;
}

const ORDERS = [
  ...Array.from({ length: 99 }, (_, i) => 1 + (i + 1) / 10),
  ...Array.from({ length: 53 }, (_, i) => 11 + i),
  ...[128, 256, 512, 1024],
];
/** Terms of a series that may not converge: then its order is left out. */
const MOST_TERMS = 1000;

/** ε at this δ. */
export function epsilonOfSteps({ sampling, noise, steps }: NoisySteps, delta: number): number {
  return ORDERS.reduce((least, order) => {
    const loss = steps * renyiLoss(sampling, noise, order);
    // δ ≤ √(1 − e^−KL) holds without any ε.
    if (delta ** 2 + Math.expm1(-loss) > 0) return 0;
    const epsilon = loss + Math.log1p(-1 / order) - Math.log(delta * order) / (order - 1);
    return Math.min(least, Math.max(0, epsilon));
  }, Infinity);
}

/** The least noise that keeps ε at this δ over so many steps, to a thousandth of itself. */
export function noiseFor(
  { epsilon, delta }: { readonly epsilon: number; readonly delta: number },
  { sampling, steps }: Pick<NoisySteps, 'sampling' | 'steps'>,
): number {
  // ε falls with noise, and is not finite without any.
  return bisect(
    (noise) => (noise < LEAST_NOISE ? 1 : epsilonOfSteps({ sampling, noise, steps }, delta) - epsilon),
    1e-4,
  );
}

/** With less the series mean nothing. */
const LEAST_NOISE = 0.1;

/** Rényi divergence of this order that one step adds. */
export function renyiLoss(q: number, noise: number, order: number): number {
  if (q === 1) return order / (2 * noise ** 2);
  const log = Number.isInteger(order) ? logMoment(q, noise, order) : logFractional(q, noise, order);
  return log / (order - 1);
}

/** ln Σ_k C(α, k) (1 − q)^(α − k) q^k e^((k² − k) / 2σ²) */
function logMoment(q: number, noise: number, order: number): number {
  let [sum, binomial] = [-Infinity, 0];
  for (let k = 0; k <= order; k++) {
    const term = binomial + k * Math.log(q) + (order - k) * Math.log1p(-q) + (k * k - k) / (2 * noise ** 2);
    sum = logAdd(sum, term);
    binomial += Math.log(order - k) - Math.log(k + 1);
  }
  return sum;
}

/** Both halves of the integral as series, section 3.3; the coefficients' signs alternate beyond α, and their sizes are added, which bounds them. */
function logFractional(q: number, noise: number, order: number): number {
  const z0 = noise ** 2 * Math.log(1 / q - 1) + 0.5;
  let [sum, binomial] = [-Infinity, 0];
  let [last0, last1] = [-Infinity, -Infinity];
  for (let i = 0; i < MOST_TERMS; i++) {
    const j = order - i;
    const of = (k: number, other: number, below: number) =>
      binomial +
      k * Math.log(q) +
      other * Math.log1p(-q) +
      (k * k - k) / (2 * noise ** 2) +
      logNormalBelow(below);
    const s0 = of(i, j, (z0 - i) / noise);
    const s1 = of(j, i, (j - z0) / noise);
    sum = logAdd(sum, logAdd(s0, s1));
    if (s0 < last0 && s1 < last1 && Math.max(s0, s1) < sum - 30) return sum;
    [last0, last1] = [s0, s1];
    binomial += Math.log(Math.abs(order - i)) - Math.log(i + 1);
  }
  return Infinity;
}

function logAdd(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}
