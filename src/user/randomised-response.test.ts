import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { drawBelow, exactEpsilon, randomise, truthShare, truthThreshold } from './randomised-response.ts';

const bitsOf = (seed: number) => {
  const random = seededRandom(seed);
  return () => random() * 2 ** 32;
};

describe('randomised response', () => {
  it('never tells more than ε, by its thresholds in whole numbers', () => {
    for (const epsilon of [0.1, 0.5, 1, Math.log(3), 2, 4]) {
      for (const k of [2, 3, 6, 64]) {
        expect(Number.isInteger(truthThreshold(epsilon, k))).toBe(true);
        const gap = epsilon - exactEpsilon(epsilon, k);
        expect(gap).toBeGreaterThan(0);
        expect(gap).toBeLessThan(1e-6);
      }
    }
    // The truth in γ = (e^ε − 1) / (e^ε + k − 1) of all cases: of two answers at ε = log 3 a half.
    expect(truthShare(Math.log(3), 2)).toBeCloseTo(0.5, 8);
  });

  it('gives each other answer equally often, and the true one e^ε times as often', () => {
    const bits = bitsOf(7);
    const [k, epsilon, draws] = [5, Math.log(4), 80_000];
    const counts = new Array<number>(k).fill(0);
    for (let i = 0; i < draws; i++) counts[randomise(2, k, truthThreshold(epsilon, k), bits)]!++;
    // 4 of 8 parts, the others 1 of 8; six standard deviations.
    for (const [i, count] of counts.entries()) {
      const share = i === 2 ? 1 / 2 : 1 / 8;
      expect(Math.abs(count - share * draws)).toBeLessThan(6 * Math.sqrt(draws * share * (1 - share)));
    }
  });

  it('takes as many numbers from the system for the truth as for a lie', () => {
    for (const first of [0, 2 ** 32 - 1]) {
      const drawn = [first, 3, 99];
      randomise(1, 6, truthThreshold(1, 6), () => drawn.shift()!);
      expect(drawn).toEqual([99]);
    }
  });

  it('favours no low number: what is beyond the last whole multiple is drawn again', () => {
    // 2³² = 6 · 715827882 + 4
    const drawn = [2 ** 32 - 1, 2 ** 32 - 4, 2 ** 32 - 5];
    expect(drawBelow(6, () => drawn.shift()!)).toBe(5);
    expect(drawn).toEqual([]);
  });

  it('draws from the system by default', () => {
    const seen = new Set(Array.from({ length: 300 }, () => randomise(0, 3, truthThreshold(0.1, 3))));
    expect([...seen].sort()).toEqual([0, 1, 2]);
  });
});
