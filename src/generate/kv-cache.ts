/**
 * What a model has read, in one row or in several: keys and values, or whatever state it carries. A cache never
 * changes: reading more tokens gives a new one. Several sessions may hold the same cache (a clone costs nothing), so
 * it counts its holders; where its rows lie, and whether a longer cache lies in the same place, is the store's affair.
 */
import { E2PError } from '../error.ts';
import { type CacheHeads, cacheDims } from '../onnx/cache-dims.ts';
import type { CacheTensor } from '../onnx/inspect/inspect-graph.ts';
import type { Runtime, Tensor } from '../runtime/runtime.ts';

/** Where the rows of one or of several caches lie. */
export interface CacheStore {
  /** Past tensors by input name, for a graph that goes on behind `length`. */
  feeds(length: number): Record<string, Tensor>;
  /** A cache of so many positions lies here. */
  hold(length: number): void;
  /**
   * One of them is gone. Behind the longest that is left nothing stays readable; `wipe` overwrites where a release would only free.
   * @returns whether something was overwritten
   */
  letGo(length: number, wipe: boolean): boolean;
  /** A store with the first `length` positions, perhaps this one; undefined where they can't be told apart from the rest. */
  beginning(length: number): CacheStore | undefined;
  /** The same in a place of its own. */
  copy(length: number): CacheStore | undefined;
}

export class KvCache {
  /** Positions read so far, padding included. */
  readonly length: number;
  /** Of them, padding: a number per row. */
  readonly padding: readonly number[];
  readonly store: CacheStore;
  #holders = 1;

  constructor(length: number, store: CacheStore, padding: readonly number[] = [0]) {
    this.length = length;
    this.padding = padding;
    this.store = store;
    store.hold(length);
  }

  /** Past tensors by input name. */
  get feeds(): Record<string, Tensor> {
    if (this.#holders === 0) throw new E2PError('destroyed', 'the KV cache was released');
    return this.store.feeds(this.length);
  }

  /**
   * A cache of the first `length` positions, equal to that of reading no more; undefined where the model carries a state that has no positions.
   * It is the caller's.
   */
  beginning(length: number): KvCache | undefined {
    return this.#at(length, this.store.beginning(length));
  }

  /** As {@link beginning}, without the memory of the rest. */
  copyOfBeginning(length: number): KvCache | undefined {
    return this.#at(length, this.store.copy(length));
  }

  #at(length: number, store: CacheStore | undefined): KvCache | undefined {
    return store && new KvCache(length, store, this.padding);
  }

  retain(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (--this.#holders === 0) this.store.letGo(this.length, false);
  }

  /**
   * As `release`, and overwrites what nobody holds any more: the last word of a session about its person.
   * @returns whether it was the last holder, and there was something to overwrite
   */
  wipe(): boolean {
    return --this.#holders === 0 && this.store.letGo(this.length, true);
  }
}

/** The tensors that a graph handed out as a whole: a longer cache is a new store. */
export class WholeStore implements CacheStore {
  readonly #runtime: Runtime;
  readonly #cache: readonly CacheTensor[];
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #length: number;
  #holders = 0;

  /** @param tensors by name of the past input; of `length` positions */
  constructor(
    runtime: Runtime,
    cache: readonly CacheTensor[],
    tensors: ReadonlyMap<string, Tensor>,
    length: number,
  ) {
    this.#runtime = runtime;
    this.#cache = cache;
    this.#tensors = tensors;
    this.#length = length;
  }

  feeds(): Record<string, Tensor> {
    return Object.fromEntries(this.#tensors);
  }

  hold(): void {
    this.#holders++;
  }

  letGo(length: number, wipe: boolean): boolean {
    if (--this.#holders > 0) return false;
    for (const tensor of this.#tensors.values()) {
      if (wipe) this.#runtime.wipe(tensor);
      else tensor.dispose();
    }
    return wipe && length > 0;
  }

  beginning(length: number): WholeStore | undefined {
    return this.copy(length);
  }

  copy(length: number): WholeStore | undefined {
    const cut = new Map<string, Tensor>();
    const isCut = this.#cache.every(({ past, lengthAxis }) => {
      const tensor = this.#tensors.get(past)!;
      // Some caches are longer than what was read, and some shorter.
      if (lengthAxis === undefined || tensor.dims[lengthAxis] !== this.#length) return false;
      const first = this.#runtime.firstOf(tensor, lengthAxis, length);
      if (first !== undefined) cut.set(past, first);
      return first !== undefined;
    });
    if (isCut) return new WholeStore(this.#runtime, this.#cache, cut, length);
    for (const tensor of cut.values()) this.#runtime.wipe(tensor);
    return undefined;
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
  return new KvCache(0, new WholeStore(runtime, cache, tensors, 0), padding);
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
