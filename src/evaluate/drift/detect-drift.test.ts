import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../generate/sampling.ts';
import { gaussian } from '../../train/draw-batches.ts';
import { detectDrift } from './detect-drift.ts';
import { driftMarkdown } from './drift-markdown.ts';

const random = seededRandom(7);
const DIM = 6;
const people = (count: number, change = (row: Float32Array) => row) =>
  Array.from({ length: count }, () =>
    change(Float32Array.from({ length: DIM }, (_, k) => 3 + gaussian(random) / (k + 1))),
  );
const reference = people(200);
const canary = {
  ...{ users: 40, examples: 80, nll: { reference: 1, current: 1.2, mean: 1.3 } },
  loss: { mean: 0.2, low: 0.1, high: 0.3 },
  gain: { mean: 0.3, low: 0.2, high: 0.4 },
};

describe('drift between the users of training and those of now', () => {
  it('is not seen where both are one population', () => {
    const report = detectDrift({ reference, current: people(200) });
    expect(report.drift).toBe(false);
    expect(Object.keys(report.tests)).toEqual([
      'axis',
      'means',
      'classifier',
      'discrepancy',
      'components',
      'numbers',
    ]);
    expect(driftMarkdown(report)).toMatch(/^# No drift seen/);
  });

  it.each<readonly [string, (row: Float32Array) => Float32Array]>([
    ['numbers in another order', (row) => row.toReversed()],
    ['a number that is always 0', (row) => row.map((v, i) => (i === 5 ? 0 : v))],
    ['people who are alike', (row) => row.map((v) => 3 + (v - 3) / 2)],
  ])('is seen: %s', (_, change) => {
    const report = detectDrift({ reference, current: people(200, change) });
    expect(report.drift).toBe(true);
    expect(driftMarkdown(report)).toMatch(/^# Drift\n\nSeen by: /);
  });

  it('names the number that is dead', () => {
    const current = people(200, (row) => row.map((v, i) => (i === 5 ? 0 : v)));
    expect(detectDrift({ reference, current }).numbers[0]!.index).toBe(5);
  });

  it('is a shift along an axis of the projector, told in standard deviations', () => {
    const axes = Float32Array.from({ length: 2 * DIM }, (_, i) => Number(i === 2 || i === DIM));
    const current = people(200, (row) => row.map((v, i) => (i === 2 ? v + 0.15 : v)));
    const { tests, means } = detectDrift({ reference, current, axes });
    expect(means.along).toBe('projector');
    expect(means.shifts).toHaveLength(2);
    expect(Math.abs(means.shifts[0]! - 0.45)).toBeLessThan(0.2);
    expect(tests.axis!.statistic).toBe(Math.max(...means.shifts.map(Math.abs)));
    expect(tests.means!.statistic).toBeCloseTo(Math.hypot(...means.shifts), 10);
    expect(tests.axis!.adjustedP).toBeLessThanOrEqual(0.05);
    expect(() => detectDrift({ reference, current, axes: axes.subarray(1) })).toThrow(
      'axes has 11 numbers, expected a multiple of 6',
    );
  });

  it('is also what a canary loses', () => {
    const current = people(200);
    const { drift, tests } = detectDrift({ reference, current, canary: { ...canary, p: 0.005 } });
    expect([drift, tests.canary!.statistic]).toEqual([true, 0.2]);
    expect(detectDrift({ reference, current, canary: { ...canary, p: 0.5 } }).drift).toBe(false);
  });

  it('is the same for the same seed, of a part of the people too', () => {
    const options = { reference, current: people(120), users: 100, seed: 3 };
    const report = detectDrift(options);
    expect(report.users).toEqual({
      reference: { given: 200, compared: 100 },
      current: { given: 120, compared: 100 },
    });
    expect(detectDrift(options)).toEqual(report);
  });

  it('says what is wrong with users, and nothing of them', () => {
    const refused = (current: readonly Float32Array[], why: string) =>
      expect(() => detectDrift({ reference, current })).toThrow(
        expect.objectContaining({ code: 'invalid-data', message: why }),
      );
    refused(people(49), 'current: 49 users, expected at least 50: of fewer nothing can be told');
    refused(
      people(60, (row) => row.slice(1)),
      'current: a user has 5 numbers, expected 6 as in the reference',
    );
    refused(
      people(60).map((row, i) => (i === 7 ? row.fill(Number.NaN) : row)),
      'current: the embedding of user 8 holds a number that is not finite',
    );
    const same = Array.from({ length: 60 }, () => new Float32Array(DIM).fill(1));
    expect(() => detectDrift({ reference: same, current: same })).toThrow(/very same embedding/);
  });

  it('asks for as many permutations as the level needs', () => {
    expect(() => detectDrift({ reference, current: reference, permutations: 50 })).toThrow(
      'permutations is 50, expected a whole number from 479 to 1000000',
    );
  });
});
