/**
 * What a model has read, in one row or in several: keys and values, or whatever state it carries. A cache never
 * changes: reading more tokens gives a new one. Several sessions may hold the same cache (a clone costs nothing), so
 * it counts its holders and frees its tensors, on the GPU too, when the last lets go.
 */

import { E2PError } from '../error.ts';
import { type CacheHeads, cacheDims } from '../onnx/cache-dims.ts';
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

  /**
   * A cache of the first `length` positions, equal to that of reading no more; undefined where the model carries a state that has no positions.
   * It is the caller's.
   */
  beginning(length: number, runtime: Runtime, cache: readonly CacheTensor[]): KvCache | undefined {
    const held = this.feeds;
    const cut = new Map<string, Tensor>();
    const isCut = cache.every(({ past, lengthAxis }) => {
      const tensor = held[past]!;
      // Some caches are longer than what was read, and some shorter.
      if (lengthAxis === undefined || tensor.dims[lengthAxis] !== this.length) return false;
      const first = runtime.firstOf(tensor, lengthAxis, length);
      if (first !== undefined) cut.set(past, first);
      return first !== undefined;
    });
    if (isCut) return new KvCache(length, cut, this.padding);
    for (const tensor of cut.values()) runtime.wipe(tensor);
    return undefined;
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
   * @returns whether it was the last holder, and there was something to overwrite
   */
  wipe(runtime: Runtime): boolean {
    if (--this.#holders > 0) return false;
    for (const tensor of this.#tensors.values()) runtime.wipe(tensor);
    return this.length > 0;
  }
}

/** No positions yet: tensors of length 0, states of fixed size all zeros. One row per number of `padding`. */
export function emptyCache(
  runtime: Runtime,
  cache: readonly CacheTensor[],
  heads: CacheHeads | undefined,
  padding: readonly number[] = [0],
): KvCache {
  const tensors = new Map(
    cache.map((tensor) => {
      const dims = cacheDims(tensor, { rows: padding.length, length: 0 }, heads);
      const size = elements(dims);
      const zeros = tensor.type === 'float16' ? new Uint16Array(size) : new Float32Array(size);
      return [tensor.past, runtime.tensor(tensor.type, zeros, dims)];
    }),
  );
  return new KvCache(0, tensors, padding);
}

/** Bytes of keys and values that one position of one row adds; states of fixed size add none. */
export function bytesPerPosition(cache: readonly CacheTensor[], heads: CacheHeads | undefined): number {
  return cache
    .filter(({ lengthAxis }) => lengthAxis !== undefined)
    .reduce(
      (sum, tensor) =>
        sum +
        elements(cacheDims(tensor, { rows: 1, length: 1 }, heads)) * (tensor.type === 'float16' ? 2 : 4),
      0,
    );
}

const elements = (dims: readonly number[]): number => dims.reduce((product, d) => product * d, 1);
