/** An attribute taken out linearly: the published formula's numbers, what makes it the least change, and what it can't do. */
import { describe, expect, it } from 'vitest';
import { ATTACKERS } from '../evaluate/audit/attackers.ts';
import { seededRandom } from '../generate/sampling.ts';
import { type Erasure, erase, fitErasure } from './erase-attribute.ts';

/** LEACE as concept-erasure 0.2.4 has it (whitening by eigenvectors, singular vectors of the whitened cross-covariance), without shrinkage, in NumPy 2.4.6; each row sums up to 0. */
const REFERENCE = {
  rows: [
    [-0.175, 1.305, -0.155, -0.975],
    [0.45, -1.58, 0.18, 0.95],
    [-0.23, -0.68, 1.48, -0.57],
    [0.015, -0.105, -0.245, 0.335],
    [0.412, -0.117, 0.372, -0.667],
    [-0.925, -0.295, 1.105, 0.115],
    [0.368, 1.208, -1.192, -0.384],
    [0.862, 0.092, -0.418, -0.536],
    [-0.638, 0.202, 1.142, -0.706],
    [-0.45, 1.47, -0.75, -0.27],
    [0.85, -0.16, -0.52, -0.17],
    [1.202, -1.047, 1.342, -1.497],
  ],
  classOf: [0, 1, 2, 0, 1, 2, 0, 1, 0, 0, 1, 2],
  matrix: [
    [0.573615049, 0.359930531, 0.246163094, -0.179708673],
    [0.455185444, 0.319700543, 0.247567241, -0.022453229],
    [0.177447752, 0.225354338, 0.250860208, 0.346337702],
    [-0.206248245, 0.095014588, 0.255409457, 0.8558242],
  ].flat(),
  offset: [-0.060468058, -0.105911492, 0.241166529, -0.074786979],
};

const random = seededRandom(11);
const [DIM, COUNT, CLASSES] = [6, 400, 3] as const;
const classOf = Array.from({ length: COUNT }, () => Math.floor(CLASSES * random()));
/** Correlated, with a mean of its own for each class. */
const rows = classOf.map((c) => {
  const own = Array.from({ length: DIM }, () => random() + random() - 1);
  return own.map(
    (v, i) => v + 0.7 * own[(i + 1) % DIM]! + (i === c ? 1.5 : 0) + (i === 4 && c === 2 ? 1 : 0),
  );
});
const fitted = fitErasure(rows, classOf);
/** Of columns over rows, [a, b]. */
function covariance(a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number[][] {
  const mean = (of: readonly ArrayLike<number>[], i: number) =>
    of.reduce((sum, row) => sum + row[i]!, 0) / of.length;
  const columns = (of: readonly ArrayLike<number>[]) => Array.from({ length: of[0]!.length }, (_, i) => i);
  return columns(a).map((i) =>
    columns(b).map(
      (j) => a.reduce((sum, row, n) => sum + row[i]! * b[n]![j]!, 0) / a.length - mean(a, i) * mean(b, j),
    ),
  );
}
const oneHot = classOf.map((c) => Array.from({ length: CLASSES }, (_, k) => Number(k === c)));
const apply = ({ matrix, offset }: Erasure, row: readonly number[]) =>
  Array.from(offset, (o, i) => row.reduce((sum, v, j) => sum + matrix[i * row.length + j]! * v, o));

describe('an erasure', () => {
  it('is what the published formula gives', () => {
    const { matrix, offset } = fitErasure(REFERENCE.rows, REFERENCE.classOf);
    for (const [i, v] of REFERENCE.matrix.entries()) expect(matrix[i]).toBeCloseTo(v, 8);
    for (const [i, v] of REFERENCE.offset.entries()) expect(offset[i]).toBeCloseTo(v, 8);
  });

  it('leaves no covariance with the classes, and the mean where it was', () => {
    const erased = rows.map((row) => apply(fitted, row));
    const most = (of: number[][]) => Math.max(...of.flat().map(Math.abs));
    expect(most(covariance(rows, oneHot))).toBeGreaterThan(0.1);
    expect(most(covariance(erased, oneHot))).toBeLessThan(1e-12);
    for (let i = 0; i < DIM; i++) {
      const [before, after] = [rows, erased].map((of) => of.reduce((sum, row) => sum + row[i]! / COUNT, 0));
      expect(after).toBeCloseTo(before!, 10);
    }
    expect([...erase(rows[0]!, fitted)]).toEqual(erased[0]!.map(Math.fround));
  });

  it('moves vectors least of all maps that do', () => {
    const [spread, crossed] = [covariance(rows, rows), covariance(rows, oneHot)];
    const change = Array.from({ length: DIM }, (_, i) =>
      Array.from({ length: DIM }, (_, j) => (i === j ? 1 : 0) - fitted.matrix[i * DIM + j]!),
    );
    const costOf = (a: number[][]) =>
      a.reduce(
        (sum, r) => sum + r.reduce((s, v, i) => s + v * r.reduce((t, w, j) => t + w * spread[i]![j]!, 0), 0),
        0,
      );
    // Any other such map differs by D with D·Σxz = 0: rows orthogonal to two of the columns, and so to the third.
    const [a, b] = [0, 1].map((k) => crossed.map((row) => row[k]!));
    const dot = (u: number[], v: number[]) => u.reduce((sum, x, i) => sum + x * v[i]!, 0);
    const without = (u: number[], v: number[]) => u.map((x, i) => x - (dot(u, v) / dot(v, v)) * v[i]!);
    const beside = without(b!, a!);
    for (let trial = 0; trial < 20; trial++) {
      const other = change.map((row) => {
        const d = without(
          without(
            Array.from({ length: DIM }, () => 0.05 * (random() - 0.5)),
            a!,
          ),
          beside,
        );
        return row.map((v, i) => v + d[i]!);
      });
      const left = other.map((row, i) =>
        crossed[i]!.map(
          (v, k) =>
            v -
            dot(
              row,
              crossed.map((c) => c[k]!),
            ),
        ),
      );
      expect(Math.max(...left.flat().map(Math.abs))).toBeLessThan(1e-12);
      expect(costOf(other)).toBeGreaterThan(costOf(change));
    }
  });

  it('leaves what no linear attacker sees: a class by a product of two numbers is told by another attacker as before', () => {
    const points = Array.from({ length: 600 }, () => Float32Array.of(random() - 0.5, random() - 0.5));
    const classes = points.map(([a, b]) => Number(a! * b! > 0));
    const erasure = fitErasure(points, classes);
    const seen = points.map((point) => erase(point, erasure));
    const answers = classes.map((c) => [1 - c, c]);
    const right = (attack: 'ridge' | 'mlp') => {
      const found = ATTACKERS[attack]({ rows: seen.slice(0, 420), answers: answers.slice(0, 420), seed: 1 });
      return (
        found(seen.slice(420)).filter(([no, yes], i) => Number(yes! > no!) === classes[420 + i]).length / 180
      );
    };
    expect(right('ridge')).toBeLessThan(0.62);
    expect(right('mlp')).toBeGreaterThan(0.85);
  });
});
