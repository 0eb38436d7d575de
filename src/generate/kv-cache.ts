/**
 * What a model has read, in one row or in several: keys and values, or whatever state it carries. A cache never
 * changes: reading more tokens gives a new one. Several sessions may hold the same cache (a clone costs nothing), so
 * it counts its holders and frees its tensors, on the GPU too, when the last lets go.
 */

import { E2PError } from '../error.ts';
import type { CacheTensor } from '../onnx/inspect/inspect-graph.ts';
import type { Runtime, Tensor } from '../runtime/runtime.ts';

export class KvCache {
  /** Positions read so far, padding included. */
  readonly length: number;
  /** Of them, padding: a number per row. */
  readonly padding: readonly number[];
  readonly #tensors: ReadonlyMap<string, Tensor>;
  #holders = 1;

  constructor(length: number, tensors: ReadonlyMap<string, Tensor>, padding: readonly number[] = [0]) {
    this.length = length;
    this.padding = padding;
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

  /**
   * As `release`, and overwrites what nobody holds any more: the last word of a session about its person.
   * @returns whether it was the last holder
   */
  wipe(runtime: Runtime): boolean {
    if (--this.#holders > 0) return false;
    for (const tensor of this.#tensors.values()) runtime.wipe(tensor);
    return true;
  }
}

/** What `config.json` states, for the axes that the file leaves open. */
type Attention = { readonly kvHeads: number; readonly headSize: number } | undefined;

/** No positions yet: tensors of length 0, states of fixed size all zeros. One row per number of `padding`. */
export function emptyCache(
  runtime: Runtime,
  cache: readonly CacheTensor[],
  attention: Attention,
  padding: readonly number[] = [0],
): KvCache {
  const tensors = new Map(
    cache.map((tensor) => {
      const dims = cacheDims(tensor, padding.length, 0, attention);
      const size = elements(dims);
      const zeros = tensor.type === 'float16' ? new Uint16Array(size) : new Float32Array(size);
      return [tensor.past, runtime.tensor(tensor.type, zeros, dims)];
    }),
  );
  return new KvCache(0, tensors, padding);
}

/** Bytes of keys and values that one position of one row adds; states of fixed size add none. */
export function bytesPerPosition(cache: readonly CacheTensor[], attention: Attention): number {
  return cache
    .filter(({ lengthAxis }) => lengthAxis !== undefined)
    .reduce(
      (sum, tensor) =>
        sum + elements(cacheDims(tensor, 1, 1, attention)) * (tensor.type === 'float16' ? 2 : 4),
      0,
    );
}

const elements = (dims: readonly number[]): number => dims.reduce((product, d) => product * d, 1);

/**
 * Sizes of every axis of a cache of `rows` rows that have read `length` positions.
 * @throws E2PError `invalid-model` where neither the file nor config.json states one.
 */
function cacheDims(
  { past, dims, batchAxis, lengthAxis }: CacheTensor,
  rows: number,
  length: number,
  attention: Attention,
): number[] {
  return dims.map((stated, axis) => {
    if (stated !== undefined) return stated;
    if (axis === batchAxis) return rows;
    if (axis === lengthAxis) return length;
    const size = axis === dims.length - 1 ? attention?.headSize : attention?.kvHeads;
    if (size !== undefined) return size;
    throw new E2PError(
      'invalid-model',
      `the cache input ${past} states no size of axis ${axis}, nor does config.json state heads and their size`,
    );
  });
}
