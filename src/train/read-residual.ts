/**
 * What a projector reads of what a map misses: the residual of soft tokens instead of embeddings. A map may miss much in directions that the
 * layers pass over, and little in those that they turn into words.
 */
import { layersOutput, NORM_EPSILON, outputSize, type Projector } from '../projector/projector.ts';
import type { FittedMap } from './fit-space-map.ts';

/**
 * Of the variance of held-out anchors' soft tokens, the share that mapped vectors miss. Of an anchored projector what chooses its words, since
 * their embeddings are the model's.
 */
export function readResidual(projector: Projector, { old, mapped }: Omit<FittedMap, 'map'>): number {
  const [own, other] = [old, mapped].map((vectors) => vectors.map((vector) => tokensOf(projector, vector)));
  const mean = own![0]!.map((_, i) => own!.reduce((sum, token) => sum + token[i]! / own!.length, 0));
  let [missed, all] = [0, 0];
  for (const [n, token] of own!.entries()) {
    for (const [i, v] of token.entries()) {
      missed += (other![n]![i]! - v) ** 2;
      all += (v - mean[i]!) ** 2;
    }
  }
  return missed / all;
}

/** Each of one length, times its gain. */
function tokensOf(projector: Projector, embedding: Float32Array): Float64Array {
  const y = layersOutput(projector, embedding);
  const width = outputSize(projector);
  for (const [k, gain] of projector.weights.gain.entries()) {
    const token = y.subarray(k * width, (k + 1) * width);
    const rms = Math.sqrt(token.reduce((sum, v) => sum + v * v, 0) / width + NORM_EPSILON);
    for (let i = 0; i < width; i++) token[i]! *= gain / rms;
  }
  return y;
}
