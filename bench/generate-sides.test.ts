/** What the benchmark says of two sides. */
import { describe, expect, it } from 'vitest';
import type { SpeedRun } from './generate-results.ts';
import { inTurn, parityOf } from './generate-sides.ts';
import { verdictsOf } from './generate-targets.ts';

const answer = (...ids: number[]) => ({ first: 1, perToken: 1, total: 2, ids });

describe('greedy tokens, ours and theirs', () => {
  it('are the same where theirs has the token that ends the answer, too', () => {
    expect(parityOf(16, answer(5, 6), answer(5, 6, 2))).toEqual({ tokens: 16, same: 2, of: 2 });
  });

  it('are counted up to the first that differs, or that is missing', () => {
    expect(parityOf(16, answer(5, 6, 7), answer(5, 9, 7))).toEqual({ tokens: 16, same: 1, of: 3 });
    expect(parityOf(16, answer(5), answer(5, 6, 7))).toEqual({ tokens: 16, same: 1, of: 2 });
    expect(parityOf(16, answer(5, 6, 7), answer(5))).toEqual({ tokens: 16, same: 1, of: 3 });
  });
});

describe('rounds', () => {
  it('are at least and at most so many, and begin with another one each time', async () => {
    const order: string[] = [];
    const run = (name: string) => async () => order.push(name);
    const rounds = { least: 2, most: 3, warmUps: 1 };
    await inTurn([run('a'), run('b')], { ...rounds, budgetMs: 0 });
    expect(order.join('')).toBe('abbaab');
    const found = await inTurn([run('a'), run('b')], { ...rounds, budgetMs: 60_000 });
    expect(found.map(({ length }) => length)).toEqual([3, 3]);
  });
});

describe('a target', () => {
  const run = (ms: number): SpeedRun => ({
    ...{ model: 'm', dtype: 'q4', measured: { commit: 'c', date: 'd', load: [] } },
    pairs: [{ kind: 'peer', what: 'total', tokens: 128, ours: [100, 100], theirs: [ms, ms] }],
  });

  it('is met by the mean of the ratios', () => {
    expect(verdictsOf(run(121)).map(({ isMet }) => isMet)).toEqual([true]);
    expect(verdictsOf(run(119)).map(({ isMet }) => isMet)).toEqual([false]);
  });

  it('is another where the weights are', () => {
    expect(verdictsOf({ ...run(121), where: 'Chromium, WASM', weights: 'int8' })[0]!.must).toBe('≥ 3.00');
  });
});
