/** Attackers and measures against independent references, and where there is nothing to be told. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../generate/sampling.ts';
import { gaussian } from '../../train/draw-batches.ts';
import { ATTACKERS, mlp, ridge } from './attackers.ts';
import { columnsOf, readAttributes } from './attributes.ts';
import { scoreOf } from './membership.ts';

const rowsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    Float32Array.from({ length: 6 }, (_, j) => Math.sin(((first + i) * 5 + j + 1) ** 2)),
  );

describe('ridge', () => {
  it('answers as numpy does by the primal equations, with the penalty chosen on the last fifth', () => {
    const rows = rowsFrom(0, 40);
    const answers = rows.map((row, i) => [
      row.reduce((sum, v, j) => sum + v * Math.cos(j), 0) + 0.3 * Math.sin(i * i),
      Math.cos(i * 1.7),
    ]);
    // numpy 2: solve(ZᵀZ + λI, ZᵀY) of the standardised rows, best of the seven penalties: 0.1.
    const expected = [
      [-0.102335, -0.515141],
      [-1.090078, 0.5882],
      [0.274822, -0.228941],
      [-0.280198, -0.263037],
      [0.436, 0.196261],
    ];
    const found = ridge({ rows, answers, seed: 1 })(rowsFrom(1000, 5));
    for (const [i, row] of expected.entries())
      for (const [c, value] of row.entries()) expect(found[i]![c]).toBeCloseTo(value, 3);
  });
});

describe('attackers', () => {
  const random = seededRandom(5);
  const people = Array.from({ length: 400 }, () => Float32Array.from({ length: 4 }, () => gaussian(random)));
  const wanted = (of: (row: Float32Array) => number) => people.map((row) => [of(row)]);
  /** R² on the last hundred. */
  const told = (attack: keyof typeof ATTACKERS, answers: readonly (readonly number[])[]) => {
    const lesson = { rows: people.slice(0, 300), answers: answers.slice(0, 300), seed: 1 };
    const found = ATTACKERS[attack](lesson)(people.slice(300));
    const mean = answers.slice(300).reduce((sum, [v]) => sum + v! / 100, 0);
    const [left, all] = answers
      .slice(300)
      .reduce(([l, a], [v], i) => [l! + (v! - found[i]![0]!) ** 2, a! + (v! - mean) ** 2], [0, 0]);
    return 1 - left! / all!;
  };

  it('see what is linear; only a hidden layer sees what bends', () => {
    expect(
      told(
        'ridge',
        wanted((row) => row[0]! - row[2]!),
      ),
    ).toBeGreaterThan(0.98);
    const bent = wanted((row) => Math.abs(row[1]!));
    expect(told('ridge', bent)).toBeLessThan(0.1);
    expect(told('mlp', bent)).toBeGreaterThan(0.5);
  });

  it('see nothing where there is nothing', () => {
    const noise = wanted(() => gaussian(random));
    for (const name of ['ridge', 'mlp'] as const) expect(told(name, noise)).toBeLessThan(0.05);
  });

  it('stop when asked', () => {
    const signal = AbortSignal.abort();
    const answers = wanted((row) => row[0]!);
    expect(() => ridge({ rows: people, answers, seed: 1, signal })).toThrow('aborted');
    expect(() => mlp({ rows: people, answers, seed: 1, signal })).toThrow('aborted');
  });
});

describe('attributes', () => {
  const read = (...lines: unknown[]) =>
    readAttributes(new TextEncoder().encode(lines.map((l) => JSON.stringify(l)).join('\n')), 'known.jsonl');
  const users = Array.from({ length: 20 }, (_, i) => `u${i}`);

  it('are scored by what is right: a class, a set by its size, a number by its variance', () => {
    const [city, age, likes] = read(
      ...users.map((user, i) => ({
        user,
        attributes: { city: i % 2 ? 'Rome' : 'Oslo', age: i, likes: i % 4 ? ['jazz'] : ['jazz', 'chess'] },
      })),
    );
    const cities = columnsOf(city!, users, users);
    expect(cities.names).toEqual(['Oslo', 'Rome']);
    expect([cities.score([0.2, 0.8], 'u1'), cities.score([0.2, 0.8], 'u2')]).toEqual([1, 0]);
    const things = columnsOf(likes!, users, users);
    expect(things.population).toEqual([1, 0.25]);
    expect([things.score([0, 1], 'u0'), things.score([0, 1], 'u1')]).toEqual([1, 0]);
    const ages = columnsOf(age!, users, users);
    const mean = (of: (user: string) => number) => users.reduce((sum, u) => sum + of(u) / 20, 0);
    expect(mean((user) => ages.score(ages.population, user)!)).toBeCloseTo(0);
    expect(mean((user) => ages.score(ages.of(user), user)!)).toBeCloseTo(1);
    expect(ages.score([0], 'nobody')).toBeUndefined();
  });

  it('of another kind, or no attributes, are refused without a word of them', () => {
    expect(() =>
      read({ user: 'a', attributes: { x: 'secret' } }, { user: 'b', attributes: { x: 3 } }),
    ).toThrow('known.jsonl line 2: field attributes.x is a number, expected a class as in the lines before');
    expect(() => read({ user: 'a', attributes: { x: { y: 1 } } })).toThrow('attributes.x is a object');
    expect(() => read({ user: 'a' })).toThrow('field attributes is missing, expected an object');
    expect(() => read({ user: 'a', attributes: {} })).toThrow('no attributes');
  });
});

it('the area under the curve is that of scipy (mannwhitneyu ÷ n m)', () => {
  const { mean, low, high } = scoreOf([0.3, 0.9, 0.5, 0.5, 1.2], [0.1, 0.5, 0.4, -0.2]).auc;
  expect(mean).toBeCloseTo(0.85, 12);
  expect(low).toBeLessThan(mean);
  expect(high).toBeGreaterThanOrEqual(mean);
});

it('the rate of true positives is that above a threshold which so many others pass, and no more', () => {
  const others = Array.from({ length: 200 }, (_, i) => i);
  // 2 of 200 lie above 197, 10 above 189; equal scores are one threshold.
  const { atOnePercent, atFivePercent } = scoreOf([197, 198, 199.5, 190, 189, 0, 0, 0, 0, 0], others);
  expect(atOnePercent.mean).toBeCloseTo(0.2, 12);
  expect(atFivePercent.mean).toBeCloseTo(0.4, 12);
  expect(atFivePercent.low).toBeLessThan(atFivePercent.high);
});
