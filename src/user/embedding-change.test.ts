/** How fast an embedding moves, against a distance between people that is worked out in another way. */
import { inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { gaussian } from '../train/draw-batches.ts';
import { referenceOf } from '../train/reference-of-users.ts';
import { earlierOf, speedOf } from './embedding-change.ts';

const DAY = 86_400_000;
const DIM = 6;
const random = seededRandom(3);
/** Turned and stretched, and far from singular: what the reference shrinks is another test's. */
const mixing = new Matrix(
  Array.from({ length: DIM }, (_, i) =>
    Array.from({ length: DIM }, (__, k) => (i === k ? 3 - i / 3 : 0.4 * gaussian(random))),
  ),
);
const draw = () =>
  mixing.mmul(Matrix.columnVector(Array.from({ length: DIM }, () => gaussian(random)))).to1DArray();
const people = Array.from({ length: 2000 }, draw);
const mean = Array.from({ length: DIM }, (_, i) => people.reduce((sum, v) => sum + v[i]! / people.length, 0));
const reference = referenceOf({ users: people.map((v) => [Float32Array.from(v)]), mean, isOwnMean: true })!;

/** By the covariance as it was drawn from, and pairs of people: the median of all distances between two. */
const precision = inverse(mixing.mmul(mixing.transpose()));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  const difference = Matrix.columnVector(Array.from(a, (v, i) => v - b[i]!));
  return Math.sqrt(difference.transpose().mmul(precision).mmul(difference).get(0, 0));
};
const pairs = Array.from({ length: 1000 }, (_, i) => distance(people[i]!, people[i + 1000]!)).sort(
  (a, b) => a - b,
);
const typical = pairs[500]!;

describe('the speed of an embedding', () => {
  const start = Float32Array.from(people[0]!);
  /** By `share` of the typical distance, somewhere. */
  const movedOn = (share: number) => {
    const way = draw();
    const factor =
      (share * typical) /
      distance(
        way,
        way.map(() => 0),
      );
    return start.map((v, i) => v + factor * way[i]!);
  };
  const speed = (share: number, days: number) =>
    speedOf(reference, [movedOn(share)], { values: start, days });

  it('is a share of how far people lie apart, per day, in few steps', () => {
    for (const [share, days, expected] of [
      ...[
        [1, 1, 1],
        [0.5, 1, 0.5],
        [0.5, 10, 0.05],
        [0.6, 3, 0.2],
        [1, 100, 0.01],
      ],
      ...[
        [0.3, 60, 0],
        [0, 1, 0],
        [9, 1, 2],
        [1.9, 1, 2],
      ],
    ] as const)
      for (let i = 0; i < 20; i++) expect([share, days, speed(share, days)]).toEqual([share, days, expected]);
  });

  it('of less than a day is how far it has moved in it', () => {
    expect([0.001, 0.1, 0.99, 1].map((days) => speed(0.5, days))).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it('of somebody who walks at random, a step a day, is what they came away from the day before', () => {
    for (const step of [0.02, 0.1]) {
      const way = [start];
      for (let day = 0; day < 30; day++) {
        const next = draw();
        const factor =
          (step * typical) /
          distance(
            next,
            next.map(() => 0),
          );
        way.unshift(way[0]!.map((v, i) => v + factor * next[i]!));
      }
      const versions = way.map((values, i) => ({ values, storedAt: (way.length - i) * DAY }));
      const told = versions.slice(0, -1).map((_, i) => {
        const earlier = earlierOf(versions.slice(i))!;
        return speedOf(reference, [versions[i]!.values], earlier);
      });
      expect(new Set(told)).toEqual(new Set([step]));
    }
  });

  it('has no number where an earlier one has another length', () => {
    expect(speedOf(reference, [start], { values: start.slice(1), days: 1 })).toBeUndefined();
  });
});

describe('the version that a speed is computed from', () => {
  const versions = (...ages: number[]) =>
    ages.map((days) => ({ values: Float32Array.of(days), storedAt: (100 - days) * DAY }));

  it('is the latest that is a day older, the oldest while there is none, and none where it is the first', () => {
    expect(earlierOf(versions(0, 0.2, 1.5, 7))).toEqual({ values: Float32Array.of(1.5), days: 1.5 });
    expect(earlierOf(versions(0, 0.1, 0.25))).toEqual({ values: Float32Array.of(0.25), days: 0.25 });
    expect([earlierOf(versions(0)), earlierOf([])]).toEqual([undefined, undefined]);
  });
});
