/**
 * The projector: user embedding [dim] → K soft tokens [H]; a user who is a set of vectors gets K for each. Its weights are
 * few, so it runs in plain JavaScript beside the model, and a user embedding is never handed to any other component.
 *
 *   x = (embedding − mean) / scale
 *   n = LayerNorm(x)
 *   where gated: n_s ← n_s · m_s · 2σ(w_s·n + b_s), for the block of each source, m_s = 1 where it is known of, else 0
 *   y = Linear(GELU(Linear(n)))                      [K·D]; with hidden = 0 just Linear(n); where residual + Skip·n
 *   t_k = y_k, or anchored in the vocabulary: Σ_a p_a E_a with p = softmax_a(exp(sharpness) · cos(y_k, key_a))
 *   soft_k = t_k / rms(t_k) · outputRms · gain_k
 *   where the key nearest to y is that of a phrase, its tokens instead: E_b for each token b of it
 *
 * E_a are token embeddings of the base model; D = H, or the size of the keys. A free vector stands between the words that the
 * model knows; a mixture of few of them is followed more often where embeddings are about words. A key is E_a itself, or what
 * the sentence encoder makes of the word: then y need not learn where each word lies among token embeddings. A phrase is a word or a
 * few that are several tokens ("karaoke", "stained glass"), which no mixture of tokens can say. The layers are ours;
 * the paper's abstract (arXiv 2505.17051) says "a learned projection" and no more. Tensor names are those of a PyTorch module with
 * `norm`, `fc1` (not where linear), `fc2`, `skip` (where residual), `gate` (where gated) and `gain`; `anchor.ids`, `anchor.keys`, `anchor.phrases` and
 * `sharpness` where anchored.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Runtime } from '../runtime/runtime.ts';
import {
  type Anchors,
  anchorCount,
  anchorRows,
  anchorTensors,
  mixture,
  nearestPhrase,
  readAnchors,
  scoresOf,
} from './anchors.ts';
import { type ProjectorContract, parseContract } from './contract.ts';
import { erf } from './erf.ts';
import { readReference, referenceTensors, type SpaceReference } from './reference.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from './safetensors.ts';

export interface ProjectorWeights {
  readonly normWeight: Float32Array;
  readonly normBias: Float32Array;
  /** [hidden, dim]; empty in a linear projector, as its bias */
  readonly fc1Weight: Float32Array;
  readonly fc1Bias: Float32Array;
  /** [K·D, hidden], or [K·D, dim] */
  readonly fc2Weight: Float32Array;
  readonly fc2Bias: Float32Array;
  /** [K] */
  readonly gain: Float32Array;
  /** [K·D, dim] where residual, else empty */
  readonly skipWeight: Float32Array;
  /** [1] where anchored, else empty */
  readonly sharpness: Float32Array;
  /** [S, dim] where gated, else absent */
  readonly gateWeight?: Float32Array;
  /** [S] where gated, else absent */
  readonly gateBias?: Float32Array;
}

/** A projector as its file has it. */
export interface Projector {
  readonly contract: ProjectorContract;
  /** Width of the hidden layer; 0 = none, the projector is linear. */
  readonly hidden: number;
  readonly weights: ProjectorWeights;
  /** Absent: the output is a free vector. */
  readonly anchors?: Anchors;
  /** Of the training users; absent in files of before, and where training left it out: then nobody's drift is seen. */
  readonly reference?: SpaceReference;
}

/** PyTorch's default, for LayerNorm; also keeps rms away from 0. */
export const NORM_EPSILON = 1e-5;

