/**
 * The projector: user embedding [dim] → K soft tokens [H]. Its weights are few, so it runs in plain JavaScript
 * beside the model, and a user embedding is never handed to any other component.
 *
 *   x = (embedding − mean) / scale
 *   y = Linear(GELU(Linear(LayerNorm(x))))           [K·H]; with hidden = 0 just Linear(LayerNorm(x))
 *   soft_k = y_k / rms(y_k) · outputRms · gain_k
 *
 * The layers are ours; the paper's abstract (arXiv 2505.17051) says "a learned projection" and no more. Tensor
 * names are those of a PyTorch module with `norm`, `fc1` (not where linear), `fc2` and `gain`.
 */
import { E2PError } from '../error.ts';
import { type ProjectorContract, parseContract } from './contract.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from './safetensors.ts';

export interface ProjectorWeights {
  readonly normWeight: Float32Array;
  readonly normBias: Float32Array;
  /** [hidden, dim]; empty in a linear projector, as its bias */
  readonly fc1Weight: Float32Array;
  readonly fc1Bias: Float32Array;
  /** [K·H, hidden], or [K·H, dim] */
  readonly fc2Weight: Float32Array;
  readonly fc2Bias: Float32Array;
  /** [K] */
  readonly gain: Float32Array;
}

export interface Projector {
  readonly contract: ProjectorContract;
  /** Width of the hidden layer; 0 = none, the projector is linear. */
  readonly hidden: number;
  readonly weights: ProjectorWeights;
}

/** PyTorch's default, for LayerNorm; also keeps rms away from 0. */
export const NORM_EPSILON = 1e-5;

/** @throws E2PError `invalid-projector` */
export function readProjector(bytes: Uint8Array, fileName = 'projector.safetensors'): Projector {
  const { tensors, metadata } = readSafetensors(bytes, fileName);
  const contract = parseContract(metadata.e2p, fileName);
  const { dim } = contract.space;
  const outputs = contract.tokens * contract.model.hiddenSize;
  const hidden = tensors.get('fc1.weight')?.shape[0] ?? 0;
  const take = (name: string, shape: readonly number[]): Float32Array => {
    const tensor: NamedTensor | undefined = tensors.get(name);
    if (tensor?.shape.join() !== shape.join()) {
      const found = tensor === undefined ? 'nothing' : `[${tensor.shape.join(', ')}]`;
      throw new E2PError(
        'invalid-projector',
        `${fileName}: tensor ${name} is ${found}, expected [${shape.join(', ')}]`,
      );
    }
    return tensor.data;
  };
  return {
    contract,
    hidden,
    weights: {
      normWeight: take('norm.weight', [dim]),
      normBias: take('norm.bias', [dim]),
      fc1Weight: hidden > 0 ? take('fc1.weight', [hidden, dim]) : new Float32Array(0),
      fc1Bias: hidden > 0 ? take('fc1.bias', [hidden]) : new Float32Array(0),
      fc2Weight: take('fc2.weight', [outputs, hidden || dim]),
      fc2Bias: take('fc2.bias', [outputs]),
      gain: take('gain', [contract.tokens]),
    },
  };
}

export function writeProjector({ contract, hidden, weights }: Projector): Uint8Array {
  const { dim } = contract.space;
  const outputs = contract.tokens * contract.model.hiddenSize;
  const tensors = new Map<string, NamedTensor>([
    ['norm.weight', { shape: [dim], data: weights.normWeight }],
    ['norm.bias', { shape: [dim], data: weights.normBias }],
    ['fc2.weight', { shape: [outputs, hidden || dim], data: weights.fc2Weight }],
    ['fc2.bias', { shape: [outputs], data: weights.fc2Bias }],
    ['gain', { shape: [contract.tokens], data: weights.gain }],
  ]);
  if (hidden > 0) {
    tensors.set('fc1.weight', { shape: [hidden, dim], data: weights.fc1Weight });
    tensors.set('fc1.bias', { shape: [hidden], data: weights.fc1Bias });
  }
  return writeSafetensors({ tensors, metadata: { format: 'pt', e2p: JSON.stringify(contract) } });
}

/** K vectors [H] for an embedding [dim] that is known to be valid for the contract's space. */
export function project(projector: Projector, embedding: Float32Array): Float32Array[] {
  const { contract, hidden, weights } = projector;
  const { mean, scale, dim } = contract.space;
  const x = Float64Array.from(embedding, (v, i) => (v - mean[i]!) / scale[i]!);
  const normed = layerNorm(x, weights);
  const inner = hidden > 0 ? linear(normed, weights.fc1Weight, weights.fc1Bias, dim).map(gelu) : normed;
  const y = linear(inner, weights.fc2Weight, weights.fc2Bias, inner.length);
  const size = contract.model.hiddenSize;
  return Array.from({ length: contract.tokens }, (_, k) => {
    const token = y.subarray(k * size, (k + 1) * size);
    const rms = Math.sqrt(token.reduce((sum, v) => sum + v * v, 0) / size + NORM_EPSILON);
    return Float32Array.from(token, (v) => (v / rms) * contract.outputRms * weights.gain[k]!);
  });
}

/**
 * Soft tokens at a strength λ: soft(mean user) + λ · (soft(user) − soft(mean user)). 0 is the population,
 * 1 the user as trained; beyond 1 exaggerates.
 * @param modelScale the factor behind the model's lookup (√H in Gemma): a projector for the side in front of it gives
 * vectors that are multiplied like any token embedding, since soft tokens go in behind it
 */
export function projectAtStrength(
  projector: Projector,
  embedding: Float32Array,
  strength: number,
  modelScale = 1,
): Float32Array[] {
  const factor = projector.contract.scaleSide === 'preScale' ? modelScale : 1;
  const mean = project(projector, Float32Array.from(projector.contract.space.mean));
  const user = project(projector, embedding);
  return user.map((token, k) =>
    token.map((u, i) => {
      const m = mean[k]![i]!;
      // At 0 and 1 the very numbers, not their sums.
      return factor * (strength === 1 ? u : strength === 0 ? m : m + strength * (u - m));
    }),
  );
}

function layerNorm(x: Float64Array, { normWeight, normBias }: ProjectorWeights): Float64Array {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
  const factor = 1 / Math.sqrt(variance + NORM_EPSILON);
  return x.map((v, i) => (v - mean) * factor * normWeight[i]! + normBias[i]!);
}

function linear(x: Float64Array, weight: Float32Array, bias: Float32Array, inputs: number): Float64Array {
  return Float64Array.from(bias, (b, row) => {
    let sum = b;
    for (let i = 0; i < inputs; i++) sum += weight[row * inputs + i]! * x[i]!;
    return sum;
  });
}

/** x·Φ(x), the exact form (not the tanh approximation). */
function gelu(x: number): number {
  return 0.5 * x * (1 + erf(x / Math.SQRT2));
}

/** To double precision: the Maclaurin series near 0, beyond it 1 − the continued fraction of erfc (DLMF 7.9.4). */
export function erf(x: number): number {
  const t = x * x;
  if (t < 4) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= -t / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (Math.abs(x) + fraction);
  const erfc = Math.exp(-t) / (Math.sqrt(Math.PI) * (Math.abs(x) + fraction));
  return Math.sign(x) * (1 - erfc);
}
