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
    [
      'an object by source',
      { clicks: [3, 20] } as never,
      /found something else, expected a list of embeddings/,
    ],
    ['a gap', [clicks, undefined] as never, /found something else, expected a list of embeddings/],
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

  it('are refused where a tiny scale makes them more than float32 holds', () => {
    const tiny = (peers: object) => ({
      ...fusion,
      sources: [{ ...{ space: 'clicks', mean: [0, 0], scale: [1e-40, 1] }, ...peers }],
    });
    const peers = { means: [[0, 0]], nearest: 1, beside: false, scale: [1e-40, 1] };
    const clicksOf = (x: number) => [{ space: 'clicks', values: [x, 1] }];
    for (const made of [tiny({}), tiny({ peers })]) {
      expect(() => fuseEmbeddings(made as Fusion, clicksOf(1))).toThrow(
        expect.objectContaining({
          code: 'invalid-embedding',
          message: expect.stringMatching(/float32 can not hold/),
        }),
      );
      expect([...fuseEmbeddings(made as Fusion, clicksOf(0)).values]).toEqual([0, 1, 1]);
    }
  });

  it('are not fitted without users', () => {
    expect(() => fitFusion('x', { clicks: { rows: new Map(), dim: 2 } })).toThrow(
      expect.objectContaining({ code: 'invalid-data' }),
    );
  });
});

describe('what a person has that people alike have not', () => {
  // Two groups of five, around (−2, −2) and (2, 2), whitened by hand.
  const offsets = [
    [0, 0],
    [0.1, 0.1],
    [0.1, -0.1],
    [-0.1, 0.1],
    [-0.1, -0.1],
  ] as const;
  const own = (peers: Parameters<typeof fitFusion>[2]) =>
    fitFusion(
      'p',
      { clicks: users(...[-2, 2].flatMap((x) => offsets.map(([a, b]) => [x + a, x + b]))) },
      peers,
    );
  const spread = Math.sqrt((4 * 0.01) / 5);
  const s = Math.sqrt(4 + spread ** 2);

  it('is the difference to the nearest group, whitened like the vector', () => {
    const fusion = own({ peers: { clusters: 2, beside: false } });
    const peers = fusion.sources[0]!.peers!;
    expect(peers.means.map(([x]) => Math.round(x! * s)).sort()).toEqual([-2, 2]);
    const fused = [
      ...fuseEmbeddings(JSON.parse(JSON.stringify(fusion)), [{ space: 'clicks', values: [2.1, 2.1] }]).values,
    ];
    // Its own group's mean is (2, 2); differences deviate by `spread` in both coordinates.
    for (const [k, value] of [0.1 / spread, 0.1 / spread, 1].entries())
      expect(fused[k]).toBeCloseTo(value, 5);
    // Far out it is the nearer group that counts.
    const far = [...fuseEmbeddings(fusion, [{ space: 'clicks', values: [-5, -2] }]).values];
    expect(far[0]).toBeCloseTo(-3 / spread, 4);
  });

  it('stands beside the vector, or is of several groups', () => {
    const fused = (nearest: number) => [
      ...fuseEmbeddings(own({ peers: { clusters: 2, nearest } }), [{ space: 'clicks', values: [3, 2.2] }])
        .values,
    ];
    const [one, two] = [fused(1), fused(2)];
    expect(one).toHaveLength(5);
    for (const [k, value] of [3 / s, 2.2 / s, 1 / spread, 0.2 / spread, 1].entries())
      expect(one[k]).toBeCloseTo(value, 4);
    // Of both groups the mean is (0, 0), and a difference is the vector itself.
    expect(two[2]).toBeCloseTo(3 / s, 4);
    expect(
      [...fuseEmbeddings(own({ peers: { clusters: 2 } }), [{ space: 'clicks', values: [0, 0] }]).values].at(
        -1,
      ),
    ).toBe(1);
  });

  it('ships no group so small that it is somebody', () => {
    const lonely = users([100, 100], ...[-2, 2].flatMap((x) => offsets.map(([a, b]) => [x + a, x + b])));
    const { peers } = fitFusion('p', { clicks: lonely }, { peers: { clusters: 3 } }).sources[0]!;
    expect(peers!.means).toHaveLength(2);
    expect(() => fitFusion('p', { clicks: users([1, 2], [3, 4]) }, { peers: {} })).toThrow(
      /no group of people alike has 5/,
    );
    expect(() => own({ peers: { clusters: 2, nearest: 3 } })).toThrow(
      /clicks: nearest is 3, expected 1 to 2/,
    );
  });

  it.each([
    ['groups of another length', { means: [[1]] }, /peers\.means\[0\] must be 2 numbers/],
    ['more nearest than groups', { nearest: 9 }, /peers\.nearest must be a whole number from 1 to 2/],
    ['a scale of 0', { scale: [1, 0] }, /peers\.scale must be 2 numbers/],
  ])('is not made of %s', (_, wrong, reason) => {
    const fusion = own({ peers: { clusters: 2 } });
    const [source] = fusion.sources;
    const sources = [{ ...source!, peers: { ...source!.peers!, ...wrong } }];
    expect(() => fuseEmbeddings({ ...fusion, sources }, [{ space: 'clicks', values: [1, 1] }])).toThrow(
      reason,
    );
  });
});
