/** Noise and what it hides, against scipy. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { blur, epsilonOf, protect, sigmaFor } from './gaussian-mechanism.ts';

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

  it('shortens what is far from the mean user, then adds noise of the scale, then shrinks by what noise outweighs', () => {
    const space = { mean: [10, -10], scale: [2, 4] };
    const random = seededRandom(3);
    const far = Float32Array.of(10 + 2 * 30, -10 + 4 * 40);
    const all = Array.from({ length: 4000 }, () => blur(far, space, { clip: 5, sigma: 0.5 }, random));
    const standard = (i: 0 | 1) => all.map((v) => (v[i]! - space.mean[i]!) / space.scale[i]!);
    for (const [i, expected] of [
      [0, 3],
      [1, 4],
    ].map(([i, v]) => [i, v! / 1.25] as [0 | 1, number])) {
      const mean = standard(i).reduce((a, b) => a + b, 0) / all.length;
      const deviation = Math.sqrt(standard(i).reduce((sum, v) => sum + (v - mean) ** 2, 0) / all.length);
      expect(Math.abs(mean - expected)).toBeLessThan(0.05);
      expect(Math.abs(deviation - 0.5 / 1.25)).toBeLessThan(0.03);
    }
    expect(blur(far, space, { clip: 5, sigma: 0.5 })).not.toEqual(blur(far, space, { clip: 5, sigma: 0.5 }));
  });

  it('keeps the first directions of a reference alone, and shrinks the weak ones most', () => {
    const half = Math.SQRT1_2;
    const reference = {
      eigenvectors: Float32Array.of(half, half, 0, half, -half, 0, 0, 0, 1),
      eigenvalues: Float32Array.of(6, 2, 1),
    };
    const population = { mean: [1, 2, 3], scale: [1, 1, 1], reference };
    const at = Float32Array.of(1 + 4 * half, 2 + 2 * half, 3.5);
    // Along the first direction 3, along the second 1, along the third 0.5.
    const along = (v: Float32Array) => [
      half * (v[0]! - 1 + v[1]! - 2),
      half * (v[0]! - 1 - v[1]! + 2),
      v[2]! - 3,
    ];
    const kept = along(protect(at, population, { components: 2 }));
    for (const [k, expected] of [3, 1, 0].entries()) expect(kept[k]).toBeCloseTo(expected, 5);
    // In units of √3 it is √(9 + 1 + 0.25) / √3 long.
    const short = along(protect(at, population, { clip: 1 }));
    expect(Math.hypot(...short)).toBeCloseTo(Math.sqrt(3), 5);
    const random = seededRandom(9);
    const all = Array.from({ length: 4000 }, () =>
      along(blur(at, population, { clip: 9, sigma: 1 }, random)),
    );
    for (const [k, expected] of [
      [0, (3 * 2) / 3],
      [1, (1 * 2) / 3 / (5 / 3)],
      [2, (0.5 * (1 / 3)) / (4 / 3)],
    ] as const)
      expect(Math.abs(all.reduce((sum, v) => sum + v[k]!, 0) / all.length - expected)).toBeLessThan(0.06);
  });

  it('refuses what promises nothing', () => {
    const space = { mean: [0], scale: [1] };
    expect(() => blur(new Float32Array(2), space, { clip: 1, sigma: 1 })).toThrow('2 numbers, expected 1');
    expect(() => blur(new Float32Array(1), space, { clip: 1, sigma: 0 })).toThrow('sigma is 0');
    expect(() => epsilonOf({ clip: 1, sigma: 1 }, 0)).toThrow('delta is 0');
    expect(() => sigmaFor(1, { epsilon: -1, delta: 0.1 })).toThrow('epsilon is -1');
  });
});
