import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { ActivityEmbedding, type ActivityMethod, type CountedEvent } from './activity-embedding.ts';
import { ACTIVITY_TYPES, activityCounts, activityWeight } from './activity-weights.ts';
import { foldIn, gramMatrix } from './als.ts';
import { EVENT_LIMITS } from './events.ts';

const DAY = 24 * 3_600_000;
const NOW = Date.UTC(2026, 0, 1);
const [dim, count] = [8, 300];
const random = seededRandom(5);
const items = Float32Array.from({ length: count * dim }, () => random() - 0.5);
const rowOf = (item: number) => items.subarray(item * dim, (item + 1) * dim);
const weights = { regularisation: 2, alpha: 5 };
const foldInMethod: ActivityMethod = { ...weights, gram: gramMatrix(items, dim) };

/** Types of the app, some of them dislikes, over three months; the items come again. */
const TYPES = ['view', 'like', 'skip', 'dwell'] as const;
const someEvents = (length: number): CountedEvent[] =>
  Array.from({ length }, (_, i) => {
    const type = TYPES[Math.floor(random() * 4)]!;
    const weight = activityWeight({ type, weight: type === 'dwell' ? 300 * random() : 1 });
    const time = NOW + Math.floor(90 * DAY * random());
    return { id: `e${i}`, item: Math.floor(random() ** 2 * count), weight, time };
  });

const made = (
  events: Iterable<CountedEvent>,
  method: ActivityMethod = foldInMethod,
  halfLife?: number,
): ActivityEmbedding => {
  const activity = new ActivityEmbedding({ dim, method, halfLife });
  for (const event of events) activity.add(event, rowOf(event.item));
  return activity;
};
/** What a backend would count. */
const countsOf = (events: readonly CountedEvent[], halfLife: number, at?: number) =>
  activityCounts(
    events.map(({ weight, time }) => ({ type: 'counted', weight, time })),
    { types: { counted: 1 }, halfLife, ...(at !== undefined && { at }) },
  );

function expectNear(found: Float32Array, expected: Float32Array): void {
  // Who only dislikes is the zero vector.
  const size = Math.max(...expected.map(Math.abs)) || 1;
  for (const [k, value] of found.entries()) expect(Math.abs(value - expected[k]!) / size).toBeLessThan(1e-6);
}

