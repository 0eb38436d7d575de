/** The rotation that lays one factorisation's space on another's (orthogonal Procrustes, Schönemann 1966). */
import { Matrix, SVD } from 'ml-matrix';

/**
 * The orthogonal R [dim, dim] that brings `from` · R closest to `to`, both row-major [n, dim], each row counting by its weight:
 * U·Vᵀ of the singular value decomposition of fromᵀ·W·to.
 */
export function procrustes(
  from: Float32Array,
  to: Float32Array,
  dim: number,
  weights: ArrayLike<number>,
): Float64Array {
  const matrixOf = (values: Float32Array) => Matrix.from1DArray(values.length / dim, dim, values);
  const weighted = matrixOf(to).mulColumnVector(Array.from(weights));
  const { leftSingularVectors, rightSingularVectors } = new SVD(matrixOf(from).transpose().mmul(weighted));
  return Float64Array.from(leftSingularVectors.mmul(rightSingularVectors.transpose()).to1DArray());
}

/** vector [dim] · matrix [dim, dim] */
export function times(vector: Float32Array, matrix: Float64Array): Float32Array {
  const dim = vector.length;
  return vector.map((_, j) => vector.reduce((sum, v, i) => sum + v * matrix[i * dim + j]!, 0));
}
