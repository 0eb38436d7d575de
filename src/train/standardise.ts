/** What turns user embeddings into numbers around 0 of about size 1: of the training users, and kept in the contract. */
import { E2PError } from '../error.ts';

/**
 * Mean and standard deviation per coordinate.
 * @throws E2PError `invalid-data` for no rows
 */
export function standardisation(
  rows: readonly Float32Array[],
  dim: number,
): { mean: number[]; scale: number[] } {
  if (rows.length === 0)
    throw new E2PError('invalid-data', 'every user is held out, none is left to train on');
  const over = (f: (row: Float32Array, i: number) => number) =>
    Array.from({ length: dim }, (_, i) => rows.reduce((sum, row) => sum + f(row, i), 0) / rows.length);
  const mean = over((row, i) => row[i]!);
  // A coordinate that never changes says nothing; it must not become huge for a new user either.
  const scale = over((row, i) => (row[i]! - mean[i]!) ** 2).map((v) => (v > 1e-12 ? Math.sqrt(v) : 1));
  return { mean, scale };
}
