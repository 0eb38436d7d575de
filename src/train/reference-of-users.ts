/**
 * What a projector's file says of the users it was trained on, for `user/user-fit.ts`: their covariance, shrunk towards a sphere (Ledoit &
 * Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", JMVA 2004), and how far from it users lie whom it was not
 * fitted on. Each fifth of the users is measured by a fit on the others, so that a p-value of a new person of the same population holds.
 * No user is in it.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type SpaceReference, squaredDistance } from '../projector/reference.ts';

const FOLDS = 5;
/** Directions and quantiles that are kept. */
const [DIRECTIONS, QUANTILES] = [64, 1000] as const;
/** Of fewer users a tail says nothing. */
const LEAST_USERS = 20;
/** A decomposition takes time by the cube of the numbers in a vector, sums by the users: of more of them some are enough. */
const [MOST_DIM, MOST_VECTORS] = [1024, 20_000] as const;

export interface ReferenceOptions {
  /** Vectors [dim] of each user. */
  readonly users: readonly (readonly Float32Array[])[];
  readonly mean: readonly number[];
  /** The mean is that of these users; false where it was taken over from another training. */
  readonly isOwnMean: boolean;
}

/** Undefined where there are too few users, too many numbers in a vector, or all vectors are the same. */
export function referenceOf({ users, mean, isOwnMean }: ReferenceOptions): SpaceReference | undefined {
  const dim = mean.length;
  if (users.length < LEAST_USERS || dim > MOST_DIM) return undefined;
  const count = users.reduce((sum, vectors) => sum + vectors.length, 0);
  const step = Math.ceil(count / MOST_VECTORS);
  const parts = Array.from({ length: FOLDS }, (_, fold) =>
    users
      .filter((_, i) => i % step === 0 && (i / step) % FOLDS === fold)
      .flatMap((vectors) => vectors.map((vector) => Float64Array.from(vector, (v, i) => v - mean[i]!))),
  );
  const moments = parts.map((rows) => momentsOf(rows, dim));
  const all = moments.reduce((sum, each) => plus(sum, each, 1), momentsOf([], dim));
  const fitted = gaussianOf(all, isOwnMean);
  if (fitted === undefined) return undefined;
  const distances = parts.flatMap((rows, fold) => {
    const others = gaussianOf(plus(all, moments[fold]!, -1), isOwnMean);
    if (others === undefined) return [];
    return rows.map((row) =>
      squaredDistance(
        others,
        row.map((v, i) => v - others.mean[i]!),
      ),
    );
  });
  const { mean: _, ...gaussian } = fitted;
  return { ...gaussian, distances: quantilesOf(Float64Array.from(distances).sort()) };
}

/** Sums over vectors x: of 1, x, x xᵀ and |x|⁴. */
interface Moments {
  readonly count: number;
  readonly sum: Float64Array;
  /** [dim, dim] */
  readonly products: Float64Array;
  readonly fourth: number;
}

function momentsOf(rows: readonly Float64Array[], dim: number): Moments {
  const [sum, products] = [new Float64Array(dim), new Float64Array(dim * dim)];
  let fourth = 0;
  for (const row of rows) {
    let squared = 0;
    for (let i = 0; i < dim; i++) {
      const v = row[i]!;
      sum[i]! += v;
      squared += v * v;
      for (let j = 0; j < dim; j++) products[i * dim + j]! += v * row[j]!;
    }
    fourth += squared * squared;
  }
  return { count: rows.length, sum, products, fourth };
}

const plus = (a: Moments, b: Moments, sign: 1 | -1): Moments => ({
  count: a.count + sign * b.count,
  sum: a.sum.map((v, i) => v + sign * b.sum[i]!),
  products: a.products.map((v, i) => v + sign * b.products[i]!),
  fourth: a.fourth + sign * b.fourth,
});

/** Undefined where nothing varies. */
function gaussianOf(moments: Moments, isOwnMean: boolean) {
  const { count, sum, products, fourth } = moments;
  const dim = sum.length;
  const mean = sum.map((v) => (isOwnMean ? v / count : 0));
  const covariance = products.map((v, at) => v / count - mean[Math.floor(at / dim)]! * mean[at % dim]!);
  let [trace, norm] = [0, 0];
  for (let i = 0; i < dim; i++) trace += covariance[i * dim + i]!;
  for (const v of covariance) norm += v * v;
  if (!(trace > 1e-12 * dim)) return undefined;
  const average = trace / dim;
  const spread = norm - dim * average ** 2;
  const shrinkage = spread > 0 ? Math.max(0, Math.min(1, (fourth / count - norm) / count / spread)) : 1;
  const rows = Array.from({ length: dim }, (_, i) => covariance.subarray(i * dim, (i + 1) * dim));
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rows), {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, k) => k).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  // A variance that rounding made negative is none.
  const shrunk = order.map((k) => (1 - shrinkage) * Math.max(0, realEigenvalues[k]!) + shrinkage * average);
  const kept = Math.min(dim, DIRECTIONS);
  const rest = kept < dim ? shrunk.slice(kept) : shrunk.slice(-1);
  const least = 1e-9 * average;
  return {
    mean,
    eigenvectors: Float32Array.from(order.slice(0, kept).flatMap((k) => eigenvectorMatrix.getColumn(k))),
    eigenvalues: Float32Array.from(shrunk.slice(0, kept), (v) => Math.max(v, least)),
    residual: Math.max(rest.reduce((a, b) => a + b, 0) / rest.length, least),
  };
}

/** At (i + 1) / (q + 1), between neighbours in proportion; of few users each. */
function quantilesOf(sorted: Float64Array): Float32Array {
  const count = Math.min(sorted.length, QUANTILES);
  return Float32Array.from({ length: count }, (_, i) => {
    // Rounding must not lead in front of the first.
    const at = Math.max(0, ((i + 1) / (count + 1)) * (sorted.length + 1) - 1);
    const low = Math.floor(at);
    const above = sorted[Math.min(low + 1, sorted.length - 1)]!;
    return sorted[low]! + (at - low) * (above - sorted[low]!);
  });
}
