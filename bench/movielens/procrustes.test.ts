import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../tools/world/random.ts';
import { procrustes, times } from './procrustes.ts';

const [rows, dim] = [40, 6];
const random = seededRandom(5);
const matrix = () => Float32Array.from({ length: rows * dim }, () => random.next() - 0.5);
const rowOf = (m: Float32Array, r: number) => m.subarray(r * dim, (r + 1) * dim);
const even = new Float64Array(rows).fill(1);

describe('orthogonal Procrustes', () => {
  it('finds the rotation that was made', () => {
    const from = matrix();
    // A rotation of three planes.
    const turned = from.map((_, at) => {
      const [row, i] = [Math.floor(at / dim), at % dim];
      const angle = 0.3 + Math.floor(i / 2);
      const pair = i % 2 === 0 ? i + 1 : i - 1;
      const sign = i % 2 === 0 ? -1 : 1;
      return Math.cos(angle) * from[row * dim + i]! + sign * Math.sin(angle) * from[row * dim + pair]!;
    });
    const rotation = procrustes(from, turned, dim, even);
    for (let r = 0; r < rows; r++) {
      const found = times(rowOf(from, r), rotation);
      for (const [i, v] of rowOf(turned, r).entries()) expect(found[i]).toBeCloseTo(v, 5);
    }
  });

  it('gives an orthogonal matrix, better than leaving all as it is', () => {
    const [from, to] = [matrix(), matrix()];
    const rotation = procrustes(from, to, dim, even);
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j < dim; j++) {
        let product = 0;
        for (let k = 0; k < dim; k++) product += rotation[i * dim + k]! * rotation[j * dim + k]!;
        expect(product).toBeCloseTo(i === j ? 1 : 0, 8);
      }
    }
    const distance = (turn: (row: Float32Array) => Float32Array) => {
      let sum = 0;
      for (let r = 0; r < rows; r++) {
        for (const [i, v] of turn(rowOf(from, r)).entries()) sum += (v - rowOf(to, r)[i]!) ** 2;
      }
      return sum;
    };
    expect(distance((row) => times(row, rotation))).toBeLessThan(distance((row) => row));
  });
});
