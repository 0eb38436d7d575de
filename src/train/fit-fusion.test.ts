import { describe, expect, it } from 'vitest';
import { type Fusion, fuseEmbeddings } from '../user/fuse-embeddings.ts';
import { fitFusion } from './fit-fusion.ts';
import type { Users } from './training-data.ts';

const users = (...rows: number[][]): Users => ({
  rows: new Map(rows.map((row, i) => [`u${i}`, Float32Array.from(row)])),
  dim: rows[0]!.length,
});
// Mean 2 and 20, deviation 1 and 10; the second source has a coordinate that never changes.
const fusion = fitFusion('person-v1', {
  clicks: users([1, 10], [3, 30]),
  words: users([0, 5, 4], [0, 5, 8]),
});
const clicks = { space: 'clicks', values: [3, 20] };
const words = { space: 'words', values: [1, 5, 10] };

describe('several sources of one person', () => {
  it('are whitened, one behind the other, each with a flag', () => {
    const both = [1, 0, 1, ...[1, 0, 2, 1]];
    const json: Fusion = JSON.parse(JSON.stringify(fusion));
    for (const given of [
      [clicks, words],
      [words, clicks],
    ])
      expect(fuseEmbeddings(json, given)).toEqual({ space: 'person-v1', values: Float32Array.from(both) });
  });

  it('may be missing, and are their mean then, without a flag', () => {
    expect([...fuseEmbeddings(fusion, [clicks]).values]).toEqual([1, 0, 1, 0, 0, 0, 0]);
    expect([...fuseEmbeddings(fusion, [words]).values]).toEqual([0, 0, 0, 1, 0, 2, 1]);
    // Known, and as the mean: not the same as not known.
    const mean = { space: 'clicks', values: [2, 20] };
    expect([...fuseEmbeddings(fusion, [mean]).values]).toEqual([0, 0, 1, 0, 0, 0, 0]);
  });

  it.each([
    ['none at all', [], /found none, expected at least one/],
    [
      'another space',
      [clicks, { space: 'other', values: [1] }],
      /found one of another space, expected clicks, words/,
    ],
    ['one of them twice', [clicks, clicks], /found two of one source/],
    ['another length', [{ space: 'clicks', values: [977] }], /holds 1 numbers, expected a Float32Array of 2/],
    ['what is no number', [{ space: 'clicks', values: [977, Number.NaN] }], /not finite at index 1/],
  ])('are refused: %s', (_, given, reason) => {
    const fuse = () => fuseEmbeddings(fusion, given);
    expect(fuse).toThrow(expect.objectContaining({ code: 'invalid-embedding' }));
    expect(fuse).toThrow(reason);
    expect(fuse).not.toThrow(/977/);
  });

  it.each([
    ['a newer version', { version: 2 }, /version must be 1/],
    ['no sources', { sources: [] }, /sources must be a list of one or more/],
    [
      'one space twice',
      { sources: [fusion.sources[0], fusion.sources[0]] },
      /sources must be of different spaces/,
    ],
    [
      'a scale of 0',
      { sources: [{ space: 'a', mean: [1], scale: [0] }] },
      /sources\[0\]\.scale must be numbers above 0/,
    ],
    [
      'a scale of another length',
      { sources: [{ space: 'a', mean: [1], scale: [1, 2] }] },
      /scale must be 1 numbers/,
    ],
    [
      'a mean of texts',
      { sources: [{ space: 'a', mean: ['x'], scale: [1] }] },
      /mean must be a finite number/,
    ],
  ])('are not fused by %s', (_, wrong, reason) => {
    const fuse = () => fuseEmbeddings({ ...fusion, ...wrong } as Fusion, [clicks]);
    expect(fuse).toThrow(expect.objectContaining({ code: 'invalid-data' }));
    expect(fuse).toThrow(reason);
  });

  it('are not fitted without users', () => {
    expect(() => fitFusion('x', { clicks: { rows: new Map(), dim: 2 } })).toThrow(
      expect.objectContaining({ code: 'invalid-data' }),
    );
  });
});
