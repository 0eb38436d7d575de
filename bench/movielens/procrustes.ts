/** The rotation that lays one factorisation's space on another's (orthogonal Procrustes, Schönemann 1966). */

/**
 * The orthogonal R [dim, dim] that brings `from` · R closest to `to`, both row-major [n, dim], each row counting by its weight:
 * the polar factor of fromᵀ·W·to, by Newton's iteration (Higham 1986).
 */
export function procrustes(
  from: Float32Array,
  to: Float32Array,
  dim: number,
  weights: ArrayLike<number>,
): Float64Array {
  let rotation: Float64Array<ArrayBufferLike> = new Float64Array(dim * dim);
  for (let row = 0; row < weights.length; row++) {
    for (let i = 0; i < dim; i++) {
      const value = weights[row]! * from[row * dim + i]!;
      for (let j = 0; j < dim; j++) rotation[i * dim + j]! += value * to[row * dim + j]!;
    }
  }
  const size = Math.sqrt(rotation.reduce((sum, v) => sum + v * v, 0) / dim);
  rotation = rotation.map((v) => v / size);
  for (let step = 0; step < 60; step++) {
    const inverse = inverseOf(rotation, dim);
    const next = rotation.map((v, at) => (v + inverse[(at % dim) * dim + Math.floor(at / dim)]!) / 2);
    const change = next.reduce((most, v, at) => Math.max(most, Math.abs(v - rotation[at]!)), 0);
    rotation = next;
    if (change < 1e-12) break;
  }
  return rotation;
}

/** vector [dim] · matrix [dim, dim] */
export function times(vector: Float32Array, matrix: Float64Array): Float32Array {
  const dim = vector.length;
  return vector.map((_, j) => vector.reduce((sum, v, i) => sum + v * matrix[i * dim + j]!, 0));
}

/** Gauss-Jordan with row exchanges. */
function inverseOf(matrix: Float64Array, dim: number): Float64Array {
  const width = 2 * dim;
  const rows = Array.from({ length: dim }, (_, i) => {
    const row = new Float64Array(width);
    row.set(matrix.subarray(i * dim, (i + 1) * dim));
    row[dim + i] = 1;
    return row;
  });
  for (let at = 0; at < dim; at++) {
    let pivot = at;
    for (let i = at + 1; i < dim; i++) if (Math.abs(rows[i]![at]!) > Math.abs(rows[pivot]![at]!)) pivot = i;
    [rows[at], rows[pivot]] = [rows[pivot]!, rows[at]!];
    const row = rows[at]!;
    const scale = row[at]!;
    if (scale === 0) throw new Error('the factors span fewer dimensions than they have');
    for (let j = 0; j < width; j++) row[j]! /= scale;
    for (const [i, other] of rows.entries()) {
      const factor = other[at]!;
      if (i !== at && factor !== 0) for (let j = 0; j < width; j++) other[j]! -= factor * row[j]!;
    }
  }
  const inverse = new Float64Array(dim * dim);
  for (const [i, row] of rows.entries()) inverse.set(row.subarray(dim), i * dim);
  return inverse;
}
