/**
 * How near a generated text is to the one that was wanted, by words: ROUGE-1, -2 and -L as F1 (Lin 2004), unigram F1; and how
 * varied texts are among each other: distinct-1 and -2 (Li et al., arXiv 1510.03055).
 */

/** Lower-case words and numbers, without punctuation. */
export const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** ROUGE F1 of words, each 0…1. */
export interface Overlap {
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
}

/** Each from 0 (nothing shared) to 1 (the same words). ROUGE-1 is the unigram F1. */
export function overlap(found: string, wanted: string): Overlap {
  const [a, b] = [wordsOf(found), wordsOf(wanted)];
  return {
    rouge1: f1(shared(a, b), a.length, b.length),
    rouge2: f1(shared(bigrams(a), bigrams(b)), a.length - 1, b.length - 1),
    rougeL: f1(longestCommon(a, b), a.length, b.length),
  };
}

/** Different n-grams among all n-grams of the texts, from 0 to 1. */
export function distinct(texts: readonly string[], n: 1 | 2): number {
  const all = texts.flatMap((text) => (n === 1 ? wordsOf(text) : bigrams(wordsOf(text))));
  return all.length === 0 ? 0 : new Set(all).size / all.length;
}

const f1 = (common: number, found: number, wanted: number): number =>
  common === 0 ? 0 : (2 * common) / (found + wanted);

const bigrams = (words: readonly string[]): string[] =>
  words.slice(1).map((word, i) => `${words[i]} ${word}`);

/** Counted with repetitions: a word that stands twice in both is shared twice. */
function shared(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of b) left.set(word, (left.get(word) ?? 0) + 1);
  return a.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count > 0;
  }).length;
}

/** Length of the longest common subsequence. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let before = new Array<number>(b.length + 1).fill(0);
  for (const word of a) {
    const row = [0];
    for (let j = 0; j < b.length; j++) {
      row.push(word === b[j] ? before[j]! + 1 : Math.max(before[j + 1]!, row[j]!));
    }
    before = row;
  }
  return before[b.length]!;
}
