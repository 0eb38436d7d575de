/**
 * What a projector's output is anchored in: words of the base model's vocabulary, which a soft token is a mixture of, and phrases, words
 * of several tokens that no mixture says; found by how near their keys are to what the layers give out (`projector.ts`).
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { LIMITS, type ProjectorContract } from './contract.ts';
import type { NamedTensor } from './safetensors.ts';

/** What the output is anchored in. */
export interface Anchors {
  /** Token ids [A]. */
  readonly ids: readonly number[];
  /** Token ids of each of B phrases; there only where there are keys and K = 1. */
  readonly phrases?: readonly (readonly number[])[];
  /** [A + B, D], stored as int8: only their directions count; absent: the embeddings themselves. */
  readonly keys?: Float32Array;
  /**
   * Embeddings behind the model's scale, [A, H] and behind them each token of the phrases: not in the file, read from the base model
   * by `withAnchorRows`.
   */
  readonly rows?: Float32Array;
}

/** Keeps cosines finite. */
export const COSINE_EPSILON = 1e-12;

/** Ids as float32, which holds each of them exactly. */
export function readAnchors(
  tensors: ReadonlyMap<string, NamedTensor>,
  { model, tokens, scaleSide }: ProjectorContract,
  fileName: string,
): Anchors | undefined {
  const [tensor, keys, spelled] = ['ids', 'keys', 'phrases'].map((name) => tensors.get(`anchor.${name}`));
  if (tensor === undefined) return undefined;
  const ids = [...tensor.data];
  const refuse = (found: string, expected: string): never => {
    throw new E2PError('invalid-projector', `${fileName}: ${found}, expected ${expected}`);
  };
  const isId = (id: number) => Number.isInteger(id) && id >= 0 && id < model.vocabularySize;
  const expectIds = (name: string, values: readonly number[]) => {
    const bad = values.findIndex((id) => !isId(id));
    if (bad >= 0) {
      refuse(
        `tensor ${name} holds ${values[bad]} at element ${bad}`,
        `token ids below ${model.vocabularySize}`,
      );
    }
  };
  expectIds('anchor.ids', ids);
  const [count = 0, width = 0] = spelled?.shape ?? [];
  if (spelled && (spelled.shape.length !== 2 || count < 1 || width < 1 || width > LIMITS.phrase)) {
    const expected = `[phrases, 1 to ${LIMITS.phrase} tokens]`;
    return refuse(`tensor anchor.phrases is [${spelled.shape.join(', ')}]`, expected);
  }
  const phrases = spelled && phrasesOf(spelled);
  if (phrases) {
    expectIds('anchor.phrases', phrases.flat());
    if (phrases.some(({ length }) => length === 0))
      refuse('tensor anchor.phrases has a phrase of no token', `1 to ${LIMITS.phrase}`);
    if (keys === undefined || tokens !== 1 || scaleSide === 'preScale')
      refuse('tensor anchor.phrases is there', 'none without keys, where K is not 1, or in front of a scale');
  }
  const all = ids.length + (phrases?.length ?? 0);
  if (ids.length < 1 || all > LIMITS.anchors) {
    return refuse(`there are ${all} anchors`, `1 to ${LIMITS.anchors}`);
  }
  if (keys === undefined) return { ids };
  if (keys.shape.length !== 2 || keys.shape[0] !== all || keys.data.length === 0) {
    return refuse(`tensor anchor.keys is [${keys.shape.join(', ')}]`, `[${all}, size of a key]`);
  }
  return { ids, ...(phrases && { phrases }), keys: keys.data };
}

/** Of a tensor [B, most tokens of one], -1 behind a phrase of fewer. */
function phrasesOf({ shape, data }: NamedTensor): number[][] {
  const [count, width] = shape as [number, number];
  return Array.from({ length: count }, (_, b) => {
    const row = [...data.subarray(b * width, (b + 1) * width)];
    return row.slice(0, row.findLastIndex((id) => id !== -1) + 1);
  });
}

function phraseTensor(phrases: readonly (readonly number[])[]): NamedTensor {
  const width = Math.max(...phrases.map(({ length }) => length));
  const data = new Float32Array(phrases.length * width).fill(-1);
  for (const [b, ids] of phrases.entries()) data.set(ids, b * width);
  return { shape: [phrases.length, width], data };
}

/** A + B */
export const anchorCount = ({ ids, phrases = [] }: Anchors): number => ids.length + phrases.length;

