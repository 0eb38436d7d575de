import { describe, expect, it } from 'vitest';
import { learningRateAt } from './schedule.ts';

describe('the learning rate', () => {
  const schedule = { steps: 101, peak: 2, warmUp: 10, floor: 0.1 };
  it('rises in a line', () => {
    expect(learningRateAt(0, schedule)).toBeCloseTo(0.2);
    expect(learningRateAt(4, schedule)).toBeCloseTo(1);
    expect(learningRateAt(9, schedule)).toBeCloseTo(2);
  });
  it('falls along a cosine to its floor', () => {
    expect(learningRateAt(10, schedule)).toBeCloseTo(2);
    expect(learningRateAt(55, schedule)).toBeCloseTo(2 * 0.55);
    expect(learningRateAt(100, schedule)).toBeCloseTo(0.2);
    expect(learningRateAt(1000, schedule)).toBeCloseTo(0.2);
  });
  it('can do without a warm-up, and with a single step', () => {
    expect(learningRateAt(0, { ...schedule, warmUp: 0 })).toBe(2);
    expect(learningRateAt(0, { steps: 1, peak: 3 })).toBe(3);
  });
});
