/**
 * The tokens of a vocabulary that are whole words behind a space (" pottery", " Japan"): what a projector can be anchored in, and
 * what alignment can teach. Vocabularies of byte-pair encoding are sorted by how early, so how often, a token was merged.
 */
import type { BaseModel } from '../model/base-model.ts';

/** A token that is a whole word. */
export interface VocabularyWord {
  readonly id: number;
  /** Without the space. */
  readonly word: string;
}

/** Lower-case words, and capitalised ones that are no token in lower case: names of places and peoples. */
export function vocabularyWords({ codec, facts }: Pick<BaseModel, 'codec' | 'facts'>): VocabularyWord[] {
  const words = Array.from({ length: facts.vocabularySize }, (_, id) => ({ id, text: codec.decode([id]) }))
    .filter(({ text }) => /^ (\p{Ll}|\p{Lu}\p{Ll})\p{Ll}{2,}$/u.test(text))
    .map(({ id, text }) => ({ id, word: text.slice(1) }));
  const known = new Set(words.map(({ word }) => word));
  return words.filter(({ word }) => word === word.toLowerCase() || !known.has(word.toLowerCase()));
}
