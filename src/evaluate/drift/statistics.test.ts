/**
 * The statistics against independent ones: numpy 2 and scipy 1.1x on the same made-up numbers, computed once; each constant says by which call.
 */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../generate/sampling.ts';
import { gaussian } from '../../train/draw-batches.ts';
import { signFlips } from './canary.ts';
import { classifierAuc, pairsAbove, quadraticFeatures } from './classifier-test.ts';
import { meanShift } from './mean-test.ts';
import { meanDiscrepancy } from './mmd-test.ts';
import { permutationTests, stepDown } from './permutation.ts';
import { leadingComponents, pool, scoresAlong } from './pooled-users.ts';
import { stabilityIndex } from './psi-test.ts';

/** sin(1.7 i² + 2.3 k) + 0.2 k cos(i), the first number shifted. */
const made = (from: number, count: number, shift: number) =>
  Array.from({ length: count }, (_, n) => {
    const i = from + n;
    return Float32Array.from(
      { length: 3 },
      (__, k) => Math.sin(1.7 * i * i + 2.3 * k) + (k === 0 ? shift : 0) + 0.2 * k * Math.cos(i),
    );
  });
const [before, now] = [made(0, 8, 0), made(8, 7, 0.5)];
const pooled = pool(before, now);
const members = (count: number) => Int32Array.from({ length: count }, (_, i) => i);

describe('two samples', () => {
  it('have the components of both together (numpy.linalg.eigh of numpy.cov(bias=True))', () => {
    const { shares, rows, width } = leadingComponents(pooled, 2);
    expect(shares[0]).toBeCloseTo(0.6172539, 6);
    expect(shares[1]).toBeCloseTo(0.34900393, 6);
    const squares = [0, 0];
    for (const [at, v] of rows.entries()) squares[at % width]! += v ** 2 / 15;
    for (const v of squares) expect(v).toBeCloseTo(1, 6);
  });

  it('differ in their means along an axis by standard deviations of both (numpy: diff of means over std of all)', () => {
    const shift = meanShift(scoresAlong(pooled, [Float32Array.of(1, 0, 0), Float32Array.of(0, 0.6, 0.8)]));
    const of = shift.of(members(8));
    for (const [k, v] of [-0.13316515, 0.04463327].entries()) expect(of[k]).toBeCloseTo(v, 5);
    expect(shift.largest(members(8))).toBe(Math.max(...of.map(Math.abs)));
  });

  it('have a kernel mean discrepancy (mean of kernels within minus twice that across, median distance)', () => {
    // Enough frequencies for two digits; the default has 64.
    expect(meanDiscrepancy(pooled, seededRandom(1), 20_000)(members(8))).toBeCloseTo(0.0960195, 2);
  });

  it('have a stability index (numpy.searchsorted into tenths of both, half a user added)', () => {
    const one = (i: number, shift: number) => Float32Array.of(Math.sin(1.7 * i * i) + shift);
    const first = Array.from({ length: 30 }, (_, i) => one(i, 0));
    const second = Array.from({ length: 30 }, (_, i) => one(i + 30, 0.4));
    const index = stabilityIndex(pool(first, second));
    expect(index.of(members(30))[0]).toBeCloseTo(0.7561341, 5);
    expect(index.largest(members(30))).toBe(index.of(members(30))[0]);
  });

  it('are told apart by as many pairs as the rank statistic counts, ties half (scipy.stats.mannwhitneyu)', () => {
    const rounded = (rows: readonly Float32Array[]) =>
      Float64Array.from(rows, ([v]) => Math.round(v! * 10) / 10).sort();
    expect(pairsAbove(rounded(before), rounded(now))).toBe(28.5);
  });
});

describe('a classifier', () => {
  const people = (count: number, shift: number, stretch: number, random: () => number) =>
    Array.from({ length: count }, () =>
      Float32Array.from(
        { length: 4 },
        (_, k) => (gaussian(random) + (k === 0 ? shift : 0)) * (k === 1 ? stretch : 1),
      ),
    );
  const aucOf = (shift: number, stretch: number) => {
    const random = seededRandom(3);
    const both = pool(people(2000, 0, 1, random), people(2000, shift, stretch, random));
    return classifierAuc(quadraticFeatures(leadingComponents(both, 4)), random)(members(2000));
  };

  it('sees a shift of 1 σ as well as can be: Φ(1/√2) = 0.760', () => {
    expect(Math.abs(aucOf(1, 1) - 0.76)).toBeLessThan(0.02);
  });

  it('sees another variance with the same mean, and nothing where there is nothing', () => {
    expect(aucOf(0, 2)).toBeGreaterThan(0.65);
    expect(Math.abs(aucOf(0, 1) - 0.5)).toBeLessThan(0.03);
  });
});

describe('p-values', () => {
  it('are those of all splits (scipy.stats.permutation_test, independent, exact)', () => {
    const values = [...before.slice(0, 6), ...now.slice(0, 6)].map(([v]) => v!);
    const total = values.reduce((a, b) => a + b, 0);
    const difference = (rows: Int32Array) => {
      const sum = rows.reduce((s, row) => s + values[row]!, 0);
      return Math.abs(sum / 6 - (total - sum) / 6);
    };
    const options = { first: 6, count: 12, permutations: 20_000, random: seededRandom(1) };
    const { statistic, p } = permutationTests({ difference }, options).difference;
    expect(statistic).toBeCloseTo(0.0394176, 5);
    expect(Math.abs(p - 0.91342)).toBeLessThan(0.01);
  });

  it('of pairs are those of all signs (scipy.stats.permutation_test, samples, exact)', () => {
    const differences = Array.from({ length: 10 }, (_, i) => Math.sin(1.7 * i * i) + 0.4);
    expect(Math.abs(signFlips(differences, 20_000, seededRandom(1)) - 0.0205)).toBeLessThan(0.004);
  });

  it('hold for several tests together: the smallest of each split, step by step (by hand)', () => {
    const shares = [
      [0.4, 0.2, 1, 0.6, 0.8],
      [0.2, 0.4, 0.6, 1, 0.8],
    ].map((each) => Float64Array.from(each));
    // The smaller of both is 0.2 or less in two of five; the first alone 0.4 or less in two of five.
    expect(stepDown(shares)).toEqual([0.4, 0.4]);
    expect(stepDown([shares[0]!])).toEqual([0.4]);
  });

  it('of two tests that are one cost no more than of one', () => {
    const values = [...before.slice(0, 6), ...now.slice(0, 6)].map(([v]) => v!);
    const sum = (rows: Int32Array) => rows.reduce((s, row) => s + values[row]!, 0);
    const options = { first: 6, count: 12, permutations: 500, random: seededRandom(1) };
    const { one, same, other } = permutationTests({ one: sum, same: sum, other: (r) => -sum(r) }, options);
    expect(same).toEqual(one);
    expect(Math.min(one.adjustedP, other.adjustedP)).toBeGreaterThan(Math.min(one.p, other.p));
  });
});
