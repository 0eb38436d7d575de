import { describe, expect, it } from 'vitest';
import { E2PError } from '../error.ts';
import { type AlsWeights, type Factors, factorize, foldIn, gramMatrix } from './als.ts';

const weights: AlsWeights = { regularisation: 0.5, alpha: 8 };

/** A small linear congruential generator: the same numbers on every run. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Two groups of users; each clicks, at random, only in its own half of the items. */
function twoTastes(users: number, itemCount: number): number[][] {
  const random = seeded(7);
  return Array.from({ length: users }, (_, user) => {
    const half = (user % 2) * (itemCount / 2);
    return Array.from({ length: 12 }, () => half + Math.floor((random() * itemCount) / 2));
  });
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, k) => sum + value * b[k]!, 0);
}

function row(rows: Float32Array, index: number, dim: number): Float32Array {
  return rows.subarray(index * dim, (index + 1) * dim);
}

/** The objective's part for one user, written out over every item, clicked or not. */
function userObjective(user: Float32Array, clicks: readonly number[], items: Float32Array): number {
  const dim = user.length;
  let total = weights.regularisation * dot(user, user);
  for (let item = 0; item < items.length / dim; item++) {
    const count = clicks.filter((clicked) => clicked === item).length;
    const miss = (count > 0 ? 1 : 0) - dot(user, row(items, item, dim));
    total += (1 + weights.alpha * count) * miss * miss;
  }
  return total;
}

