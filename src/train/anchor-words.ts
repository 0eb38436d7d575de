/**
 * Anchors for embeddings that are made of words: words of the LLM's vocabulary that the sentence encoder knows as well, and as key
 * of each what the encoder makes of it, centred and scaled over all of them. So a text finds the words near it before anything
 * is trained, words that no training text holds included.
 */
import type { BaseModel } from '../model/base-model.ts';
import { type Anchors, roundedKeys } from '../projector/projector.ts';
import type { SentenceEncoder } from '../user/sentence-encoder.ts';
import { standardisation } from './standardise.ts';
import { vocabularyWords } from './vocabulary-words.ts';

/** A word alone, and where a person speaks of it. */
const FRAMES = [(word: string) => word, (word: string) => `I love ${word}.`];

/** @param most words, the earliest of the vocabulary */
export async function anchorWords(
  model: Pick<BaseModel, 'codec' | 'facts'>,
  encoder: SentenceEncoder,
  most: number,
  signal?: AbortSignal,
): Promise<Anchors> {
  const words = vocabularyWords(model)
    .filter(({ word }) => encoder.knows(word))
    .slice(0, most);
  const { dim } = encoder;
  const sums = new Float32Array(words.length * dim);
  for (const frame of FRAMES) {
    const vectors = await encoder.encode(
      words.map(({ word }) => frame(word)),
      { signal },
    );
    for (let i = 0; i < sums.length; i++) sums[i]! += vectors[i]!;
  }
  const rows = words.map((_, w) => unit(sums.slice(w * dim, (w + 1) * dim)));
  const { mean, scale } = standardisation(rows, dim);
  const keys = new Float32Array(sums.length);
  for (const [w, row] of rows.entries()) {
    keys.set(unit(row.map((v, i) => (v - mean[i]!) / scale[i]!)), w * dim);
  }
  return { ids: words.map(({ id }) => id), keys: roundedKeys(keys, dim) };
}

/** Of length 1. */
function unit(row: Float32Array): Float32Array {
  const length = Math.sqrt(row.reduce((sum, v) => sum + v * v, 1e-12));
  return row.map((v) => v / length);
}
