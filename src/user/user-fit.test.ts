/** Which level an embedding has, and what follows from it. */
import { describe, expect, it } from 'vitest';
import type { ProjectorContract } from '../projector/contract.ts';
import { DRIFT_RULE, fitOf, levelOf, readDriftOptions } from './user-fit.ts';

const mean = [1, 2, 3];
/** Of 999 users: d² of 3 standard normal numbers, its quantiles by Wilson and Hilferty's approximation. */
const distances = Float32Array.from({ length: 999 }, (_, i) => {
  const q = (i + 1) / 1000;
  const t = Math.sqrt(-2 * Math.log(Math.min(q, 1 - q)));
  // Abramowitz and Stegun, 26.2.22
  const z = (t - (2.30753 + 0.27061 * t) / (1 + 0.99229 * t + 0.04481 * t * t)) * (q < 0.5 ? -1 : 1);
  return 3 * (1 - 2 / 27 + z * Math.sqrt(2 / 27)) ** 3;
}).sort();
const reference = {
  eigenvectors: Float32Array.of(1, 0, 0, 0, 1, 0),
  ...{ eigenvalues: Float32Array.of(4, 1), residual: 0.25, distances },
};
const projector = {
  contract: { space: { id: 's', dim: 3, mean, scale: [1, 1, 1] } } as unknown as ProjectorContract,
  reference,
};
/** Standard deviations from the mean. */
const at = (...rows: (readonly [number, number, number])[]) =>
  Float32Array.from(rows.flatMap((row) => row.map((v, i) => mean[i]! + v * [2, 1, 0.5][i]!)));
const fitted = (values: Float32Array, before?: Float32Array) => fitOf(projector, values, DRIFT_RULE, before);
const SHRINK = { ...DRIFT_RULE, apply: 'shrink' } as const;
const USUAL = [1, 1, -1] as const;

describe('how an embedding fits', () => {
  it('is fine as most are, unusual or alien far from them, always in the same few words', () => {
    expect(fitted(at(USUAL))).toEqual({ level: 'fine', strength: 1, pValue: '≥ 0.1', change: 'first' });
    expect(fitted(at([0, 0, 0])).level).toBe('fine');
    expect(fitted(at([4.5, 1, -1]))).toMatchObject({
      ...{ level: 'unusual', pValue: '< 0.001', strength: 1 },
      reason: expect.stringMatching(/less than 1 in 1000 lies as far/),
    });
    expect(fitted(at([9, 9, 9]))).toEqual({
      ...{ level: 'alien', strength: 0, pValue: '< 0.001', change: 'first' },
      reason: expect.stringMatching(/less than 1 in 1000000 lies as far/),
    });
    for (const far of [4.2, 4.3, 4.5, 4.7, 4.9]) {
      const { strength } = fitOf(projector, at([far, 1, -1]), SHRINK, undefined);
      expect(strength).toBeLessThan(1);
      expect(strength * 10).toBe(Math.round(strength * 10));
    }
  });

  it('where asked to lets λ fall with the logarithm of p, from 1 at one threshold to 0 at the other', () => {
    const strengths = [1, 1e-3, 1.26e-4, 3.16e-5, 4e-6, 1e-6, 0.9e-6].map((p) => levelOf(p, SHRINK).strength);
    expect(strengths).toEqual([1, 1, 0.7, 0.5, 0.2, 0.1, 0]);
    expect([1e-4, 2e-6, 0.9e-6].map((p) => levelOf(p, DRIFT_RULE).strength)).toEqual([1, 1, 0]);
  });

  it('of a set is that of half of its vectors: one odd line is none of the others', () => {
    const odd = [30, 30, 30] as const;
    const lines = (count: number) => Array.from({ length: count }, (_, i) => [1 + i / 10, 1, -1] as const);
    expect(fitted(at(...lines(4), odd)).level).toBe('fine');
    expect(fitted(at(...lines(2), odd, odd.map((v) => v + 1) as never)).level).toBe('alien');
  });

  it('sees a leap from the version before, and calls it none where little changed', () => {
    expect(fitted(at([1.2, 1, -1]), at(USUAL)).change).toBe('gradual');
    expect(fitted(at([-1, -1, 1]), at(USUAL))).toMatchObject({ level: 'fine', strength: 1, change: 'leap' });
    expect(fitted(at([1.2, 1, -1], [0, 2, 0]), at([0, 2, 0], USUAL)).change).toBe('gradual');
  });

  it('is unknown where the file tells nothing, or nobody asks', () => {
    const { contract } = projector;
    const alien = at([9, 9, 9]);
    expect(fitOf({ contract }, alien, DRIFT_RULE, undefined)).toEqual({
      ...{ level: 'unknown', strength: 1, change: 'first' },
    });
    expect(fitOf(projector, alien, undefined, at(USUAL)).level).toBe('unknown');
    const watched = fitOf(projector, alien, { ...DRIFT_RULE, apply: false }, undefined);
    expect(watched).toMatchObject({ level: 'alien', strength: 1 });
    expect(fitted(alien, at(USUAL)).level).toBe('alien');
  });

  it('has thresholds of the app, checked', () => {
    expect(readDriftOptions(undefined)).toEqual(DRIFT_RULE);
    expect(readDriftOptions(false)).toBeUndefined();
    expect(readDriftOptions({ apply: 'shrink' })).toEqual(SHRINK);
    expect(readDriftOptions({ alien: 0.0001 })).toEqual({
      ...{ unusual: 0.001, alien: 0.0001, apply: true },
    });
    for (const bad of [
      { alien: 0.001 },
      { alien: 0 },
      { unusual: 2 },
      { unusual: '1' },
      { apply: 1 },
      { apply: 'both' },
      { more: 1 },
      1,
    ]) {
      expect(() => readDriftOptions(bad as never)).toThrow(/drift/);
    }
  });
});
