import { describe, expect, it } from 'vitest';
import { createBatches, randomAt } from './draw-batches.ts';

const examples = Array.from({ length: 50 }, (_, i) => ({ i, length: (i * 7) % 13 }));
const draw = (seed: number) => createBatches(examples, 5, (e) => e.length, seed);

describe('batches', () => {
  it('show every example once before any again, after each batch, whatever remains of an epoch', () => {
    for (const batch of [5, 7, 50]) {
      const batchAt = createBatches(examples, batch, (e) => e.length, 1);
      const counts = new Map(examples.map((e) => [e.i, 0]));
      for (let n = 0; n < 40; n++) {
        for (const { i } of batchAt(n)) counts.set(i, counts.get(i)! + 1);
        const seen = [...counts.values()];
        expect(Math.max(...seen) - Math.min(...seen)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('of one length follow each other, lengths and the batches of each in another order every time', () => {
    const many = Array.from({ length: 640 }, (_, i) => ({ i, length: 16 * (1 + (i % 4)) }));
    const batchAt = createBatches(many, 10, (e) => e.length, 1);
    const drawn = [0, 32, 64, 96].map((from) =>
      Array.from({ length: 32 }, (_, n) => Math.max(...batchAt(from + n).map((e) => e.length))),
    );
    const orders = drawn.map((lengths) =>
      lengths.filter((length, n) => n === 0 || length !== lengths[n - 1]),
    );
    for (const order of orders) expect(order.toSorted()).toEqual([16, 32, 48, 64]);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1);
    expect(batchAt(0).map((e) => e.i)).not.toEqual(batchAt(64).map((e) => e.i));
  });

  it('depend on seed and number alone, in whatever order they are asked for', () => {
    const [once, again] = [draw(1), draw(1)];
    const forwards = Array.from({ length: 40 }, (_, n) => once(n));
    const jumping = [39, 3, 20, 3].map((n) => again(n));
    expect(jumping).toEqual([39, 3, 20, 3].map((n) => forwards[n]));
    expect(draw(2)(0)).not.toEqual(forwards[0]);
  });

  it('hold rows of about one length', () => {
    const batchAt = draw(1);
    const spread = Array.from({ length: 16 }, (_, n) => {
      const lengths = batchAt(n).map((e) => e.length);
      return Math.max(...lengths) - Math.min(...lengths);
    });
    expect(Math.max(...spread)).toBeLessThanOrEqual(2);
  });

  it('need as many examples as one holds', () => {
    expect(() => createBatches(examples, 51, (e) => e.length, 1)).toThrow('50 examples, expected at least');
  });
});

describe('chance at a step', () => {
  it('is the same for the same step, and another for another step, seed or purpose', () => {
    const first = (...args: Parameters<typeof randomAt>) => randomAt(...args)();
    expect(first(1, 'step', 5)).toBe(first(1, 'step', 5));
    const others = [first(1, 'step', 6), first(2, 'step', 5), first(1, 'pool', 5), first(1, 'step', 5)];
    expect(new Set(others).size).toBe(4);
  });

  it('is even over steps', () => {
    const mean =
      Array.from({ length: 2000 }, (_, n) => randomAt(3, 'step', n)()).reduce((a, b) => a + b) / 2000;
    expect(mean).toBeGreaterThan(0.47);
    expect(mean).toBeLessThan(0.53);
  });
});
