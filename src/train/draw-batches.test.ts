import { describe, expect, it } from 'vitest';
import { createBatches, randomAt } from './draw-batches.ts';

const examples = Array.from({ length: 50 }, (_, i) => ({ i, length: (i * 7) % 13 }));
const draw = (seed: number) => createBatches(examples, 5, (e) => e.length, seed);

describe('batches', () => {
  it('show every example once before any again', () => {
    const batchAt = draw(1);
    // Two pools of 16 batches: 160 places, three times everything and 10 more.
    const counts = new Map<number, number>();
    for (let n = 0; n < 32; n++) for (const { i } of batchAt(n)) counts.set(i, (counts.get(i) ?? 0) + 1);
    expect([...counts.values()].filter((c) => c === 3)).toHaveLength(40);
    expect([...counts.values()].filter((c) => c === 4)).toHaveLength(10);
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
