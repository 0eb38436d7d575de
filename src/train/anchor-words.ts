/**
 * Anchors for embeddings that are made of words: words of the LLM's vocabulary that the sentence encoder knows as well, phrases, and as
 * key of each what the encoder makes of it, centred and scaled over all of them. So a text finds the words near it before anything
 * is trained, words that no training text holds included.
 */
import type { BaseModel } from '../model/base-model.ts';
import { type Anchors, roundedKeys } from '../projector/anchors.ts';
import type { SentenceEncoder } from '../user/sentence-encoder.ts';
import { standardisation } from './standardise.ts';
import { vocabularyWords } from './vocabulary-words.ts';

/** A word alone, and where a person speaks of it. */
const FRAMES = [(word: string) => word, (word: string) => `I love ${word}.`];

/** Tokens of a phrase; longer ones are left out. */
const PHRASE_TOKENS = 4;

/**
 * Words of the vocabulary that an anchored projector can say, each with what the encoder makes of it.
 * @param most words, the earliest of the vocabulary
 * @param named words and phrases that are to be there as well, of up to four tokens
 */
export async function anchorWords(
  model: Pick<BaseModel, 'codec' | 'facts'>,
  encoder: SentenceEncoder,
  most: number,
  named: readonly string[] = [],
  signal?: AbortSignal,
): Promise<Anchors> {
  const vocabulary = vocabularyWords(model)
    .filter(({ word }) => encoder.knows(word))
    .slice(0, most);
  const known = new Set(vocabulary.map(({ id }) => `${id}`));
  const others = [...new Set(named)].flatMap((word) => {
    const tokens = model.codec.encode(` ${word}`);
    if (tokens.length > PHRASE_TOKENS || known.has(tokens.join())) return [];
    known.add(tokens.join());
    return { word, tokens };
  });
  const [single, phrases] = [true, false].map((isWord) =>
    others.filter(({ tokens }) => (tokens.length === 1) === isWord),
  );
  const words = [...vocabulary.map(({ id, word }) => ({ word, tokens: [id] })), ...single!, ...phrases!];
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
  return {
    ids: words.flatMap(({ tokens }) => (tokens.length === 1 ? tokens : [])),
    ...(phrases!.length > 0 && { phrases: phrases!.map(({ tokens }) => tokens) }),
    keys: roundedKeys(keys, dim),
  };
}

/** Of length 1. */
function unit(row: Float32Array): Float32Array {
  const length = Math.sqrt(row.reduce((sum, v) => sum + v * v, 1e-12));
  return row.map((v) => v / length);
}
