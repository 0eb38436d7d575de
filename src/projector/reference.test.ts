/** A file that tells how its training users lie is believed only where that can be; one that does not is read as before. */
import { describe, expect, it } from 'vitest';
import { readReference, referenceTensors } from './reference.ts';
import type { NamedTensor } from './safetensors.ts';

const reference = {
  eigenvectors: Float32Array.of(0.6, 0.8, 0, -0.8, 0.6, 0),
  ...{ eigenvalues: Float32Array.of(4, 1), residual: 0.25, distances: Float32Array.of(0, 1, 2, 2, 9) },
};
const read = (changes: Readonly<Record<string, NamedTensor | undefined>> = {}) => {
  const tensors = new Map(referenceTensors(reference, 3));
  for (const [name, tensor] of Object.entries(changes)) {
    if (tensor === undefined) tensors.delete(`reference.${name}`);
    else tensors.set(`reference.${name}`, tensor);
  }
  return readReference(tensors, 3, 'p.safetensors');
};
const tensor = (shape: readonly number[], ...data: number[]): NamedTensor => ({
  shape,
  data: Float32Array.from(data),
});

describe('the reference in a projector file', () => {
  it('is read as it was written, with points or without; a file without any has none', () => {
    expect(read()).toEqual(reference);
    const points = tensor([2, 3], 1, 2, 3, 4, 5, 6);
    expect(read({ points })).toEqual({ ...reference, points: points.data });
    expect(readReference(new Map(), 3, 'p.safetensors')).toBeUndefined();
  });

  it.each([
    ['a tensor that is missing', { residual: undefined }, 'residual is nothing'],
    ['all but the points missing', { ...none(), points: tensor([1, 3], 1, 2, 3) }, 'eigenvectors is nothing'],
    ['more directions than numbers', { eigenvectors: tensor([4, 3], ...Array(12).fill(0)) }, 'eigenvectors'],
    ['directions of another size', { eigenvectors: tensor([2, 2], 1, 0, 0, 1) }, 'eigenvectors is [2, 2]'],
    ['directions that lean', { eigenvectors: tensor([2, 3], 1, 0, 0, 0.1, 0.99, 0) }, 'orthonormal'],
    ['directions that are too long', { eigenvectors: tensor([2, 3], 2, 0, 0, 0, 1, 0) }, 'orthonormal'],
    ['too few variances', { eigenvalues: tensor([1], 4) }, 'eigenvalues has 1'],
    ['variances out of order', { eigenvalues: tensor([2], 1, 4) }, 'the largest first'],
    ['a residual above them', { residual: tensor([1], 2) }, 'the residual last'],
    ['a residual of nothing', { residual: tensor([1], 0) }, 'above 0'],
    ['distances out of order', { distances: tensor([3], 1, 3, 2) }, 'ascending'],
    ['a negative distance', { distances: tensor([2], -1, 2) }, 'ascending'],
    ['too many distances', { distances: tensor([4097], ...Array(4097).fill(1)) }, '1 to 4096'],
    ['too many points', { points: tensor([257, 3], ...Array(771).fill(1)) }, '1 to 256, 3'],
  ] as const)('with %s is refused', (_, changes, said) => {
    expect(() => read(changes)).toThrow(`p.safetensors: tensor reference.`);
    expect(() => read(changes)).toThrow(said);
  });
});

/** All that a reference must have. */
function none() {
  return { eigenvectors: undefined, eigenvalues: undefined, residual: undefined, distances: undefined };
}
