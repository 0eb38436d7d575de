/** Against NumPy and SciPy 1.17; how each number was made stands beside it. */
import { describe, expect, it } from 'vitest';
import {
  bestSpread,
  checkSampleRatio,
  compareArms,
  momentsOf,
  sampleSize,
  sequenceFactor,
} from './compare-arms.ts';

const treatment = momentsOf(Array.from({ length: 60 }, (_, i) => ((i * 37) % 101) / 10));
const control = momentsOf(Array.from({ length: 45 }, (_, i) => ((i * 53) % 97) / 12));

describe('two arms', () => {
  it("have Welch's interval", () => {
    // scipy.stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    const { difference } = compareArms(treatment, control, { alpha: 0.05 });
    expect(difference.mean).toBeCloseTo(1.1924074074074071, 10);
    expect(difference.low).toBeCloseTo(0.15889713236251612, 5);
    expect(difference.high).toBeCloseTo(2.225917682452298, 5);
  });

  it('have a lift by the delta method on the logarithm', () => {
    // v = var(ddof=1) / n / mean² of each; Welch's degrees of freedom; exp(log(a / b) ± t √(v_a + v_b)) − 1
    const { lift } = compareArms(treatment, control, { alpha: 0.05 });
    expect(lift.mean).toBeCloseTo(0.31719211822660087, 10);
    expect(lift.low).toBeCloseTo(0.03362586642806353, 5);
    expect(lift.high).toBeCloseTo(0.6785523008571388, 5);
  });

  it('are not told of where people are few, all alike, or a mean is 0', () => {
    const alike = { count: 100, mean: 3, variance: 0 };
    const none = { count: 100, mean: 0, variance: 0 };
    const few = { ...treatment, count: 29 };
    const told = (a: typeof treatment, b: typeof treatment, horizon?: number) => {
      const { difference, lift } = compareArms(a, b, { alpha: 0.05, horizon });
      return [difference.low < difference.high, lift.low < lift.high];
    };
    expect(told(alike, alike)).toEqual([false, false]);
    expect(told(treatment, none)).toEqual([true, false]);
    expect(told(treatment, few)).toEqual([false, false]);
    // 105 people are too few to look at again and again.
    expect(told(treatment, control, 1000)).toEqual([false, false]);
    expect(told({ ...treatment, count: 200 }, control, 1000)).toEqual([true, true]);
  });
});

describe('a confidence sequence', () => {
  it("is as wide as the paper's formula says, narrowest at its horizon", () => {
    // √(2 (n ρ² + 1) / (n² ρ²) · log(√(n ρ² + 1) / α)) with σ = 1, in units of 1 / √n; ρ² by scipy.optimize.minimize_scalar of the width at 10,000
    const expected = {
      200: 6.599204732827494,
      1000: 3.8232183645163005,
      10000: 3.035122413028551,
      50000: 3.15714153808818,
    };
    for (const [people, factor] of Object.entries(expected)) {
      expect(sequenceFactor(Number(people), 0.05, 10_000)).toBeCloseTo(factor, 5);
    }
    expect(sequenceFactor(10_000, 0.05, 10_000)).toBeCloseTo(Math.sqrt(1 + bestSpread(0.05)), 12);
  });
});

describe('the sample ratio', () => {
  it('is checked by a chi-square', () => {
    // scipy.stats.chisquare([5200, 4900], [5050, 5050]) and ([1100, 8800], [990, 8910])
    const even = checkSampleRatio(5200, 10_100, 0.5);
    expect(even.pValue).toBeCloseTo(0.002834749080259389, 10);
    expect(even.isMismatch).toBe(false);
    const odd = checkSampleRatio(1100, 9900, 0.1);
    expect(odd.pValue).toBeCloseTo(0.00022857816703040208, 10);
    expect(odd.isMismatch).toBe(true);
    // Looked at again and again the same is no alarm yet.
    expect(checkSampleRatio(1100, 9900, 0.1, 10_000).isMismatch).toBe(false);
    expect(checkSampleRatio(1200, 9900, 0.1, 10_000).isMismatch).toBe(true);
  });
});

describe('a sample size', () => {
  it('is the smallest that has the power', () => {
    // Φ(δ / √(p₁(1 − p₁) / (n / 2) + p₂(1 − p₂) / (n / 2)) − 1.96): 0.8000168 at 13,014, 0.7999565 at 13,012
    const plan = { alpha: 0.05, power: 0.8, share: 0.5, mean: 0.2, lift: 0.1 };
    expect(sampleSize(plan).once).toBeGreaterThan(13_012);
    expect(sampleSize(plan).once).toBeLessThanOrEqual(13_014);
    // With σ = 25, a fifth treated: 0.90000089 at 164,179, 0.89999743 at 164,177
    const heavy = { alpha: 0.05, power: 0.9, share: 0.2, mean: 10, deviation: 25, lift: 0.05 };
    expect(sampleSize(heavy).once).toBe(164_179);
    expect(sampleSize(plan).sequential / sampleSize(plan).once).toBeCloseTo(1.915, 2);
  });
});
