import { describe, expect, it } from 'vitest';
import type { BaseModel } from '../model/base-model.ts';
import { ChunkSize } from './chunk-size.ts';

/** So wide that attention to what was read costs nothing, unless a width is given. */
const model = (operators: readonly string[] = [], hiddenSize = Number.POSITIVE_INFINITY) =>
  ({ facts: { operators, hiddenSize } }) as unknown as BaseModel;

/** Reads prompts on a device that takes so long for a run, and so much longer for each token. @returns the sizes of the last */
function sizes(
  {
    fixed,
    perToken,
    limit = 256,
    hiddenSize = Number.POSITIVE_INFINITY,
  }: {
    readonly fixed: number;
    readonly perToken: number;
    readonly limit?: number;
    readonly hiddenSize?: number;
  },
  prompts: readonly number[] = [900],
): number[] {
  const chunk = new ChunkSize(model([], hiddenSize), { backend: 'wasm', prefillChunk: limit });
  let used: number[] = [];
  for (const length of prompts) {
    used = [];
    for (let from = 0; from < length; from += used.at(-1)!) {
      const size = Math.min(length - from, chunk.next(from));
      const seen = from + size / 2;
      chunk.note(size, fixed + perToken * size * (1 + seen / (6 * hiddenSize)), seen);
      used.push(size);
    }
  }
  return used;
}

describe('the size of a run', () => {
  it('begins small, and grows to what fits a quarter of a second', () => {
    expect(sizes({ fixed: 2, perToken: 1, limit: 512 }, [900, 900])).toEqual([
      128, 128, 128, 128, 128, 128, 128, 4,
    ]);
    expect(sizes({ fixed: 1, perToken: 0.1, limit: 512 })).toEqual([64, 64, 128, 128, 256, 256, 4]);
    expect(sizes({ fixed: 1, perToken: 0.1, limit: 500 }, [900, 1500, 900])).toEqual([500, 400]);
  });

  it('is the limit at most, however fast the device', () => {
    expect(Math.max(...sizes({ fixed: 0, perToken: 0.01, limit: 31 }))).toBe(31);
    expect(sizes({ fixed: 0, perToken: 50, limit: 33 }).slice(0, 6)).toEqual([33, 33, 16, 16, 16, 16]);
  });

  it('is short on a slow device whose runs cost little by themselves', () => {
    // A phone that reads 15 tokens a second.
    expect(sizes({ fixed: 1, perToken: 66 }).slice(0, 7)).toEqual([64, 64, 32, 32, 16, 16, 16]);
  });

  it('does not take the attention to a longer text for the cost of a shorter run', () => {
    // A run of 32 costs 4 % more a token than one of 64, and is measured further on in the text.
    const slow = { fixed: 16, perToken: 6, hiddenSize: 192 };
    expect(sizes(slow, [256, 900]).slice(0, 8)).toEqual(new Array(8).fill(32));
    // Where a run takes longer further on, it is shorter there.
    const cheap = sizes({ ...slow, fixed: 2 }, [900, 900]);
    expect([cheap.slice(0, 10), cheap.slice(-6, -1)]).toEqual([
      new Array(10).fill(32),
      new Array(5).fill(16),
    ]);
  });

  it('is not short where each run costs much', () => {
    expect(sizes({ fixed: 790, perToken: 33 }, [900, 900])).toEqual([256, 256, 256, 132]);
  });

  it('is the limit where each run unpacks the weights, which int8 need not', () => {
    const chunk = new ChunkSize(model(['com.microsoft.MatMulNBits']), { backend: 'wasm', prefillChunk: 256 });
    for (let i = 0; i < 2; i++) chunk.note(64, 5000, 0);
    expect(chunk.next(0)).toBe(256);
    const turned = { ...model(['com.microsoft.MatMulNBits']), cpuWeights: 'int8' } as const;
    const short = new ChunkSize(turned, { backend: 'wasm', prefillChunk: 256 });
    for (let i = 0; i < 2; i++) short.note(64, 5000, 0);
    expect(short.next(0)).toBe(32);
  });

  it('follows from the best times: a moment in which the machine had other work changes nothing', () => {
    const chunk = new ChunkSize(model(), { backend: 'wasm', prefillChunk: 256 });
    for (const [tokens, ms] of [
      [64, 900],
      [64, 66],
      [128, 900],
      [128, 130],
      [1, 90],
      [1, 3],
    ] as const)
      chunk.note(tokens, ms, 1);
    const before = chunk.next(1);
    for (const [tokens, ms] of [
      [64, 900],
      [128, 1500],
      [1, 80],
    ] as const)
      chunk.note(tokens, ms, 1);
    expect(chunk.next(1)).toBe(before);
  });

  it('is shared by the rows of a batch', () => {
    const chunk = new ChunkSize(model(), { backend: 'cpu', prefillChunk: 512 });
    expect([1, 4, 1000].map((rows) => chunk.next(0, rows))).toEqual([64, 16, 1]);
  });

  it('does not depend on time where rounding depends on it', () => {
    const rounded = new ChunkSize(model(['com.microsoft.MatMulNBits']), {
      backend: 'cpu',
      prefillChunk: 512,
    });
    const quantised = new ChunkSize(model(['DynamicQuantizeLinear']), { backend: 'cpu', prefillChunk: 512 });
    const first = [rounded.next(0), rounded.next(0, 4), quantised.next(0), quantised.next(1)];
    for (const chunk of [rounded, quantised, rounded, quantised]) {
      chunk.note(1, 1, 0);
      chunk.note(128, 5000, 0);
      chunk.note(64, 2500, 0);
    }
    expect([rounded.next(0), rounded.next(0, 4), quantised.next(0), quantised.next(1)]).toEqual(first);
    expect(first).toEqual([128, 128, 512, 512]);
    expect(rounded.next(1)).toBe(32);
  });
});
