/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101) over flat float32 arrays. Think of all parameters of a model as
 * one long vector; the state has two more of the same length. Everything is changed in place.
 */
export interface AdamWState {
  /** Updates made so far. */
  step: number;
  /** Running mean of the gradient, and of its square. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

export interface AdamWOptions {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decoupled: each update also shrinks a parameter by learningRate · weightDecay of itself. */
  readonly weightDecay?: number;
  /** Ranges [from, to) that do not decay (gains of norms, biases). */
  readonly undecayed?: readonly (readonly [from: number, to: number])[];
}

/** Moments of zero. @param size number of parameters */
export function createAdamW(size: number): AdamWState {
  return { step: 0, mean: new Float32Array(size), square: new Float32Array(size) };
}

/** One update of `parameters` against `gradient`, with bias-corrected moments. */
export function adamWStep(
  parameters: Float32Array,
  gradient: Float32Array,
  state: AdamWState,
  {
    learningRate,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    weightDecay = 0.01,
    undecayed = [],
  }: AdamWOptions,
): void {
  state.step++;
  const { mean, square, step } = state;
  const rate = learningRate / (1 - beta1 ** step);
  const correction = 1 / (1 - beta2 ** step);
  const update = (from: number, to: number, kept: number) => {
    for (let i = from; i < to; i++) {
      const g = gradient[i]!;
      const m = beta1 * mean[i]! + (1 - beta1) * g;
      const s = beta2 * square[i]! + (1 - beta2) * g * g;
      mean[i] = m;
      square[i] = s;
      parameters[i] = kept * parameters[i]! - (rate * m) / (Math.sqrt(s * correction) + epsilon);
    }
  };
  const decayed = 1 - learningRate * weightDecay;
  let at = 0;
  for (const [from, to] of [...undecayed].sort((a, b) => a[0] - b[0])) {
    update(at, from, decayed);
    update(from, to, 1);
    at = to;
  }
  update(at, parameters.length, decayed);
}

/** What gradients of a training are clipped to. */
export const MAX_GRADIENT_NORM = 1;

/**
 * Scales a gradient down to `maxNorm` (Euclidean, over all of it) where it is longer.
 * @returns the norm before clipping; not finite where the gradient is not
 */
export function clipGradient(gradient: Float32Array, maxNorm: number): number {
  let sum = 0;
  for (const g of gradient) sum += g * g;
  const norm = Math.sqrt(sum);
  if (norm > maxNorm && Number.isFinite(norm)) {
    const scale = maxNorm / norm;
    for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i]! * scale;
  }
  return norm;
}
