/**
 * The cheap rival: words of a person's lines themselves, picked without any LLM and put where the soft tokens stand. Of each line
 * the word (or pair of neighbours) whose own vector lies nearest to the line's, by the same sentence encoder.
 */
import type { SentenceEncoder } from '../../src/node.ts';
import { contentWords } from './training-files.ts';

/** A keyword for each line, in its words. */
export async function keywordsOf(encoder: SentenceEncoder, lines: readonly string[]): Promise<string[]> {
  return Promise.all(lines.map((line) => keywordOf(encoder, line)));
}

async function keywordOf(encoder: SentenceEncoder, line: string): Promise<string> {
  const words = contentWords(line);
  const pairs = words
    .slice(1)
    .map((word, i) => `${words[i]} ${word}`)
    .filter((pair) => line.includes(pair));
  const found = [...words, ...pairs];
  if (found.length === 0) return line;
  const vectors = await encoder.encode([line, ...found]);
  const { dim } = encoder;
  const nearness = found.map((_, i) => {
    const at = (i + 1) * dim;
    return vectors.subarray(0, dim).reduce((sum, v, k) => sum + v * vectors[at + k]!, 0);
  });
  return found[nearness.indexOf(Math.max(...nearness))]!;
}
