/** Symmetric positive definite systems, small enough to be solved as a whole: the least-squares step of a factorisation. */
import { E2PError } from '../error.ts';

/**
 * Solves A x = b in place (A becomes its Cholesky factor, b becomes x). Reads only the lower triangle of A.
 * @throws E2PError `invalid-data` where A is not positive definite, or not finite
 */
export function solveCholesky(a: Float64Array, b: Float64Array, dim: number): void {
  for (let i = 0; i < dim; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * dim + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * dim + k]! * a[j * dim + k]!;
      if (i === j && !(sum > 0 && Number.isFinite(sum)))
        throw new E2PError(
          'invalid-data',
          'the least squares have no solution: the Gram matrix is not one of items, or counts or numbers are too large',
        );
      a[i * dim + j] = i === j ? Math.sqrt(sum) : sum / a[j * dim + j]!;
    }
  }
  for (let i = 0; i < dim; i++) {
    for (let k = 0; k < i; k++) b[i]! -= a[i * dim + k]! * b[k]!;
    b[i]! /= a[i * dim + i]!;
  }
  for (let i = dim - 1; i >= 0; i--) {
    for (let k = i + 1; k < dim; k++) b[i]! -= a[k * dim + i]! * b[k]!;
    b[i]! /= a[i * dim + i]!;
  }
}
