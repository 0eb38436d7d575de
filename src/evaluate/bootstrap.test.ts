import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { bootstrapMean, bootstrapRuns, isTold, pairedDifference } from './bootstrap.ts';

describe('the paired bootstrap', () => {
  it('its interval for a mean is near the normal one: ±1.96 s/√n', () => {
    const random = seededRandom(3);
    const gauss = () => Array.from({ length: 12 }, random).reduce((a, b) => a + b, -6);
    const values = Array.from({ length: 400 }, () => 5 + 2 * gauss());
    const { mean, low, high } = bootstrapMean(values);
    const sd = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1));
    const half = (1.96 * sd) / Math.sqrt(values.length);
    expect(high - mean).toBeGreaterThan(0.85 * half);
    expect(high - mean).toBeLessThan(1.15 * half);
    expect(mean - low).toBeGreaterThan(0.85 * half);
    expect(mean).toBeCloseTo(values.reduce((a, b) => a + b) / 400, 10);
  });

  it('sees a small difference that every user shows, though users differ widely', () => {
    const a = Array.from({ length: 50 }, (_, i) => i);
    const b = a.map((v, i) => v + 0.1 + (i % 2) * 0.02);
    const { low, high } = pairedDifference(a, b);
    expect(low).toBeGreaterThan(-0.12);
    expect(high).toBeLessThan(-0.1);
  });

  it('weights users by their tokens', () => {
    expect(bootstrapMean([1, 4], [3, 1]).mean).toBeCloseTo(1.75, 10);
  });

  it('tells no interval of one user, however many seeds and shuffles, nor one without width', () => {
    expect(bootstrapMean([3])).toEqual({ mean: 3, low: Number.NaN, high: Number.NaN });
    expect(
      bootstrapRuns([
        [[1], [2]],
        [[3], [6]],
      ]),
    ).toEqual({ mean: 3, low: Number.NaN, high: Number.NaN });
    const same = Array.from({ length: 9 }, () => 0.1);
    const weights = Array.from({ length: 9 }, (_, i) => 1 + i / 7);
    expect(isTold(bootstrapMean(same, weights))).toBe(false);
    expect(isTold(pairedDifference(same, same))).toBe(false);
    expect(isTold(bootstrapMean([...same, 0.2]))).toBe(true);
    // As it comes back from a file.
    expect(isTold(JSON.parse(JSON.stringify(bootstrapMean([3]))))).toBe(false);
  });

  it('is wider where training seeds disagree, and counts shuffles within a seed', () => {
    const users = Array.from({ length: 100 }, (_, i) => (i % 10) / 100);
    const agree = bootstrapRuns([[users], [users], [users]]);
    const moved = (by: number) => users.map((v) => v + by);
    const disagree = bootstrapRuns([[moved(-1)], [users], [moved(1)]]);
    expect(agree.mean).toBeCloseTo(bootstrapRuns([[users]]).mean, 10);
    expect(disagree.mean).toBeCloseTo(agree.mean, 10);
    expect(disagree.high - disagree.low).toBeGreaterThan(1);
    expect(bootstrapRuns([[moved(1), moved(3)]]).mean).toBeCloseTo(agree.mean + 2, 10);
  });
});
