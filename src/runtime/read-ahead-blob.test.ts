/** What a Blob that reads ahead gives, and how often it asks the one behind it. */
import { expect, it } from 'vitest';
import { ReadAheadBlob } from './read-ahead-blob.ts';

const BLOCK = 64;
const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 31) % 251);

/** Counts the slices that are read. */
class Counted extends Blob {
  reads = 0;
  override slice(start?: number, end?: number): Blob {
    const slice = super.slice(start, end);
    return Object.assign(slice, {
      arrayBuffer: () => {
        this.reads++;
        return Blob.prototype.arrayBuffer.call(slice);
      },
    });
  }
}

async function read(blob: Blob, start: number, end: number): Promise<number[]> {
  const reader = blob.slice(start, end).stream().getReader();
  const found: number[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) found.push(...next.value);
  return found;
}

it('gives what lies there, in any order, across blocks, and at the end', async () => {
  const blob = new ReadAheadBlob(new Blob([bytes]), BLOCK);
  expect([blob instanceof Blob, blob.size]).toEqual([true, 1000]);
  const ranges = [
    [0, 1],
    [0, 0],
    [63, 65],
    [10, 900],
    [999, 1000],
    [512, 576],
    [3, 300],
  ] as const;
  for (const [start, end] of ranges)
    expect(await read(blob, start, end)).toEqual([...bytes.subarray(start, end)]);
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes);
});

it('asks once for each block where pieces are small and in order, and holds few', async () => {
  const whole = new Counted([bytes]);
  const blob = new ReadAheadBlob(whole, BLOCK);
  for (let at = 0; at < 1000; at += 5) await read(blob, at, at + 5);
  expect(whole.reads).toBe(Math.ceil(1000 / BLOCK));
  await read(blob, 0, 5);
  expect(whole.reads).toBe(Math.ceil(1000 / BLOCK) + 2);
});

it('fails where a block can not be read, and not before somebody wants it', async () => {
  const whole = new Blob([bytes]);
  const slice = whole.slice.bind(whole);
  const failing = Object.assign(whole, {
    slice: (start = 0, end = 0) =>
      Object.assign(
        slice(start, end),
        start < BLOCK ? {} : { arrayBuffer: () => Promise.reject(new Error('gone')) },
      ),
  });
  const blob = new ReadAheadBlob(failing, BLOCK);
  expect(await read(blob, 0, 10)).toHaveLength(10);
  await expect(read(blob, BLOCK, BLOCK + 1)).rejects.toThrow('gone');
});
