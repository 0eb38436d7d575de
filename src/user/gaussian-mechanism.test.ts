/** Noise and what it hides, against scipy. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { blur, epsilonOf, sigmaFor } from './gaussian-mechanism.ts';

describe('the Gaussian mechanism', () => {
  it('relates noise, ε and δ as Balle and Wang do', () => {
    // scipy 1.x: brentq over norm.cdf(r/2 − ε/r) − exp(ε + norm.logcdf(−r/2 − ε/r)) − δ, r = 2 clip / sigma.
    for (const [clip, sigma, delta, epsilon] of [
      [1, 1, 1e-5, 9.997256146434305],
      [1, 0.5, 1e-6, 26.356963925325825],
      [3, 1, 1e-5, 42.83600810268184],
      [1, 20, 1e-5, 0.34066936468432535],
    ] as const)
      expect(epsilonOf({ clip, sigma }, delta)).toBeCloseTo(epsilon, 9);
    for (const [clip, epsilon, delta, sigma] of [
      [1, 1, 1e-5, 7.4612632696319],
      [5, 8, 1e-5, 6.002290721989503],
      [1, 0.1, 1e-6, 72.60938085239293],
      [2, 50, 1e-7, 0.6519438538881551],
    ] as const)
      expect(sigmaFor(clip, { epsilon, delta })).toBeCloseTo(sigma, 9);
  });

  it('shortens what is far from the mean user, then adds noise of the scale', () => {
    const space = { mean: [10, -10], scale: [2, 4] };
    const random = seededRandom(3);
    const far = Float32Array.of(10 + 2 * 30, -10 + 4 * 40);
    const all = Array.from({ length: 4000 }, () => blur(far, space, { clip: 5, sigma: 0.5 }, random));
    const standard = (i: 0 | 1) => all.map((v) => (v[i]! - space.mean[i]!) / space.scale[i]!);
    for (const [i, expected] of [
      [0, 3],
      [1, 4],
    ] as const) {
      const mean = standard(i).reduce((a, b) => a + b, 0) / all.length;
      const deviation = Math.sqrt(standard(i).reduce((sum, v) => sum + (v - mean) ** 2, 0) / all.length);
      expect(Math.abs(mean - expected)).toBeLessThan(0.05);
      expect(Math.abs(deviation - 0.5)).toBeLessThan(0.03);
    }
    expect(blur(far, space, { clip: 5, sigma: 0.5 })).not.toEqual(blur(far, space, { clip: 5, sigma: 0.5 }));
  });

  it('refuses what promises nothing', () => {
    const space = { mean: [0], scale: [1] };
    expect(() => blur(new Float32Array(2), space, { clip: 1, sigma: 1 })).toThrow('2 numbers, expected 1');
    expect(() => blur(new Float32Array(1), space, { clip: 1, sigma: 0 })).toThrow('sigma is 0');
    expect(() => epsilonOf({ clip: 1, sigma: 1 }, 0)).toThrow('delta is 0');
    expect(() => sigmaFor(1, { epsilon: -1, delta: 0.1 })).toThrow('epsilon is -1');
  });
});
