/**
 * How large a cache tensor is. The file states its sizes, but for batch and length; exports of the genai builder leave heads
 * and their size open too, and there config.json has the word.
 */
import { E2PError } from '../error.ts';
import type { CacheTensor } from './inspect/inspect-graph.ts';

/** Heads of keys and values, and channels of each. */
export interface CacheHeads {
  readonly kvHeads: number;
  readonly headSize: number;
}

/**
 * Sizes of a cache tensor with `rows` rows of `length` positions.
 * @throws E2PError `invalid-model` where neither the file nor `heads` tells a size
 */
export function cacheDims(
  { past, dims, batchAxis, lengthAxis }: CacheTensor,
  { rows, length }: { readonly rows: number; readonly length: number },
  heads: CacheHeads | undefined,
): number[] {
  return dims.map((stated, axis) => {
    if (axis === batchAxis) return rows;
    if (axis === lengthAxis) return length;
    const size = stated ?? (axis === dims.length - 1 ? heads?.headSize : heads?.kvHeads);
    if (size !== undefined) return size;
    const shape = dims.map((d) => d ?? '?').join(', ');
    throw new E2PError(
      'invalid-model',
      `the cache input ${past} is [${shape}]: no size of axis ${axis}, nor does config.json state heads and their size`,
    );
  });
}
