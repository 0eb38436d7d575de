/**
 * An embedding that is shortened and blurred, with what that hides: the Gaussian mechanism, with the exact relation of noise and (ε, δ) of Balle & Wang
 * (arXiv 1805.06530). Whoever sees the result can tell any two people apart no better than (ε, δ) says, for each time that it is made anew from the
 * same person: results of several times tell more.
 */
import { E2PError } from '../error.ts';
import { logNormalBelow } from '../projector/erf.ts';

/** How an embedding is blurred. */
export interface GaussianMechanism {
  /** Longest deviation from the mean user, in standard deviations of the space; what is longer is shortened to it. */
  readonly clip: number;
  /** Standard deviation of the noise on each number, in standard deviations of the space. */
  readonly sigma: number;
}

/** What is known to everybody of the people whose embeddings are blurred: `contract.space` of a projector, and its `reference` where it has one. */
export interface Population {
  /** [dim], the mean user. */
  readonly mean: readonly number[];
  /** [dim], the standard deviation of each number. */
  readonly scale: readonly number[];
  /** Directions [r, dim] and the variance along each: noise is added along them, and weak ones are shrunk most. */
  readonly reference?:
    | { readonly eigenvectors: Float32Array; readonly eigenvalues: Float32Array }
    | undefined;
}

/** What the noise hides; any two clipped vectors are 2 · clip apart at most. */
export interface PrivacyLoss {
  readonly epsilon: number;
  /** Between 0 and 1, far below 1 ÷ the number of people. */
  readonly delta: number;
}

/**
 * The embedding [dim] with noise, then shrunk towards the mean user by as much as noise outweighs people in each direction, which tells nobody more.
 * @param components directions that are kept, of a population with a reference; default: all
 * @param random uniform in [0, 1); default: of the Web Crypto API, 53 bits. Floating-point numbers are not exactly Gaussian (Mironov 2012): what their last
 *   bits tell is not counted
 * @throws E2PError `invalid-argument`
 */
export function blur(
  values: Float32Array,
  population: Population,
  { clip, sigma, components }: GaussianMechanism & { readonly components?: number | undefined },
  random: () => number = secureRandom,
): Float32Array {
  if (values.length !== population.mean.length) {
    const found = `values: ${values.length} numbers`;
    throw new E2PError('invalid-argument', `${found}, expected ${population.mean.length}`);
  }
  checkPositive('clip', clip);
  checkPositive('sigma', sigma);
  return protect(values, population, { clip, sigma, components }, random);
}

/** As {@link blur}, where each of the three may be left out; all of it is known to be well. */
export function protect(
  values: Float32Array,
  { mean, scale, reference }: Population,
  {
    clip = Infinity,
    sigma = 0,
    components,
  }: Partial<GaussianMechanism> & { readonly components?: number | undefined },
  random: () => number = secureRandom,
): Float32Array {
  const shrunk = (numbers: Float64Array, variances: (k: number) => number): Float64Array => {
    const length = Math.hypot(...numbers);
    const factor = length > clip ? clip / length : 1;
    return numbers.map((v, k) => {
      const noisy = sigma === 0 ? factor * v : factor * v + sigma * normal(random);
      return (noisy * variances(k)) / (variances(k) + sigma ** 2);
    });
  };
  if (reference === undefined) {
    const deviation = Float64Array.from(values, (v, i) => (v - mean[i]!) / scale[i]!);
    const kept = shrunk(deviation, () => 1);
    return values.map((_, i) => mean[i]! + scale[i]! * kept[i]!);
  }
  const { eigenvectors, eigenvalues } = reference;
  const count = components ?? eigenvalues.length;
  // One unit for all directions: people are about as far from the mean, in it, as there are directions.
  const unit = Math.sqrt(eigenvalues.reduce((sum, v) => sum + v, 0) / eigenvalues.length);
  const along = Float64Array.from({ length: count }, (_, k) => {
    let sum = 0;
    for (const [i, v] of values.entries()) sum += eigenvectors[k * values.length + i]! * (v - mean[i]!);
    return sum / unit;
  });
  const kept = shrunk(along, (k) => eigenvalues[k]! / unit ** 2);
  return values.map((_, i) =>
    kept.reduce((sum, v, k) => sum + unit * v * eigenvectors[k * values.length + i]!, mean[i]!),
  );
}

/** ε at this δ of {@link blur}. @throws E2PError `invalid-argument` */
export function epsilonOf({ clip, sigma }: GaussianMechanism, delta: number): number {
  checkPositive('clip', clip);
  checkPositive('sigma', sigma);
  checkDelta(delta);
  // δ falls with ε.
  return bisect((epsilon) => deltaOf(epsilon, (2 * clip) / sigma) - delta);
}

/** The least noise that keeps this loss. @throws E2PError `invalid-argument` */
export function sigmaFor(clip: number, { epsilon, delta }: PrivacyLoss): number {
  checkPositive('clip', clip);
  checkPositive('epsilon', epsilon);
  checkDelta(delta);
  return bisect((sigma) => (sigma === 0 ? 1 : deltaOf(epsilon, (2 * clip) / sigma)) - delta);
}

/** δ(ε) for a sensitivity of `ratio` noise deviations: Φ(r/2 − ε/r) − e^ε Φ(−r/2 − ε/r). */
const deltaOf = (epsilon: number, ratio: number): number =>
  Math.exp(logNormalBelow(ratio / 2 - epsilon / ratio)) -
  Math.exp(epsilon + logNormalBelow(-ratio / 2 - epsilon / ratio));

/** Where a function that falls meets zero, from 0 up; the end of the last interval that is not below it. @param share of itself that it may be too large */
export function bisect(falling: (x: number) => number, share = 0): number {
  if (falling(0) <= 0) return 0;
  let [low, high] = [0, 1];
  while (falling(high) > 0) [low, high] = [high, high * 2];
  for (let i = 0; i < 100 && high - low > share * high; i++) {
    const middle = (low + high) / 2;
    if (falling(middle) > 0) low = middle;
    else high = middle;
  }
  return high;
}

/** Box and Muller 1958. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Uniform in [0, 1), 53 bits of the Web Crypto API, which is asked for many at once. */
export function secureRandom(): number {
  if (at === drawn.length) {
    crypto.getRandomValues(drawn);
    at = 0;
  }
  const [high, low] = [drawn[at]!, drawn[at + 1]!];
  // What noise was made of is not kept.
  drawn.fill(0, at, at + 2);
  at += 2;
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}
const drawn = new Uint32Array(1024);
let at = drawn.length;

export function checkPositive(field: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value)))
    throw new E2PError('invalid-argument', `${field} is ${value}, expected a number above 0`);
}

export function checkDelta(delta: number): void {
  if (!(delta > 0 && delta < 1))
    throw new E2PError('invalid-argument', `delta is ${delta}, expected a number between 0 and 1`);
}