/** As a projector's file has them. */
export function anchorTensors(anchors: Anchors): Map<string, NamedTensor> {
  const { ids, phrases, keys } = anchors;
  const tensors = new Map<string, NamedTensor>();
  if (keys) {
    const shape = [anchorCount(anchors), keys.length / anchorCount(anchors)];
    tensors.set('anchor.keys', { shape, data: roundedKeys(keys, shape[1]!), dtype: 'I8' });
  }
  tensors.set('anchor.ids', { shape: [ids.length], data: Float32Array.from(ids) });
  if (phrases) tensors.set('anchor.phrases', phraseTensor(phrases));
  return tensors;
}

export const anchorRows = (
  { ids, phrases = [] }: Anchors,
  model: Pick<BaseModel, 'tokenEmbeddings'>,
  runtime: Runtime,
): Promise<Float32Array> => model.tokenEmbeddings(runtime, [...ids, ...phrases.flat()]);

/** Keys [A, D] as the file holds them: each row, whose length says nothing, as whole numbers up to 127. */
export function roundedKeys(keys: Float32Array, width: number): Float32Array {
  const rounded = new Float32Array(keys.length);
  for (let from = 0; from < keys.length; from += width) {
    const row = keys.subarray(from, from + width);
    const most = row.reduce((max, v) => Math.max(max, Math.abs(v)), 1e-12);
    rounded.set(
      row.map((v) => Math.round((v / most) * 127)),
      from,
    );
  }
  return rounded;
}

const knownLengths = new WeakMap<Float32Array, Float64Array>();

/** |key_a| for each row, worked out once for a projector: there are thousands. */
function lengthsOf(keys: Float32Array, width: number): Float64Array {
  const known = knownLengths.get(keys);
  if (known) return known;
  const lengths = Float64Array.from({ length: keys.length / width }, (_, a) => {
    const row = keys.subarray(a * width, (a + 1) * width);
    return Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) + COSINE_EPSILON);
  });
  knownLengths.set(keys, lengths);
  return lengths;
}

/** exp(sharpness) · cos(y_k, key_a) of every anchor, for each of y_1 … y_K. */
export function scoresOf(
  y: Float64Array,
  width: number,
  { rows, keys = rows }: Anchors,
  sharpness: number,
): Float64Array[] {
  if (rows === undefined || keys === undefined) {
    throw new E2PError('invalid-projector', 'an anchored projector needs the embeddings of its base model');
  }
  const lengths = lengthsOf(keys, width);
  return Array.from({ length: y.length / width }, (_, k) => {
    const own = y.subarray(k * width, (k + 1) * width);
    const length = Math.sqrt(own.reduce((sum, v) => sum + v * v, 0) + COSINE_EPSILON);
    return lengths.map((keyLength, a) => {
      let dot = 0;
      for (let i = 0, at = a * width; i < width; i++, at++) dot += own[i]! * keys[at]!;
      return (Math.exp(sharpness) * dot) / (length * keyLength);
    });
  });
}

/** The embeddings of its tokens, where a phrase is nearer than all words. */
export function nearestPhrase(
  scores: Float64Array,
  { ids, rows, phrases = [] }: Anchors,
  size: number,
): Float32Array[] | undefined {
  const nearest = scores.reduce((best, score, a) => (score > scores[best]! ? a : best), 0);
  const phrase = phrases[nearest - ids.length];
  if (phrase === undefined) return undefined;
  const from = phrases.slice(0, nearest - ids.length).reduce((at, { length }) => at + length, ids.length);
  return phrase.map((_, t) => rows!.slice((from + t) * size, (from + t + 1) * size));
}

/** Σ_a p_a E_a [H] with p = softmax_a(scores) over the words. */
export function mixture(all: Float64Array, { rows, ids }: Anchors, size: number): Float64Array {
  const scores = all.subarray(0, ids.length);
  const most = scores.reduce((a, b) => Math.max(a, b));
  const sum = scores.reduce((total, score) => total + Math.exp(score - most), 0);
  const out = new Float64Array(size);
  for (const [a, score] of scores.entries()) {
    const share = Math.exp(score - most) / sum;
    // A share that float32 would not notice.
    if (share < 1e-9) continue;
    for (let i = 0; i < size; i++) out[i]! += share * rows![a * size + i]!;
  }
  return out;
}
