/** What noise costs, against Google's dp-accounting. */
import { describe, expect, it } from 'vitest';
import { epsilonOfSteps, noiseFor, renyiLoss } from './dp-accounting.ts';

// dp-accounting 0.6.0: RdpAccountant and PLDAccountant of SelfComposedDpEvent(PoissonSampledDpEvent(q, GaussianDpEvent(noise)), steps), one more or less.
const REFERENCE = [
  { sampling: 0.01, noise: 1.1, steps: 10000, delta: 1e-5, rdp: 5.632010670081592, pld: 5.192620123878041 },
  { sampling: 0.1, noise: 1, steps: 300, delta: 1e-5, rdp: 13.709583315962401, pld: 12.39788222856404 },
  { sampling: 0.05, noise: 4, steps: 1000, delta: 1e-6, rdp: 1.9418678338563895, pld: 1.8018212923025243 },
  { sampling: 0.2, noise: 0.7, steps: 60, delta: 1e-4, rdp: 21.347381150954043, pld: 18.661191103269676 },
  { sampling: 1, noise: 5, steps: 20, delta: 1e-5, rdp: 4.161624306053592, pld: 3.8486102850967567 },
  { sampling: 0.001, noise: 0.6, steps: 2000, delta: 1e-7, rdp: 3.919278887300604, pld: 3.0454601216607173 },
  { sampling: 0.02, noise: 20, steps: 100, delta: 1e-5, rdp: 0.03246757190189242, pld: 0.027465671446855553 },
];

describe('the loss of privacy of a training with noise', () => {
  it('is that of dp-accounting, and above the exact one', () => {
    for (const { delta, rdp, pld, ...steps } of REFERENCE) {
      const epsilon = epsilonOfSteps(steps, delta);
      expect(Math.abs(epsilon / rdp - 1)).toBeLessThan(1e-6);
      expect(epsilon).toBeGreaterThan(pld);
    }
  });

  it('has the divergences of whole and broken orders', () => {
    for (const [q, noise, order, expected] of [
      [0.01, 1.1, 1.5, 9.858756968009191e-5],
      [0.1, 1, 1.5, Infinity],
      [0.1, 1, 2, 0.017036863236176605],
      [0.1, 1, 8.3, 1.5391802351952235],
      [0.2, 0.7, 33, 32.01373654055744],
      [0.001, 0.6, 8.3, 3.673756425858076],
      [0.05, 4, 33, 0.0029565471250576317],
      [1, 5, 1.5, 0.03],
    ] as const) {
      const found = renyiLoss(q, noise, order);
      if (expected === Infinity) expect(found).toBe(Infinity);
      else expect(Math.abs(found / expected - 1)).toBeLessThan(1e-5);
    }
  });

  it('tells the noise that keeps it', () => {
    for (const { delta, rdp, sampling, steps, noise } of REFERENCE) {
      const found = noiseFor({ epsilon: rdp, delta }, { sampling, steps });
      expect(Math.abs(found / noise - 1)).toBeLessThan(2e-3);
      // Never a little less than was asked for.
      expect(epsilonOfSteps({ sampling, steps, noise: found }, delta)).toBeLessThanOrEqual(rdp);
    }
  });
});