/** @throws E2PError `invalid-projector` */
export function readProjector(bytes: Uint8Array, fileName = 'projector.safetensors'): Projector {
  const { tensors, metadata } = readSafetensors(bytes, fileName);
  const contract = parseContract(metadata.e2p, fileName);
  const { dim, sources } = contract.space;
  const anchors = readAnchors(tensors, contract, fileName);
  const outputs = contract.tokens * outputSize({ contract, ...(anchors && { anchors }) });
  const hidden = tensors.get('fc1.weight')?.shape[0] ?? 0;
  const residual = tensors.has('skip.weight');
  const reference = readReference(tensors, dim, fileName);
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
    ...(anchors && { anchors }),
    ...(reference && { reference }),
    weights: {
      normWeight: take('norm.weight', [dim]),
      normBias: take('norm.bias', [dim]),
      fc1Weight: hidden > 0 ? take('fc1.weight', [hidden, dim]) : new Float32Array(0),
      fc1Bias: hidden > 0 ? take('fc1.bias', [hidden]) : new Float32Array(0),
      fc2Weight: take('fc2.weight', [outputs, hidden || dim]),
      fc2Bias: take('fc2.bias', [outputs]),
      gain: take('gain', [contract.tokens]),
      skipWeight: residual ? take('skip.weight', [outputs, dim]) : new Float32Array(0),
      sharpness: anchors ? take('sharpness', [1]) : new Float32Array(0),
      ...(sources?.gated && {
        gateWeight: take('gate.weight', [sources.widths.length, dim]),
        gateBias: take('gate.bias', [sources.widths.length]),
      }),
    },
  };
}

/** D: numbers that the layers give out for each soft token. */
export const outputSize = ({ contract, anchors }: Pick<Projector, 'contract' | 'anchors'>): number =>
  anchors?.keys ? anchors.keys.length / anchorCount(anchors) : contract.model.hiddenSize;

/** The projector with the embeddings it is anchored in, read from its base model; as it is where it is anchored in none. */
export async function withAnchorRows(
  projector: Projector,
  model: Pick<BaseModel, 'tokenEmbeddings'>,
  runtime: Runtime,
): Promise<Projector> {
  const { anchors } = projector;
  if (anchors === undefined || anchors.rows !== undefined) return projector;
  return { ...projector, anchors: { ...anchors, rows: await anchorRows(anchors, model, runtime) } };
}

/** The bytes of a safetensors file, the contract in its metadata. */
export function writeProjector(projector: Projector): Uint8Array {
  const { contract, hidden, weights, anchors, reference } = projector;
  const { dim } = contract.space;
  const outputs = contract.tokens * outputSize(projector);
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
  if (weights.skipWeight.length > 0)
    tensors.set('skip.weight', { shape: [outputs, dim], data: weights.skipWeight });
  if (weights.gateWeight && weights.gateBias) {
    const count = weights.gateBias.length;
    tensors.set('gate.weight', { shape: [count, dim], data: weights.gateWeight });
    tensors.set('gate.bias', { shape: [count], data: weights.gateBias });
  }
  if (anchors !== undefined) {
    for (const [name, tensor] of anchorTensors(anchors)) tensors.set(name, tensor);
    tensors.set('sharpness', { shape: [1], data: weights.sharpness });
  }
  if (reference !== undefined)
    for (const [name, tensor] of referenceTensors(reference, dim)) tensors.set(name, tensor);
  return writeSafetensors({ tensors, metadata: { format: 'pt', e2p: JSON.stringify(contract) } });
}

/**
 * The vectors [dim] of a user, each once and in an order of their own: a set has none, so that it does not matter in
 * which order an app hands them over.
 * @param values [n, dim], one row behind the other
 */
export function vectorsOf(values: Float32Array, dim: number): Float32Array[] {
  const rows = Array.from({ length: values.length / dim }, (_, n) => values.subarray(n * dim, (n + 1) * dim));
  const compare = (a: Float32Array, b: Float32Array): number => {
    const at = a.findIndex((v, i) => v !== b[i]);
    return at < 0 ? 0 : a[at]! - b[at]!;
  };
  rows.sort(compare);
  return rows.filter((row, i) => i === 0 || compare(row, rows[i - 1]!) !== 0);
}

/**
 * K vectors [H] for each vector of a user, or as many as its phrase has tokens; `values` [n, dim] known to be valid for the
 * contract's space.
 * @throws E2PError `invalid-projector` where it is anchored and `withAnchorRows` was not called; `contract-mismatch` for a set that a question
 *   has to weigh first (`weighByQuestion`)
 */
