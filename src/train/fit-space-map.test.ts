import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { mapEmbedding } from '../user/space-map.ts';
import { gaussian } from './draw-batches.ts';
import { fitSpaceMap, procrustes } from './fit-space-map.ts';

const rows = (width: number, of: (i: number, k: number) => number) =>
  new Matrix(Array.from({ length: 20 }, (_, i) => Array.from({ length: width }, (__, k) => of(i, k))));
const wave = (i: number, k: number) => Math.sin(1.7 * i * i + 2.3 * k * i + k);
const other = (i: number, k: number) => Math.cos(0.9 * i * i + 1.1 * k * i) + wave(i, k);

describe('orthogonal Procrustes with means and a scale', () => {
  const near = (found: readonly number[], expected: readonly number[]) => {
    for (const [i, v] of expected.entries()) expect(found[i]).toBeCloseTo(v, 6);
  };

  it('of spaces of one size (scipy.linalg.orthogonal_procrustes on centred rows)', () => {
    const { weight } = procrustes(rows(3, wave), rows(3, other));
    near(weight.to1DArray(), [
      ...[1.06176609, 0.10713099, 0.08421029],
      ...[-0.07272855, 1.00496085, -0.36149677],
      ...[-0.11523446, 0.35283468, 1.00406393],
    ]);
  });

  it('from a larger space into a smaller one (numpy.linalg.svd)', () => {
    const { weight, bias } = procrustes(rows(4, wave), rows(3, other));
    near(weight.to1DArray(), [
      ...[1.02459193, 0.10318448, 0.08309219, 0.06624839],
      ...[-0.09074928, 0.93569605, -0.29571907, 0.3170434],
      ...[-0.09833933, 0.36219583, 0.93913314, -0.22113642],
    ]);
    near(bias, [-0.08959125, -0.0428367, -0.06322925]);
  });
});

describe('a map between spaces', () => {
  const random = seededRandom(5);
  const people = (count: number) =>
    Array.from({ length: count }, () => Array.from({ length: 3 }, (_, k) => gaussian(random) * (k + 1)));
  /** Turned in two planes, twice as long, and moved. */
  const turned = ([x, y, z]: readonly number[]) => {
    const [u, v] = [0.6 * x! - 0.8 * y!, 0.8 * x! + 0.6 * y!];
    return [2 * u + 1, 2 * (0.28 * v - 0.96 * z!) + 2, 2 * (0.96 * v + 0.28 * z!) + 3];
  };
  const usersOf = (vectors: readonly (readonly number[])[], dim = 3) => ({
    rows: new Map(vectors.map((v, i) => [`u${i}`, Float32Array.from(v)])),
    dim,
  });
  const known = people(100);
  const old = usersOf(known);
  const names = { oldSpace: 'v3', newSpace: 'v4' };

  it('is exact where the new space is the old one turned, scaled and moved', () => {
    const map = fitSpaceMap({ old, fresh: usersOf(known.map(turned)), ...names });
    expect(map).toMatchObject({ from: { id: 'v4', dim: 3 }, to: { id: 'v3', dim: 3 }, anchors: 80 });
    expect(map.residual).toBeLessThan(1e-10);
    const [somebody] = people(1);
    const { space, values } = mapEmbedding(map, { space: 'v4', values: turned(somebody!) });
    expect(space).toBe('v3');
    for (const [k, v] of values.entries()) expect(v).toBeCloseTo(somebody![k]!, 5);
  });

  it('misses the share that is noise, as people say who were not fitted on', () => {
    const many = people(4000);
    // Variance 14/3 on average, of noise 1 for each number: 3 / (14 + 3).
    const noisy = usersOf(many.map((v) => turned(v.map((x) => x + gaussian(random)))));
    const { residual } = fitSpaceMap({ old: usersOf(many), fresh: noisy, ...names });
    expect(Math.abs(residual - 3 / 17)).toBeLessThan(0.02);
  });

  it('misses everything where ids are exchanged', () => {
    const fresh = usersOf(known.map((_, i) => turned(known[(i * 37 + 11) % known.length]!)));
    expect(fitSpaceMap({ old, fresh, ...names }).residual).toBeGreaterThan(0.8);
  });

  it('misses what float32 can not hold of it', () => {
    const tiny = usersOf(known.map((v) => turned(v).map((x) => x * 1e-40)));
    const huge = usersOf(known.map((v) => v.map((x) => x * 1e37)));
    expect(fitSpaceMap({ old: huge, fresh: tiny, ...names }).residual).not.toBeLessThan(1);
  });

  it('needs enough anchors, with one vector each', () => {
    const few = usersOf(known.slice(0, 49).map(turned));
    expect(() => fitSpaceMap({ old, fresh: few, ...names })).toThrow(
      '49 of 100 anchors are in both files, expected at least 50',
    );
    const sets = { rows: new Map([...old.rows].map(([id, v]) => [id, Float32Array.of(...v, ...v)])), dim: 3 };
    expect(() => fitSpaceMap({ old, fresh: sets, ...names })).toThrow(/is a set of vectors/);
  });
});
