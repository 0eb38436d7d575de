/** Keys and values in buffers on the GPU that have room for more than was read; past and present are one. */
import { type CacheHeads, cacheDims } from '../onnx/cache-dims.ts';
import type { CacheTensor } from '../onnx/inspect/inspect-graph.ts';
import type { GpuMemory } from '../runtime/gpu-memory.ts';
import type { Runtime, Tensor } from '../runtime/runtime.ts';
import { SharedStore } from './shared-store.ts';

/** The least that a store has room for, in tokens; and from where on room is added in steps of this size. */
const [LEAST, STEP] = [256, 1024];
/** Stores without a holder that are kept, all zeros: a step that was recorded on one can be repeated. */
const MOST_IDLE = 2;
/** Of positions, in every tensor. */
const AXIS = 2;

interface Buffers {
  /** By the name of the past, [rows, heads, capacity, head size]. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly capacity: number;
}

/** All stores of a session of onnxruntime. */
export class GpuStores {
  readonly runtime: Runtime;
  readonly gpu: GpuMemory;
  readonly #cache: readonly CacheTensor[];
  readonly #heads: CacheHeads | undefined;
  readonly #contextLength: number;
  #idle: readonly Buffers[] = [];

  constructor(
    runtime: Runtime,
    gpu: GpuMemory,
    cache: readonly CacheTensor[],
    config: { readonly attention?: CacheHeads | undefined; readonly contextLength: number },
  ) {
    this.runtime = runtime;
    this.gpu = gpu;
    this.#cache = cache;
    this.#heads = config.attention;
    this.#contextLength = config.contextLength;
  }

  /** Without room: the first rows get a store with some. */
  empty(rows: number): GpuStore {
    return new GpuStore(this, rows, undefined);
  }

  /** With room for so many positions, and more. */
  take(rows: number, length: number): GpuStore {
    const [idle] = this.#idle
      .filter(({ capacity }) => rows === 1 && capacity >= length)
      .sort((a, b) => a.capacity - b.capacity);
    this.#idle = this.#idle.filter((other) => other !== idle);
    return new GpuStore(this, rows, idle ?? this.#make(rows, length));
  }

  /** Nobody holds them any more: they are overwritten. */
  giveBack(rows: number, buffers: Buffers): void {
    const tensors = [...buffers.tensors.values()];
    if (this.runtime.lost || rows !== 1 || this.#idle.length >= MOST_IDLE) {
      for (const tensor of tensors) this.runtime.wipe(tensor);
    } else {
      this.gpu.clear(tensors);
      this.#idle = [...this.#idle, buffers];
    }
  }

  /** Frees what nobody holds. */
  release(): void {
    for (const { tensors } of this.#idle) for (const tensor of tensors.values()) tensor.dispose();
    this.#idle = [];
  }

  #make(rows: number, length: number): Buffers {
    const room = length > STEP ? Math.ceil(length / STEP) * STEP : 2 ** Math.ceil(Math.log2(length));
    const capacity = Math.max(length, Math.min(this.#contextLength, Math.max(LEAST, room)));
    const tensors = this.#cache.map((tensor) => {
      const dims = cacheDims(tensor, { rows, length: capacity }, this.#heads);
      return [tensor.past, this.gpu.zeros(tensor.type, dims)] as const;
    });
    return { tensors: new Map(tensors), capacity };
  }
}

export class GpuStore extends SharedStore<GpuStore> {
  readonly #stores: GpuStores;
  readonly #rows: number;
  readonly #buffers: Buffers | undefined;
  protected readonly self = this;

  /** @param buffers undefined: none yet */
  constructor(stores: GpuStores, rows: number, buffers: Buffers | undefined) {
    super();
    this.#stores = stores;
    this.#rows = rows;
    this.#buffers = buffers;
  }

  protected get capacity(): number {
    return this.#buffers?.capacity ?? 0;
  }

  /** Past and present by the name of the past; at any length all of them. */
  feeds(): Record<string, Tensor> {
    return Object.fromEntries(this.#buffers?.tensors ?? []);
  }

  /**
   * The store in which `count` positions are written behind the first `length`. It is held at its new length from now on: who asked lets go when a
   * cache holds it, or when nothing was written.
   * @param room positions that are written from here on, these included
   */
  placed(length: number, count: number, room: number): GpuStore {
    const store = this.placeBehind(length, count, Math.max(count, room));
    store.hold(length + count);
    return store;
  }

  protected copyWithRoom(length: number, needed: number): GpuStore {
    const store = this.#stores.take(this.#rows, needed);
    const to = store.feeds();
    const pairs = Object.entries(this.feeds()).map(([past, from]) => [from, to[past]!] as const);
    if (length > 0) this.#stores.gpu.copyRows(pairs, AXIS, length);
    return store;
  }

  protected free(): void {
    if (this.#buffers !== undefined) this.#stores.giveBack(this.#rows, this.#buffers);
  }

  protected clear(from: number): void {
    if (!this.#stores.runtime.lost) this.#stores.gpu.clearRows(Object.values(this.feeds()), AXIS, from);
  }
}