export function project(projector: Projector, values: Float32Array): Float32Array[] {
  const { space, byQuestion } = projector.contract;
  const vectors = vectorsOf(values, space.dim);
  if (byQuestion !== undefined && vectors.length > 1) {
    throw new E2PError(
      'contract-mismatch',
      `the projector weighs a user's vectors by the question, which is not known here: found ${vectors.length} vectors, expected 1`,
    );
  }
  return vectors.flatMap((vector) => projectOne(projector, vector, true));
}

/** y [K·D], which soft tokens are made of; no model is needed for it. */
export function layersOutput(projector: Projector, embedding: Float32Array): Float64Array {
  const { contract, hidden, weights } = projector;
  const { mean, scale, dim } = contract.space;
  const x = Float64Array.from(embedding, (v, i) => (v - mean[i]!) / scale[i]!);
  const normed = gated(layerNorm(x, weights), x, projector);
  const inner = hidden > 0 ? linear(normed, weights.fc1Weight, weights.fc1Bias, dim).map(gelu) : normed;
  const y = linear(inner, weights.fc2Weight, weights.fc2Bias, inner.length);
  if (weights.skipWeight.length > 0) {
    const skipped = linear(normed, weights.skipWeight, new Float32Array(y.length), dim);
    for (const [i, v] of skipped.entries()) y[i]! += v;
  }
  return y;
}

function projectOne(projector: Projector, embedding: Float32Array, withPhrases: boolean): Float32Array[] {
  const { contract, weights, anchors } = projector;
  const y = layersOutput(projector, embedding);
  const [size, width] = [contract.model.hiddenSize, outputSize(projector)];
  const scores = anchors ? scoresOf(y, width, anchors, weights.sharpness[0]!) : [];
  const phrase = withPhrases && anchors?.phrases && nearestPhrase(scores[0]!, anchors, size);
  if (phrase) return phrase;
  return Array.from({ length: contract.tokens }, (_, k) => {
    const free = y.subarray(k * width, (k + 1) * width);
    const token = anchors === undefined ? free : mixture(scores[k]!, anchors, size);
    const rms = Math.sqrt(token.reduce((sum, v) => sum + v * v, 0) / size + NORM_EPSILON);
    return Float32Array.from(token, (v) => (v / rms) * contract.outputRms * weights.gain[k]!);
  });
}

/**
 * Soft tokens at a strength λ: soft(mean user) + λ · (soft(user) − soft(mean user)). 0 is the population,
 * 1 the user as trained; beyond 1 exaggerates.
 * @param embedding [n, dim], as for `project`
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
  const user = project(projector, embedding);
  // Of the mean user the mixture: the tokens of a phrase are no middle of anything.
  const mean =
    strength === 1 ? user : projectOne(projector, Float32Array.from(projector.contract.space.mean), false);
  return user.map((token, k) =>
    token.map((u, i) => {
      const m = mean[k % mean.length]![i]!;
      // At 0 and 1 the very numbers, not their sums.
      return factor * (strength === 1 ? u : strength === 0 ? m : m + strength * (u - m));
    }),
  );
}

function layerNorm(x: Float64Array, { normWeight, normBias }: ProjectorWeights): Float64Array {
  return normalised(x).map((v, i) => v * normWeight[i]! + normBias[i]!);
}

/** x by its own mean and deviation: the norm without gain and bias. */
export function normalised(x: Float64Array): Float64Array {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length;
  const factor = 1 / Math.sqrt(variance + NORM_EPSILON);
  return x.map((v) => (v - mean) * factor);
}

/** The blocks of sources, each times its gate. */
function gated(normed: Float64Array, x: Float64Array, { contract, weights }: Projector): Float64Array {
  const { gateWeight, gateBias } = weights;
  if (gateWeight === undefined || gateBias === undefined) return normed;
  const logits = linear(normed, gateWeight, gateBias, normed.length);
  const result = normed.slice();
  let from = 0;
  for (const [s, width] of contract.space.sources!.widths.entries()) {
    const to = from + width;
    const gate = (x[to - 1]! * 2) / (1 + Math.exp(-logits[s]!));
    for (let i = from; i < to; i++) result[i]! *= gate;
    from = to;
  }
  return result;
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
