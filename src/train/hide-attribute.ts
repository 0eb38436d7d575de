/** An attribute of users as what takes it out of their embeddings: fitted on all of whom it is known, be there texts of theirs or not, but for those held out. */
import { E2PError } from '../error.ts';
import { normalised, vectorsOf } from '../projector/projector.ts';
import { type Erasure, fitErasure } from './erase-attribute.ts';
import type { HiddenAttribute } from './train-options.ts';
import type { Users } from './training-data.ts';

export interface HiddenOf {
  readonly users: Users;
  /** Users whose embeddings take no part. */
  readonly heldOut: readonly string[];
  /** Users of each of whom it must be known. */
  readonly trained: readonly string[];
  readonly standardise: (vector: Float32Array) => Float32Array;
  /** The projector weights sources by gates. */
  readonly gated: boolean;
}

export interface FittedErasure extends Erasure {
  /** How many users it was fitted on. */
  readonly users: number;
}

/** @throws E2PError `invalid-data`, `invalid-argument` with gates */
export function erasureOf({ name, answers }: HiddenAttribute, of: HiddenOf): FittedErasure {
  const { users, heldOut, trained, standardise, gated } = of;
  const { rows, dim } = users;
  const what = `the attribute to hide, ${JSON.stringify(name)}`;
  const refuse = (found: string, expected: string): never => {
    throw new E2PError('invalid-data', `${what}: ${found}, expected ${expected}`);
  };
  if (gated) {
    const found = 'the projector has a gate for each source, which depends on what is erased';
    throw new E2PError('invalid-argument', `${what}: ${found}, expected none (gate: false, --no-gate)`);
  }
  const unknown = trained.filter((id) => !answers.has(id)).length;
  if (unknown > 0)
    refuse(`${unknown} of ${trained.length} users to train on have no answer`, 'one of each of them');
  const outside = new Set(heldOut);
  const ids = [...rows.keys()].filter((id) => answers.has(id) && !outside.has(id));
  const names = [...new Set(ids.map((id) => answers.get(id)!))].sort();
  if (names.length < 2) refuse('all users have the same answer', 'two answers at least');
  if (names.length >= dim) {
    const expected = `fewer than the ${dim} numbers of an embedding, which must be more than what is erased`;
    refuse(`${names.length} different answers`, expected);
  }
  const known = ids.flatMap((id) =>
    vectorsOf(rows.get(id)!, dim).map((vector) => ({
      row: normalised(Float64Array.from(standardise(vector))),
      classOf: names.indexOf(answers.get(id)!),
    })),
  );
  const erasure = fitErasure(
    known.map(({ row }) => row),
    known.map(({ classOf }) => classOf),
  );
  return { ...erasure, users: ids.length };
}
