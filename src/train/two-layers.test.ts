/** The layers that an attacker is made of. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { twoLayers } from './two-layers.ts';

describe('two layers', () => {
  it('have the gradients of their parameters', () => {
    const random = seededRandom(4);
    const layers = twoLayers(5, 3);
    const parameters = layers.initial(random);
    const row = Float32Array.from({ length: 5 }, () => random() - 0.5);
    const errors = [0.7, -0.2, 0.4];
    const product = (r: Float32Array, p: Float32Array) =>
      layers.forward(r, p).reduce((sum, v, o) => sum + v * errors[o]!, 0);
    const gradient = new Float32Array(layers.size);
    layers.forward(row, parameters);
    layers.backward(row, errors, parameters, gradient);
    const nudged = (values: Float32Array, i: number, by: number) =>
      values.map((v, j) => (i === j ? v + by : v));
    const step = 1e-3;
    for (let i = 0; i < layers.size; i += 7) {
      const slope = product(row, nudged(parameters, i, step)) - product(row, nudged(parameters, i, -step));
      expect(Math.abs(slope / (2 * step) - gradient[i]!)).toBeLessThan(1e-3);
    }
  });
});