describe('an embedding from activity', () => {
  it.each([
    ['that never fades', Number.POSITIVE_INFINITY, undefined],
    ['with a half-life', 20 * DAY, undefined],
    ['at a moment', 3 * DAY, NOW + 100 * DAY],
  ])('%s is what foldIn computes of the same clicks, event by event', (_, halfLife, at) => {
    const events = someEvents(120);
    const activity = made([], foldInMethod, halfLife);
    for (const [n, event] of events.entries()) {
      activity.add(event, rowOf(event.item));
      if (n % 10 !== 0 && n < 110) continue;
      const some = events.slice(0, n + 1);
      const clicks = some.map(({ item }) => item);
      const expected = foldIn({ items, dim, clicks, counts: countsOf(some, halfLife, at), ...weights });
      expectNear(activity.values(at)!, expected);
    }
  });

  it('is the mean of the items, weighted by what they count', () => {
    const events = someEvents(50);
    const counts = countsOf(events, 10 * DAY);
    const total = new Map<number, number>();
    for (const [i, { item }] of events.entries()) total.set(item, (total.get(item) ?? 0) + counts[i]!);
    const size = [...total.values()].reduce((sum, n) => sum + Math.abs(n), 0);
    const expected = new Float32Array(dim).map((_, k) =>
      [...total].reduce((sum, [item, n]) => sum + (n / size) * rowOf(item)[k]!, 0),
    );
    expectNear(made(events, 'mean', 10 * DAY).values()!, expected);
  });

  it.each([
    ['fold-in', foldInMethod, undefined],
    ['fold-in that fades', foldInMethod, 9 * DAY],
    ['the mean that fades', 'mean', 9 * DAY],
  ] as const)('%s: what is taken back leaves nothing, to the last bit', (_, method, halfLife) => {
    const events = someEvents(400);
    const activity = made([], method, halfLife);
    const there = new Map<string, CountedEvent>();
    const step = (event: CountedEvent) => {
      if (there.delete(event.id)) return expect(activity.remove(event.id)).toBe(true);
      there.set(event.id, event);
      activity.add(event, rowOf(event.item));
    };
    for (let round = 0; round < 60; round++) {
      for (let n = 0; n < 20; n++) step(events[Math.floor(random() * events.length)]!);
      if (round % 3 === 0) activity.values();
      if (round % 10 !== 9) continue;
      // Another order, another first event, and nothing that was ever taken back.
      const never = made(
        [...there.values()].toSorted(() => random() - 0.5),
        method,
        halfLife,
      );
      expect(activity.values()).toEqual(never.values());
      expect(activity.size).toBe(there.size);
    }
    for (const event of there.values()) activity.remove(event.id);
    expect(activity.values()).toBeUndefined();
  });

  it('goes along with a log that is a thousand half-lives long', () => {
    const [old, recent] = [
      { id: 'old', item: 1, weight: 1, time: NOW },
      { id: 'recent', item: 2, weight: 1, time: NOW + 2000 * DAY },
    ];
    const activity = made([old, recent], foldInMethod, DAY);
    expect(activity.values()).toEqual(made([recent], foldInMethod, DAY).values());
    activity.remove('recent');
    expect(activity.values()).toEqual(made([old], foldInMethod, DAY).values());
  });

  it('is nothing where likes and dislikes of an item cancel out', () => {
    const like = { id: 'a', item: 3, weight: 2, time: NOW };
    const activity = made([like, { ...like, id: 'b', weight: -2 }]);
    expect(activity.values()).toBeUndefined();
    activity.remove('b');
    expect(activity.values()).toEqual(made([like]).values());
  });

  it('refuses what is no event of it, and says nothing of what it was', () => {
    const event = { id: 'secret', item: 3, weight: 1, time: NOW };
    const activity = made([event]);
    const refused = (wrong: Partial<CountedEvent>, reason: RegExp, row = rowOf(3)) => {
      const add = () => activity.add({ ...event, id: 'other', ...wrong }, row);
      expect(add).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
      expect(add).toThrow(reason);
      expect(add).not.toThrow(/secret|977/);
    };
    refused({ id: 'secret' }, /id is one that was added before/);
    refused({ item: 977.5 }, /item is no row/);
    refused({ weight: Number.NaN }, /weight is out of range, expected a number from -10000000 to 10000000/);
    refused({ weight: 1e308 }, /weight is out of range/);
    refused({ weight: -1e308 }, /weight is out of range/);
    refused({ time: Number.POSITIVE_INFINITY }, /time is not finite/);
    refused({}, /row is 3 numbers, expected 8/, new Float32Array(3));
    expect(activity.size).toBe(1);
    // Half-lives since 1970 would be infinitely many, and every event would count NaN.
    for (const halfLife of [0, 1e-300, Number.NaN]) {
      const refusal = {
        code: 'invalid-argument',
        message: expect.stringContaining(`halfLife is ${halfLife}`),
      };
      expect(() => made([], foldInMethod, halfLife)).toThrow(expect.objectContaining(refusal));
      expect(() => activityCounts([], { halfLife })).toThrow(expect.objectContaining(refusal));
    }
    expect(() => made([], { ...weights, gram: new Float64Array(3) })).toThrow(/gram is 3 numbers/);
  });

  it('has a solution for as many and as heavy events as the vault keeps', () => {
    const heaviest = activityWeight({ type: 'like', weight: EVENT_LIMITS.weight });
    const events = Array.from({ length: EVENT_LIMITS.count }, (_, i) => ({
      ...{ id: `e${i}`, item: i % 2, weight: heaviest, time: NOW },
    }));
    expect(made(events).values()!.every(Number.isFinite)).toBe(true);
    expect(() => activityWeight({ type: 'like', weight: 1e308 })).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(/weight of "like"/),
      }),
    );
    expect(() => activityWeight({ type: 'a' }, { a: () => Number.POSITIVE_INFINITY })).toThrow(
      /weight of "a"/,
    );
  });

  it('has nothing left when it is destroyed', () => {
    const activity = made(someEvents(5));
    activity.values();
    activity.destroy();
    expect(activity.size).toBe(0);
    expect(activity.values()).toBeUndefined();
  });
});

describe('what an event counts', () => {
  it('is by its type, times its weight', () => {
    expect(activityWeight({ type: 'like' })).toBe(4);
    expect(activityWeight({ type: 'skip', weight: 2 })).toBe(-2);
    expect(activityWeight({ type: 'dwell', weight: 30 })).toBe(1);
    expect(activityWeight({ type: 'dwell', weight: 210 })).toBe(3);
    expect(activityWeight({ type: 'dwell', weight: -5 })).toBe(0);
    // Of these the library knows nothing.
    for (const type of ['exposure', 'toString']) expect(activityWeight({ type })).toBe(0);
    expect(activityWeight({ type: 'buy', weight: 2 }, { ...ACTIVITY_TYPES, buy: 10 })).toBe(20);
    const broken = () => activityWeight({ type: 'buy' }, { buy: () => Number.NaN });
    expect(broken).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  it('halves with its age', () => {
    const events = [0, 1, 3].map((days) => ({ type: 'view', time: NOW - days * DAY }));
    expect(activityCounts(events, { halfLife: DAY })).toEqual([1, 0.5, 0.125]);
    expect(activityCounts(events, { halfLife: DAY, at: NOW + DAY })).toEqual([0.5, 0.25, 0.0625]);
    expect(activityCounts(events)).toEqual([1, 1, 1]);
    expect(activityCounts([])).toEqual([]);
  });
});
