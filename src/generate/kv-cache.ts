/**
 * Keys and values of the positions a model has read. A cache never changes: reading more tokens gives a new one.
 * Several sessions may hold the same cache (a clone costs nothing), so it counts its holders and frees its
 * tensors, on the GPU too, when the last lets go.
 */

import { E2PError } from '../error.ts';
import type { KvPair } from '../onnx/inspect-graph.ts';
import type { Runtime, Tensor } from '../runtime/runtime.ts';

export class KvCache {
  /** Positions read so far. */
  readonly length: number;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  #holders = 1;

  constructor(length: number, tensors: ReadonlyMap<string, Tensor>) {
    this.length = length;
    this.#tensors = tensors;
  }

  /** Past tensors by input name. */
  get feeds(): Record<string, Tensor> {
    if (this.#holders === 0) throw new E2PError('destroyed', 'the KV cache was released');
    return Object.fromEntries(this.#tensors);
  }

  retain(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders > 0) return;
    for (const tensor of this.#tensors.values()) tensor.dispose();
  }
}

/** No positions: tensors [1, heads, 0, head size]. */
export function emptyCache(
  runtime: Runtime,
  kv: readonly KvPair[],
  fallback: { readonly kvHeads: number; readonly headSize: number } | undefined,
): KvCache {
  const tensors = new Map<string, Tensor>();
  for (const { past, type, heads = fallback?.kvHeads, headSize = fallback?.headSize } of kv) {
    if (heads === undefined || headSize === undefined) {
      throw new E2PError(
        'invalid-model',
        `the cache input ${past} states no head count and size, nor does config.json`,
      );
    }
    const none = type === 'float16' ? new Uint16Array(0) : new Float32Array(0);
    tensors.set(past, runtime.tensor(type, none, [1, heads, 0, headSize]));
  }
  return new KvCache(0, tensors);
}
