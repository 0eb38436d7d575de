/** Caches of several lengths in one place: nobody's rows may become another's. */
import { describe, expect, it } from 'vitest';
import type { CacheTensor } from '../onnx/inspect/inspect-graph.ts';
import type { CacheRows } from '../onnx/new-rows.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { KvCache } from './kv-cache.ts';
import { RowStore } from './row-store.ts';
import { SpareArrays } from './spare-arrays.ts';

const HEADS = 2;
const SIZE = 3;
const runtime = createNodeRuntime();

const tensor: CacheTensor = {
  ...{ past: 'past', present: 'present', type: 'float32', dims: [undefined, HEADS, undefined, SIZE] },
  ...{ batchAxis: 0, lengthAxis: 2 },
};

/** A cache behind `before` with rows that hold `value`. */
function read(before: KvCache, of: CacheRows, value: number, count = 1): KvCache {
  const dims = of.lengthAxis === 0 ? [count, 1, HEADS, SIZE] : [1, HEADS, count, SIZE];
  const rows = runtime.tensor('float32', new Float32Array(count * HEADS * SIZE).fill(value), dims);
  const places = Array.from({ length: count }, (_, i) => before.length + i);
  const store = (before.store as RowStore).appended(
    before.length,
    { rows },
    { starts: [before.length], places, count },
  );
  return new KvCache(before.length + count, store);
}

describe.each([
  ['with room behind', 2],
  ['one behind the other', 0],
])('rows %s', (_, lengthAxis) => {
  const of: CacheRows = { past: 'past', rows: 'rows', tensor, lengthAxis };
  const spare = new SpareArrays();
  const empty = () => new KvCache(0, RowStore.empty(runtime, [of], undefined, 1, spare));
  /** What every head has at each position. */
  const valuesOf = (cache: KvCache): number[] => {
    const { data, dims } = cache.feeds.past!;
    const at = (head: number, position: number) =>
      lengthAxis === 0 ? (position * HEADS + head) * SIZE : (head * dims[2]! + position) * SIZE;
    return Array.from({ length: cache.length }, (_, position) => {
      const found = Array.from({ length: HEADS }, (_, head) =>
        (data as Float32Array).subarray(at(head, position), at(head, position) + SIZE),
      ).flatMap((values) => [...values]);
      expect(new Set(found).size).toBe(1);
      return found[0]!;
    });
  };
  /** Everything that lies where a cache does, room included. */
  const all = (cache: KvCache) => {
    const { data } = cache.feeds.past!;
    return new Float32Array((data as Float32Array).buffer);
  };

  it('are added in place', () => {
    const begun = read(empty(), of, 1, 5);
    const longer = read(begun, of, 2, 2);
    expect(valuesOf(longer)).toEqual([1, 1, 1, 1, 1, 2, 2]);
    expect(longer.store).toBe(begun.store);
  });

  it('move where the room ends', () => {
    const begun = read(empty(), of, 1, 127);
    const longer = read(read(begun, of, 2), of, 3, 4);
    expect(longer.store).not.toBe(begun.store);
    expect(valuesOf(longer).slice(126)).toEqual([1, 2, 3, 3, 3, 3]);
    expect(valuesOf(begun)).toEqual(new Array(127).fill(1));
  });

  it('of a conversation that goes on in two ways stay apart', () => {
    const begun = read(empty(), of, 1, 3);
    const [one, other] = [read(begun.retain(), of, 2), read(begun, of, 3)];
    expect(valuesOf(one)).toEqual([1, 1, 1, 2]);
    expect(valuesOf(other)).toEqual([1, 1, 1, 3]);
    expect(valuesOf(begun)).toEqual([1, 1, 1]);
  });

  it('behind a beginning are not written over while somebody holds them', () => {
    const whole = read(empty(), of, 1, 6);
    const begun = whole.beginning(2)!;
    const other = read(begun, of, 5, 2);
    expect(valuesOf(other)).toEqual([1, 1, 5, 5]);
    expect(valuesOf(whole)).toEqual(new Array(6).fill(1));
  });

  it('are overwritten as far as nobody holds them, and wholly with the last', () => {
    const begun = read(empty(), of, 1, 3);
    const longer = read(begun, of, 2, 2);
    const place = all(longer);
    expect(place.filter((v) => v === 2)).toHaveLength(2 * HEADS * SIZE);
    expect(longer.wipe()).toBe(true);
    expect(place.some((v) => v === 2)).toBe(false);
    expect(valuesOf(begun)).toEqual([1, 1, 1]);
    const another = read(begun, of, 4);
    expect(valuesOf(another)).toEqual([1, 1, 1, 4]);
    another.wipe();
    expect(begun.retain().wipe()).toBe(false);
    begun.wipe();
    expect(place.filter((v) => v === 1)).toEqual(new Float32Array(0));
  });

  it('that nobody holds are memory of the next, overwritten, and no longer of who held them', () => {
    const gone = read(empty(), of, 1, 5);
    const place = all(gone);
    gone.release();
    const next = read(empty(), of, 2, 3);
    expect(all(next).buffer).toBe(place.buffer);
    expect(place.filter((v) => v !== 0)).toHaveLength(3 * HEADS * SIZE);
    expect(gone.store.feeds(5)).toEqual({});
    const kept = place.slice();
    read(new KvCache(5, gone.store), of, 3, 2);
    expect(place).toEqual(kept);
    next.wipe();
  });

  it('are copied for who wants the beginning without the memory of the rest', () => {
    const whole = read(empty(), of, 1, 300);
    const copy = whole.copyOfBeginning(4)!;
    expect(valuesOf(copy)).toEqual([1, 1, 1, 1]);
    expect(all(copy).length).toBe(128 * HEADS * SIZE);
    whole.wipe();
    expect(valuesOf(copy)).toEqual([1, 1, 1, 1]);
  });
});
