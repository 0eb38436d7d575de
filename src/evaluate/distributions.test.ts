/** Against SciPy 1.17: `scipy.special.erfc`, `scipy.stats.norm.ppf`, `t.ppf` and `chi2.sf`. */
import { describe, expect, it } from 'vitest';
import { chiSquareTail, erfc, normalCdf, normalQuantile, tQuantile } from './distributions.ts';

describe('the distributions', () => {
  it.each([
    [erfc(0.1), 0.8875370839817152],
    [erfc(1.9), 0.007209570764742531],
    [erfc(2), 0.004677734981047266],
    [erfc(5), 1.5374597944280347e-12],
    [erfc(-1), 1.8427007929497148],
    [normalQuantile(0.975), 1.959963984540054],
    [normalQuantile(0.8), 0.8416212335729143],
    [normalQuantile(0.0005), -3.2905267314918945],
    [normalQuantile(1e-10), -6.361340902404056],
    [chiSquareTail(3.84), 0.05004352124870519],
    [chiSquareTail(20), 7.744216431044088e-6],
  ])('are what SciPy has: %d', (found, expected) => {
    expect(Math.abs(found / expected - 1)).toBeLessThan(1e-12);
  });

  it.each([
    [0.975, 20, 2.085963447265864],
    [0.975, 58.7, 2.001209373911118],
    [0.975, 1000, 1.9623390808264083],
    [0.995, 20, 2.8453397097861077],
  ])('t at %d with %d degrees of freedom', (p, degrees, expected) => {
    expect(Math.abs(tQuantile(p, degrees) / expected - 1)).toBeLessThan(1e-5);
  });

  it('a quantile is the inverse of its probability', () => {
    for (const p of [1e-6, 0.2, 0.5, 0.9]) expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 14);
  });
});
