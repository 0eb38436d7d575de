/**
 * Two samples of users as one matrix, on axes that are those of both together. Nothing here knows which row is of which sample, so that
 * labels can be exchanged afterwards and every p-value is exact (Lehmann & Romano, "Testing Statistical Hypotheses", 15.2).
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { E2PError } from '../../error.ts';

/** Row-major [count, width], first the `first` rows of the reference, then those of now. */
export interface Pooled {
  readonly rows: Float64Array;
  readonly count: number;
  readonly width: number;
  readonly first: number;
}

/** Variances below this share of the largest, or of the squares that they are of, are rounding. */
const NO_VARIANCE = 1e-12;

export function pool(reference: readonly Float32Array[], current: readonly Float32Array[]): Pooled {
  const [width, count] = [reference[0]!.length, reference.length + current.length];
  const rows = new Float64Array(count * width);
  for (const [at, row] of [...reference, ...current].entries()) rows.set(row, at * width);
  return { rows, count, width, first: reference.length };
}

export interface Components extends Pooled {
  /** Of all variance, the share that each has, the largest first. */
  readonly shares: readonly number[];
}

/**
 * Scores on the leading principal components, at most `most`, each with mean 0 and variance 1.
 * @throws E2PError `invalid-data` where all users are the same
 */
export function leadingComponents(pooled: Pooled, most: number): Components {
  const { rows, count, width, first } = pooled;
  const mean = new Float64Array(width);
  for (let at = 0; at < rows.length; at++) mean[at % width]! += rows[at]! / count;
  const centred = rows.map((v, at) => v - mean[at % width]!);
  const covariance = Matrix.zeros(width, width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let from = 0; from < centred.length; from += width) sum += centred[from + i]! * centred[from + j]!;
      covariance.set(i, j, sum / count);
      covariance.set(j, i, sum / count);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const largest = realEigenvalues[order[0]!]!;
  const size = rows.reduce((sum, v) => sum + v * v, 0) / count;
  if (!(largest > NO_VARIANCE * size))
    throw new E2PError('invalid-data', 'all users have the very same embedding, expected them to differ');
  const kept = order.filter((k) => realEigenvalues[k]! > NO_VARIANCE * largest).slice(0, most);
  const total = realEigenvalues.reduce((sum, v) => sum + Math.max(0, v), 0);
  const scores = new Float64Array(count * kept.length);
  for (const [c, k] of kept.entries()) {
    const scale = 1 / Math.sqrt(realEigenvalues[k]!);
    for (let row = 0; row < count; row++) {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += centred[row * width + i]! * eigenvectorMatrix.get(i, k);
      scores[row * kept.length + c] = sum * scale;
    }
  }
  return {
    ...{ rows: scores, count, width: kept.length, first },
    shares: kept.map((k) => realEigenvalues[k]! / total),
  };
}
