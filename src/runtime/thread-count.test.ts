import { describe, expect, it } from 'vitest';
import { asFinding, chooseThreads, countsFor } from './thread-count.ts';

/** Loads one after the other, where a token takes `ms` with so many threads. */
function loads(cores: number, ms: (threads: number) => number, count: number, model = 'm') {
  const known: Record<string, number> = {};
  return Array.from({ length: count }, () => {
    const { threads, reason, timeKey } = chooseThreads(cores, model, known);
    if (timeKey !== undefined) known[timeKey] = asFinding(ms(threads));
    return { threads, reason, known: { ...known } };
  });
}

describe('threads', () => {
  it('are half the cores, all, or one, and not too many', () => {
    expect([1, 2, 3, 4, 8, 64].map(countsFor)).toEqual([
      [1],
      [1, 2],
      [1, 3],
      [2, 4, 1],
      [4, 8, 1],
      [4, 8, 1],
    ]);
  });

  it('are measured one number a load, and then as many as were fastest', () => {
    const found = loads(4, (threads) => ({ 1: 61.23, 2: 40.04, 4: 55 })[threads]!, 5);
    expect(found.map(({ threads }) => threads)).toEqual([2, 4, 1, 2, 2]);
    expect(found[1]!.reason).toBe('4 threads, for which the time is measured at this load');
    expect(found[4]!.reason).toBe('2 threads: 40 ms a token, 55 with 4, 61 with 1');
  });

  it('are measured for each model', () => {
    const [, , , { known }] = loads(4, () => 10, 4) as [unknown, unknown, unknown, { known: object }];
    expect(chooseThreads(4, 'm', { ...known }).timeKey).toBeUndefined();
    expect(chooseThreads(4, 'another', { ...known }).timeKey).toBeDefined();
  });

  it('are half the cores where nothing is kept, and one on one core', () => {
    expect(chooseThreads(8, 'm', undefined)).toEqual({ threads: 4, reason: undefined, timeKey: undefined });
    expect(chooseThreads(8, undefined, {})).toEqual({ threads: 4, reason: undefined, timeKey: undefined });
    expect(chooseThreads(1, 'm', {})).toEqual({ threads: 1, reason: undefined, timeKey: undefined });
  });

  it('of a time in two figures, that a finding can be', () => {
    expect([0, 0.04, 1.234, 12.34, 123.4, 9e9, Number.POSITIVE_INFINITY].map(asFinding)).toEqual([
      1, 1, 12, 120, 1200, 65_536, 65_536,
    ]);
  });
});
