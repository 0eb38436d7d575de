/** What turns user embeddings into numbers around 0 of about size 1: of the training users, and kept in the contract. */
import { E2PError } from '../error.ts';
import { vectorsOf } from '../projector/projector.ts';
import type { Users } from './training-data.ts';

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

export interface StandardisedUsers {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** [n, dim] of each user asked for, in that order. */
  readonly inputs: readonly Float32Array[];
  /** Any other vector of the space. */
  standardise(vector: Float32Array): Float32Array;
}

export interface StandardiseOptions {
  readonly users: Users;
  readonly ids: readonly string[];
  /** Those of `ids` whose mean and deviation are taken. */
  readonly trained: readonly string[];
  /** Taken over instead. */
  readonly known?: { readonly mean: readonly number[]; readonly scale: readonly number[] } | undefined;
  /** Everybody becomes the mean user. */
  readonly nobody: boolean;
}

/** @throws E2PError `invalid-data` */
export function standardiseUsers(options: StandardiseOptions): StandardisedUsers {
  const { users, ids, trained, known, nobody } = options;
  const { dim } = users;
  const sets = (of: readonly string[]) => of.map((id) => vectorsOf(users.rows.get(id)!, dim));
  const { mean, scale } = known ?? standardisation(sets(trained).flat(), dim);
  const standardise = (vector: Float32Array) => vector.map((v, i) => (v - mean[i]!) / scale[i]!);
  const inputs = sets(ids).map((set) => {
    const flat = new Float32Array(set.length * dim);
    if (!nobody) for (const [n, vector] of set.entries()) flat.set(standardise(vector), n * dim);
    return flat;
  });
  return { mean, scale, inputs, standardise };
}
