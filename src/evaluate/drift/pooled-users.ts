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
  const { rows, count, width } = pooled;
  const centred = centredRows(pooled);
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
  const directions = kept.map((k) => eigenvectorMatrix.getColumn(k));
  return { ...scoresAlong(pooled, directions), shares: kept.map((k) => realEigenvalues[k]! / total) };
}

/** Along each direction, with mean 0 and variance 1; 0 where nobody differs. */
export function scoresAlong(pooled: Pooled, directions: readonly ArrayLike<number>[]): Pooled {
  const { count, width, first } = pooled;
  const centred = centredRows(pooled);
  const scores = new Float64Array(count * directions.length);
  for (const [c, direction] of directions.entries()) {
    let squares = 0;
    const along = Float64Array.from({ length: count }, (_, row) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += centred[row * width + i]! * direction[i]!;
      squares += sum * sum;
      return sum;
    });
    const scale = squares > 0 ? Math.sqrt(count / squares) : 0;
    for (let row = 0; row < count; row++) scores[row * directions.length + c] = along[row]! * scale;
  }
  return { rows: scores, count, width: directions.length, first };
}

/** Of the rows in `members`, into `sum` [width]. Most of the time of all tests is spent here: four sums at once stay in registers. */
export function sumRows(
  { rows, width }: { readonly rows: Float64Array | Float32Array; readonly width: number },
  members: Int32Array,
  sum: Float64Array,
): void {
  const whole = width - (width % 4);
  for (let k = 0; k < whole; k += 4) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < members.length; i++) {
      const at = members[i]! * width + k;
      a += rows[at]!;
      b += rows[at + 1]!;
      c += rows[at + 2]!;
      d += rows[at + 3]!;
    }
    sum[k] = a;
    sum[k + 1] = b;
    sum[k + 2] = c;
    sum[k + 3] = d;
  }
  for (let k = whole; k < width; k++) {
    sum[k] = 0;
    for (const row of members) sum[k]! += rows[row * width + k]!;
  }
}

function centredRows({ rows, count, width }: Pooled): Float64Array {
  const mean = new Float64Array(width);
  for (let at = 0; at < rows.length; at++) mean[at % width]! += rows[at]! / count;
  return rows.map((v, at) => v - mean[at % width]!);
}