describe('factorize', () => {
  const clicks = twoTastes(40, 60);
  const factorsAfter = (iterations: number): Factors =>
    factorize({ clicks, itemCount: 60, dim: 6, iterations, random: seeded(1), ...weights });

  it('puts people of one taste closer to their own items than to the others', () => {
    const { users, items, dim } = factorsAfter(8);
    for (let user = 0; user < 40; user++) {
      const mean = [0, 0];
      for (let item = 0; item < 60; item++) {
        mean[item < 30 ? 0 : 1]! += dot(row(users, user, dim), row(items, item, dim)) / 30;
      }
      expect(mean[user % 2]!).toBeGreaterThan(mean[1 - (user % 2)]! + 0.2);
    }
  });

  it('is the same for the same random source', () => {
    expect(factorsAfter(2).users).toEqual(factorsAfter(2).users);
  });

  it('lowers the objective with every iteration', () => {
    const objective = ({ users, items, dim }: Factors): number =>
      clicks.reduce((sum, list, user) => sum + userObjective(row(users, user, dim), list, items), 0) +
      weights.regularisation * dot(items, items);
    const losses = [1, 2, 4, 8].map((iterations) => objective(factorsAfter(iterations)));
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
  });

  it('refuses an item index that does not exist, with a message that does not reveal the click', () => {
    const bad = () => factorize({ clicks: [[0], [1, 977]], itemCount: 5, dim: 2, iterations: 1, ...weights });
    expect(bad).toThrow(E2PError);
    expect(bad).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    expect(bad).toThrow(/clicks\[1\]\[1\] .* 0 to 4/);
    expect(bad).not.toThrow(/977/);
  });

  it('reports progress and stops when it is told to', () => {
    const abort = new AbortController();
    const seen: number[] = [];
    const run = () =>
      factorize({
        ...{ clicks, itemCount: 60, dim: 4, iterations: 50, random: seeded(1), ...weights },
        signal: abort.signal,
        onProgress: ({ iteration }) => {
          seen.push(iteration);
          if (iteration === 3) abort.abort();
        },
      });
    expect(run).toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe('foldIn', () => {
  const clicks = twoTastes(30, 40);
  const { users, items, gram, dim } = factorize({
    ...{ clicks, itemCount: 40, dim: 5, iterations: 4, random: seeded(3), ...weights },
  });

  it('gives a training user the factor that training gave them', () => {
    for (const [user, list] of clicks.entries()) {
      expect(foldIn({ items, dim, clicks: list, ...weights })).toEqual(row(users, user, dim).slice());
    }
  });

  it('is the same with the Gram matrix shipped along', () => {
    expect(gramMatrix(items, dim)).toEqual(gram);
    const list = [0, 3, 3, 9];
    expect(foldIn({ items, dim, clicks: list, gram, ...weights })).toEqual(
      foldIn({ items, dim, clicks: list, ...weights }),
    );
  });

  it('is the minimum of the written-out objective: no gradient, and worse in every direction', () => {
    const list = [2, 5, 5, 11, 20];
    const best = foldIn({ items, dim, clicks: list, ...weights });
    const loss = userObjective(best, list, items);
    for (let k = 0; k < dim; k++) {
      const [up, down] = [1e-2, -1e-2].map((step) => {
        const moved = best.slice();
        moved[k]! += step;
        return userObjective(moved, list, items);
      });
      expect(up!).toBeGreaterThan(loss);
      expect(down!).toBeGreaterThan(loss);
      expect(Math.abs(up! - down!) / 2e-2).toBeLessThan(1e-3);
    }
  });

  it('is zero for somebody who clicked nothing', () => {
    expect(foldIn({ items, dim, clicks: [], ...weights })).toEqual(new Float32Array(dim));
  });

  it('counts fractions, dislikes and what cancels out as the closed form does', () => {
    // NumPy 2.4.6, once: solve(YᵀCY + λI, YᵀCp), C = diag(1 + α|n|), p = n > 0, with n the summed counts of each item.
    const sixteenths = [
      9, -4, 5, -10, 15, -14, -8, 5, -16, -1, -12, 16, -6, 12, -6, 11, -15, -15, -8, 2, -11, 4, 1, -15, -5,
      -1, 14, -6, -6, -9,
    ];
    const [clicks, counts] = [
      [1, 4, 7, 1, 2, 8, 4, 9, 9],
      [1.0, 0.25, 2.5, 0.3, -1.0, -0.125, -0.75, 1.5, -1.5],
    ];
    const given = { items: Float32Array.from(sixteenths, (x) => x / 16), dim: 3, clicks, counts };
    const expected = [0.6035024522469837, 0.5599619611768336, -0.5622327535092455];
    const found = foldIn({ ...given, regularisation: 0.7, alpha: 5 });
    for (const [k, x] of found.entries()) expect(Math.abs(x / expected[k]! - 1)).toBeLessThan(1e-6);
    const refused = expect.objectContaining({ code: 'invalid-argument' });
    expect(() => foldIn({ ...given, counts: [1], ...weights })).toThrow(refused);
    expect(() => foldIn({ ...given, counts: clicks.map(() => Number.NaN), ...weights })).toThrow(refused);
  });

  it('refuses a Gram matrix of no items, and what is too large to be solved', () => {
    const refused = expect.objectContaining({
      code: 'invalid-data',
      message: expect.stringMatching(/no solution/),
    });
    const gram = gramMatrix(items, dim).map((value) => -value);
    expect(() => foldIn({ items, dim, clicks: [0], gram, ...weights })).toThrow(refused);
    expect(() => foldIn({ items, dim, clicks: [0], counts: [1e308], ...weights, alpha: 1e3 })).toThrow(
      refused,
    );
  });

  it('refuses bad clicks, factors and weights', () => {
    const refused = expect.objectContaining({ code: 'invalid-argument' });
    for (const item of [-1, 40, 1.5, Number.NaN]) {
      expect(() => foldIn({ items, dim, clicks: [item], ...weights })).toThrow(refused);
    }
    expect(() => foldIn({ items, dim: 7, clicks: [0], ...weights })).toThrow(refused);
    expect(() => foldIn({ items, dim, clicks: [0], gram: new Float64Array(3), ...weights })).toThrow(refused);
    expect(() => foldIn({ items, dim, clicks: [0], regularisation: 0, alpha: 1 })).toThrow(refused);
  });
});
