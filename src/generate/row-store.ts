/**
 * Keys and values in buffers of ours, for graphs that hand out new rows alone (`onnx/new-rows.ts`): rows are added behind those that are there, and
 * nothing is copied but where the room ends, every {@link STEP} positions.
 */
import { type CacheHeads, cacheDims } from '../onnx/cache-dims.ts';
import type { CacheRows } from '../onnx/new-rows.ts';
import type { Runtime, Tensor } from '../runtime/runtime.ts';
import { SharedStore } from './shared-store.ts';
import { SpareArrays, type Values } from './spare-arrays.ts';

/** Positions of room that are added at once. */
const STEP = 128;

/** A tensor as [outer, capacity, inner] elements; `outer` is 1 where rows lie one behind the other. */
interface Rows {
  readonly of: CacheRows;
  readonly outer: number;
  readonly inner: number;
  /** Where a position is one row, and where every head has its own. */
  readonly dims: (length: number) => readonly number[];
  readonly values: Values;
}

/** Where the new rows of a batch lie. */
export interface NewPlaces {
  /** Of each row of the batch, its first. */
  readonly starts: readonly number[];
  /** Positions that the graph handed out; those of a row are among them in order. */
  readonly places: readonly number[];
  /** In each row of the batch. */
  readonly count: number;
}

export class RowStore extends SharedStore<RowStore> {
  readonly #runtime: Runtime;
  readonly #spare: SpareArrays;
  protected readonly capacity: number;
  /** None when it was freed: the arrays are another's. */
  #rows: readonly Rows[];
  protected readonly self = this;

  private constructor(runtime: Runtime, spare: SpareArrays, capacity: number, rows: readonly Rows[]) {
    super();
    this.#runtime = runtime;
    this.#spare = spare;
    this.capacity = capacity;
    this.#rows = rows;
  }

  /**
   * Without room: the first rows get a store with some.
   * @param spare of all stores that go on from here
   */
  static empty(
    runtime: Runtime,
    cache: readonly CacheRows[],
    heads: CacheHeads | undefined,
    batch: number,
    spare = new SpareArrays(),
  ): RowStore {
    const rows = cache.map((of): Rows => {
      const { tensor, lengthAxis } = of;
      const sizes = cacheDims(tensor, { rows: batch, length: 1 }, heads);
      const others = sizes.filter((_, axis) => axis !== tensor.lengthAxis);
      const values = tensor.type === 'float16' ? new Uint16Array(0) : new Float32Array(0);
      return {
        ...{
          of,
          values,
          outer: product(others.slice(0, lengthAxis)),
          inner: product(others.slice(lengthAxis)),
        },
        dims: (length) => others.toSpliced(lengthAxis, 0, length),
      };
    });
    return new RowStore(runtime, spare, 0, rows);
  }

  feeds(length: number): Record<string, Tensor> {
    return Object.fromEntries(this.#rows.map((rows) => [rows.of.past, this.#tensor(rows, length)]));
  }

  /** Where rows lie one behind the other exactly those that count, else all, with the room. */
  #tensor({ of, outer, inner, dims, values }: Rows, length: number): Tensor {
    return of.lengthAxis === 0
      ? this.#runtime.tensor(of.tensor.type, values.subarray(0, length * inner), dims(length))
      : this.#runtime.tensor(of.tensor.type, values, dims(values.length / (outer * inner)));
  }

  /**
   * Adds rows behind the first `length`: here, or in a new store.
   * @param outputs of the graph, with the rows at `places`
   */
  appended(
    length: number,
    outputs: Readonly<Record<string, Tensor>>,
    { starts, places, count }: NewPlaces,
  ): RowStore {
    const store = this.placeBehind(length, count);
    for (const { of, outer, inner, values } of store.#rows) {
      const rows = outputs[of.rows]!;
      const given = rows.dims[of.lengthAxis]!;
      const added = bitsOf(rows, values);
      for (let o = 0; o < outer; o++) {
        const start = starts[Math.floor((o * starts.length) / outer)]!;
        // Each row's own and no others, or all of `places`.
        const from = (o * given + (given === count ? 0 : places.indexOf(start))) * inner;
        values.set(added.subarray(from, from + count * inner), (o * store.capacity + start) * inner);
      }
    }
    return store;
  }

  protected free(): void {
    for (const rows of this.#rows) {
      this.#runtime.wipe(this.#tensor(rows, this.capacity));
      this.#spare.give(rows.values);
    }
    this.#rows = [];
  }

  protected clear(from: number, to: number): void {
    for (const { of, outer, inner, values } of this.#rows) {
      for (let start = 0; start < outer * this.capacity; start += this.capacity) {
        const gone = values.subarray((start + from) * inner, (start + to) * inner);
        this.#runtime.wipe(this.#runtime.tensor(of.tensor.type, gone, [gone.length]));
      }
    }
  }

  protected copyWithRoom(length: number, needed: number): RowStore {
    const capacity = Math.ceil(needed / STEP) * STEP;
    const rows = this.#rows.map((old) => {
      const { outer, inner } = old;
      const values = this.#spare.take(old.values, outer * capacity * inner);
      for (let o = 0; o < outer; o++) {
        const from = o * this.capacity * inner;
        values.set(old.values.subarray(from, from + length * inner), o * capacity * inner);
      }
      return { ...old, values };
    });
    return new RowStore(this.#runtime, this.#spare, capacity, rows);
  }
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** What a tensor holds, in the same kind of array; half precision may come as Float16Array. */
function bitsOf({ data }: Tensor, like: Values): Values {
  const { buffer, byteOffset, length } = data as Float32Array;
  return new (like.constructor as Float32ArrayConstructor)(buffer as ArrayBuffer, byteOffset, length);
}
