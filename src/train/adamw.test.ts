import { describe, expect, it } from 'vitest';
import { adamWStep, clipGradient, createAdamW } from './adamw.ts';

describe('AdamW', () => {
  it('makes the first step as long as the learning rate, whatever the gradient', () => {
    const parameters = Float32Array.of(1, 1, 1);
    const state = createAdamW(3);
    adamWStep(parameters, Float32Array.of(100, -0.001, 0), state, { learningRate: 0.1, weightDecay: 0 });
    expect(parameters[0]).toBeCloseTo(0.9, 5);
    expect(parameters[1]).toBeCloseTo(1.1, 5);
    expect(parameters[2]).toBe(1);
  });

  it('makes the second step that one works out by hand', () => {
    const parameters = Float32Array.of(2);
    const state = createAdamW(1);
    const options = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, weightDecay: 0 };
    adamWStep(parameters, Float32Array.of(1), state, options);
    adamWStep(parameters, Float32Array.of(-0.5), state, options);
    // m = 0.9·0.1 - 0.1·0.5 = 0.04, m̂ = 0.04/0.19; v = 0.99·0.01 + 0.01·0.25 = 0.0124, v̂ = 0.0124/0.0199
    const expected = 1.9 - (0.1 * (0.04 / 0.19)) / Math.sqrt(0.0124 / 0.0199);
    expect(parameters[0]).toBeCloseTo(expected, 6);
    expect(state.step).toBe(2);
  });

  it('decays weights apart from the gradient, and not where told', () => {
    const parameters = Float32Array.of(1, 1, 1);
    const options = { learningRate: 0.1, weightDecay: 0.5, undecayed: [[1, 2]] as const };
    adamWStep(parameters, new Float32Array(3), createAdamW(3), options);
    expect([...parameters]).toEqual([Math.fround(0.95), 1, Math.fround(0.95)]);
  });

  it('finds the bottom of a bowl', () => {
    const parameters = Float32Array.of(3, -2);
    const state = createAdamW(2);
    for (let i = 0; i < 400; i++) {
      const gradient = Float32Array.of(2 * (parameters[0]! - 1), 20 * (parameters[1]! + 1));
      adamWStep(parameters, gradient, state, { learningRate: 0.05, weightDecay: 0 });
    }
    expect(parameters[0]).toBeCloseTo(1, 2);
    expect(parameters[1]).toBeCloseTo(-1, 2);
  });
});

describe('gradient clipping', () => {
  it('shortens a long gradient and tells how long it was', () => {
    const gradient = Float32Array.of(3, 4);
    expect(clipGradient(gradient, 1)).toBe(5);
    expect(gradient[0]).toBeCloseTo(0.6, 6);
    expect(gradient[1]).toBeCloseTo(0.8, 6);
  });

  it('leaves a short one alone and reports one that is not finite', () => {
    const gradient = Float32Array.of(0.3, 0.4);
    clipGradient(gradient, 1);
    expect([...gradient]).toEqual([Math.fround(0.3), Math.fround(0.4)]);
    expect(clipGradient(Float32Array.of(NaN, 1), 1)).toBeNaN();
  });
});
