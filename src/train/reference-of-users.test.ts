/** What a file says of its training users: numpy's numbers, and p-values that hold for new people of the same population. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { shareBeyond, squaredDistance } from '../projector/reference.ts';
import { DRIFT_RULE, levelOf, pValueOf } from '../user/user-fit.ts';
import { referenceOf } from './reference-of-users.ts';
import { standardisation } from './standardise.ts';

/** 40 vectors of 4 numbers, as the program below has them. */
const SCALES = [3, 1, 0.5, 0.2];
const fixed = Array.from({ length: 40 }, (_, i) =>
  Float32Array.from(SCALES, (scale, k) => k + scale * Math.sin(1.7 * i + 0.9 * k * i + k)),
);
const { mean: fixedMean } = standardisation(fixed, 4);

/*
 * import numpy as np                                            # numpy 2
 * x = np.float32([[k + s * np.sin(1.7*i + .9*k*i + k) for k, s in enumerate([3, 1, .5, .2])] for i in range(40)]).astype(float)
 * def fit(x):                                                   # Ledoit and Wolf, as sklearn.covariance.ledoit_wolf
 *     m = x.mean(0); c = x - m; n, p = c.shape; S = c.T @ c / n; mu = np.trace(S) / p
 *     d = ((S - mu * np.eye(p)) ** 2).sum(); b = min(d, ((c ** 2).sum(1) ** 2).sum() / n ** 2 - (S ** 2).sum() / n)
 *     return m, (1 - b / d) * S + b / d * mu * np.eye(p)
 * m, C = fit(x); print(np.linalg.eigvalsh(C)[::-1])
 * d2 = lambda v, m, C: (v - m) @ np.linalg.solve(C, v - m)
 * print(d2(np.array([1, 1, 1, 1.]), m, C))
 * print(sorted(d2(v, *fit(x[np.arange(40) % 5 != f])) for f in range(5) for v in x[f::5])[::13])
 */
const NUMPY = {
  eigenvalues: [4.30747367, 0.51352269, 0.1532937, 0.0576542],
  squared: 77.53753974611608,
  distances: [0.6833818513321102, 2.9159861146072994, 3.643101172540887, 6.20552280674016],
};

describe('the reference of training users', () => {
  const fixedReference = referenceOf({
    ...{ users: fixed.map((vector) => [vector]), mean: fixedMean, isOwnMean: true },
  })!;

  it("has numpy's shrunk covariance, and distances of users that it was not fitted on", () => {
    expect([...fixedReference.eigenvalues].map((v) => v.toPrecision(4))).toEqual(
      NUMPY.eigenvalues.map((v) => v.toPrecision(4)),
    );
    const squared = squaredDistance(
      fixedReference,
      fixedMean.map((m) => 1 - m),
    );
    expect(squared / NUMPY.squared).toBeCloseTo(1, 4);
    // Fourth moments are about the mean of all users, also where four fifths are fitted: a shrinkage that differs by so much.
    const every13th = [...fixedReference.distances].filter((_, i) => i % 13 === 0);
    for (const [i, distance] of every13th.entries())
      expect(Math.abs(distance / NUMPY.distances[i]! - 1)).toBeLessThan(0.01);
  });

  it('is none of few users, of users who are all alike, or of very long vectors', () => {
    const of = (users: readonly Float32Array[]) =>
      referenceOf({
        ...{ users: users.map((vector) => [vector]), isOwnMean: true },
        mean: Array.from(users[0]!, () => 0),
      });
    expect(of(fixed.slice(0, 19))).toBeUndefined();
    expect(of(fixed.map(() => new Float32Array(4)))).toBeUndefined();
    expect(of(fixed.map(() => new Float32Array(1025)))).toBeUndefined();
  });

  it('holds no vector of a user', () => {
    const kept = [...Object.values(fixedReference).flatMap((v) => (typeof v === 'number' ? [v] : [...v]))];
    for (const vector of fixed) {
      const at = kept.findIndex((_, i) => [...vector].every((v, k) => Math.abs(kept[i + k]! - v) < 1e-3));
      expect(at).toBe(-1);
    }
    expect(fixedReference.points).toBeUndefined();
  });
});

/** Independent people of a population of 96 numbers (more than the directions that are kept), with a heavy tail where asked. */
function population(seed: number, heavy: boolean) {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return () => {
    // Student's t of 8 degrees of freedom.
    const chi = Array.from({ length: 8 }, () => normal() ** 2).reduce((a, b) => a + b, 0);
    const stretch = heavy ? 1 / Math.sqrt(chi / 8) : 1;
    return Float32Array.from({ length: 96 }, (_, i) => 0.3 + (normal() * stretch * 2) / (1 + i / 4));
  };
}

describe.each([
  ['a Gaussian', false],
  ['a heavy-tailed', true],
] as const)('the p-value of a new person of %s population', (_, heavy) => {
  const draw = population(1, heavy);
  const users = Array.from({ length: 600 }, draw);
  const { mean } = standardisation(users, 96);
  const reference = referenceOf({ users: users.map((u) => [u]), mean, isOwnMean: true })!;
  const pOf = (vector: Float32Array) => pValueOf(reference, mean, [vector]);

  it('is below a threshold as often as the threshold says', () => {
    const count = 3000;
    const found = Array.from({ length: count }, () => pOf(draw()));
    for (const threshold of [0.01, 0.05, 0.2, 0.5]) {
      const share = found.filter((p) => p < threshold).length / count;
      // Four deviations of the 3,000 drawn, and as many of the 600 that the quantiles are from.
      const deviation = Math.sqrt(threshold * (1 - threshold) * (1 / count + 1 / users.length));
      expect(Math.abs(share - threshold), `${threshold}`).toBeLessThan(4 * deviation);
    }
    // In expectation 0.003 of them, where the end of the distribution is that of a χ².
    expect(found.filter((p) => p < DRIFT_RULE.alien).length).toBeLessThan(heavy ? 6 : 1);
  });

  // Where everybody's length varies that much, a length says little.
  it.skipIf(heavy)(
    'is that of an alien where it is turned around, scaled, constant, or of another space',
    () => {
      const random = seededRandom(2);
      const order = Array.from({ length: 96 }, (_, i) => i).sort(() => random() - 0.5);
      const other = () => Float32Array.from({ length: 96 }, () => random() - 0.5);
      const changed: Record<string, (v: Float32Array) => Float32Array> = {
        'turned around': (v) => v.map((_, i) => v[order[i]!]!),
        'three times as long': (v) => v.map((x, i) => mean[i]! + 3 * (x - mean[i]!)),
        constant: (v) => v.map(() => 1),
        'of another space': other,
      };
      for (const [name, change] of Object.entries(changed)) {
        const levels = Array.from({ length: 50 }, () => levelOf(pOf(change(draw())), DRIFT_RULE).level);
        expect(levels.filter((level) => level === 'alien').length, name).toBeGreaterThanOrEqual(48);
      }
    },
  );

  it('falls with the distance, also beyond the farthest of them, and nobody is nearer than the mean', () => {
    const [least, most] = [reference.distances[0]!, reference.distances.at(-1)!];
    const shares = [0, 0.5 * least, least, most, 1.5 * most, 2 * most].map((d) =>
      shareBeyond(reference.distances, d),
    );
    expect(shares).toEqual([...new Set(shares)].sort((a, b) => b - a));
    expect(shares[0]).toBe(1);
    expect(shares.at(-1)).toBeGreaterThan(0);
  });
});
