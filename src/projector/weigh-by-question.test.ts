/** Weights by the question, against the same sums written out by hand. */
import { describe, expect, it } from 'vitest';
import { weighByQuestion } from './weigh-by-question.ts';

const vectors = [Float32Array.of(1, 0), Float32Array.of(0, 2), Float32Array.of(-3, 0)];
const question = Float32Array.of(3, 4);
/** cos with the question: 3/5, 4/5, −3/5, whatever the lengths. */
const cosines = [0.6, 0.8, -0.6];

describe('a set weighed by a question', () => {
  it.each([0.1, 1])('is the softmax of cosines at temperature %d', (temperature) => {
    const e = cosines.map((c) => Math.exp(c / temperature));
    const sum = e[0]! + e[1]! + e[2]!;
    const [x, y] = weighByQuestion(vectors, question, { temperature });
    expect(x).toBeCloseTo((e[0]! - 3 * e[2]!) / sum, 6);
    expect(y).toBeCloseTo((2 * e[1]!) / sum, 6);
  });

  it('is the mean where nothing was asked, or in the limit of a hot softmax', () => {
    const mean = [-2 / 3, 2 / 3];
    for (const found of [
      weighByQuestion(vectors, undefined, { temperature: 0.1 }),
      weighByQuestion(vectors, question, { temperature: 1e9 }),
    ])
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(mean[i]!, 6);
  });

  it('is the nearest vector in the limit of a cold one, without overflow', () => {
    expect([...weighByQuestion(vectors, question, { temperature: 1e-6 })]).toEqual([0, 2]);
  });

  it('takes a vector without direction, or a question without, as equally far', () => {
    const zero = new Float32Array(2);
    const found = weighByQuestion([zero, Float32Array.of(1, 1)], zero, { temperature: 0.1 });
    expect([...found]).toEqual([0.5, 0.5]);
  });
});
