/**
 * Least-squares concept erasure in closed form (LEACE, Belrose et al. 2023, arXiv 2306.03819, theorem 4.3): of all affine maps after which no linear
 * classifier tells a class any better than by how frequent it is, the one that moves vectors least. It stands behind the norm of a projector, and is
 * multiplied into the layers behind it: a finished projector is like any other.
 *
 *   r(n) = n − A (n − mean),  A = Σnz (Σzn Σnn⁺ Σnz)⁺ Σzn Σnn⁺
 *
 * n: what the norm gives; z: one-hot classes; Σ: covariances over the users that it is fitted on; ⁺: pseudo-inverse.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { ProjectorWeights } from '../projector/projector.ts';

/** r(n) = matrix·n + offset */
export interface Erasure {
  /** I − A, as [dim, dim] */
  readonly matrix: Float64Array;
  /** A·mean, as [dim] */
  readonly offset: Float64Array;
}

/** Eigenvalues below this share of the largest are rounding. */
const NOTHING = 1e-10;

/**
 * @param rows [dim] each
 * @param classOf of each row, from 0
 */
export function fitErasure(rows: readonly ArrayLike<number>[], classOf: readonly number[]): Erasure {
  const n = new Matrix(rows.map((row) => Array.from(row)));
  const mean = n.mean('column');
  n.subRowVector(mean);
  const z = Matrix.zeros(rows.length, 1 + Math.max(...classOf));
  for (const [i, c] of classOf.entries()) z.set(i, c, 1);
  // Rows are centred, so that of z the mean need not be taken away.
  const crossed = n.transpose().mmul(z).div(rows.length);
  const read = crossed.transpose().mmul(pseudoInverse(n.transpose().mmul(n).div(rows.length)));
  const a = crossed.mmul(pseudoInverse(read.mmul(crossed))).mmul(read);
  return {
    matrix: Float64Array.from(Matrix.eye(n.columns).sub(a).to1DArray()),
    offset: Float64Array.from(a.mmul(Matrix.columnVector(mean)).to1DArray()),
  };
}

/** Of a covariance. */
function pseudoInverse(covariance: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const least = NOTHING * Math.max(...realEigenvalues);
  const inverse = realEigenvalues.map((v) => (v > least ? 1 / v : 0));
  return eigenvectorMatrix.clone().mulRowVector(inverse).mmul(eigenvectorMatrix.transpose());
}

/** r(n) */
export const erase = (n: ArrayLike<number>, { matrix, offset }: Erasure): Float32Array =>
  Float32Array.from(offset, (sum, i) => {
    for (let j = 0; j < n.length; j++) sum += matrix[i * n.length + j]! * n[j]!;
    return sum;
  });

/** The weights of a projector without the map between, which gives the same: norm ∘ map ∘ layers = norm without gain and bias ∘ other layers. */
export function foldErasure(weights: ProjectorWeights, { matrix, offset }: Erasure): ProjectorWeights {
  const { normWeight, normBias, fc1Weight, fc1Bias, fc2Weight, fc2Bias, skipWeight } = weights;
  const dim = offset.length;
  const fold = (layer: Float32Array) => {
    const folded = new Float32Array(layer.length);
    const added = new Float64Array(layer.length / dim);
    for (const row of added.keys()) {
      const sums = new Float64Array(dim);
      for (let i = 0; i < dim; i++) {
        const w = layer[row * dim + i]!;
        added[row]! += w * (normWeight[i]! * offset[i]! + normBias[i]!);
        for (let j = 0; j < dim; j++) sums[j]! += w * normWeight[i]! * matrix[i * dim + j]!;
      }
      folded.set(sums, row * dim);
    }
    return { folded, added };
  };
  const [skip, isLinear] = [fold(skipWeight), fc1Weight.length === 0];
  const inner = fold(isLinear ? fc2Weight : fc1Weight);
  const biasOf = (bias: Float32Array, ...parts: Float64Array[]) =>
    bias.map((v, i) => parts.reduce((sum, part) => sum + (part[i] ?? 0), v));
  return {
    ...{ ...weights, normWeight: new Float32Array(dim).fill(1), normBias: new Float32Array(dim) },
    skipWeight: skip.folded,
    ...(isLinear
      ? { fc2Weight: inner.folded, fc2Bias: biasOf(fc2Bias, inner.added, skip.added) }
      : {
          ...{ fc1Weight: inner.folded, fc1Bias: biasOf(fc1Bias, inner.added) },
          fc2Bias: biasOf(fc2Bias, skip.added),
        }),
  };
}
