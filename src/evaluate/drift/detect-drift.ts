/**
 * Are the users of now those that the projector was trained on? Joint two-sample tests on embeddings: a classifier, the kernel mean
 * discrepancy and stability indices see different things; one verdict holds for all of them together. Whatever is said is about all
 * users: no value and no id of anybody.
 */
import { checkRange, checkWhole, E2PError } from '../../error.ts';
import { seededRandom } from '../../generate/sampling.ts';
import { pick } from '../samples.ts';
import type { Canary } from './canary.ts';
import { classifierAuc, quadraticFeatures } from './classifier-test.ts';
import { meanDiscrepancy } from './mmd-test.ts';
import { holm, type Permuted, permutationTests } from './permutation.ts';
import { leadingComponents, pool } from './pooled-users.ts';
import { stabilityIndex } from './psi-test.ts';

/** With fewer a side a shift of 0.3 σ goes unseen more often than not. */
export const FEWEST_USERS = 50;

export const DRIFT_DEFAULTS = {
  level: 0.05,
  permutations: 199,
  users: 5000,
  components: 8,
  seed: 1,
} as const;

export interface DriftOptions {
  /** One vector [dim] for each user: those of training, and those of now. */
  readonly reference: readonly Float32Array[];
  readonly current: readonly Float32Array[];
  /** Share of false alarms over all tests together; default 0.05. */
  readonly level?: number;
  /** Default 199: p-values in steps of half a percent. */
  readonly permutations?: number;
  /** Of each side so many are compared at most, picked at random. Default 5000. */
  readonly users?: number;
  /** Leading components that are looked at; default 8. */
  readonly components?: number;
  readonly seed?: number;
  /** What the model lost on held-out prompts, where it was measured. */
  readonly canary?: Canary | undefined;
}

/** `classifier` sees means and covariances of the leading components, `discrepancy` their whole distribution; `components` and `numbers` one variable after the other. */
export const DRIFT_TESTS = ['classifier', 'discrepancy', 'components', 'numbers', 'canary'] as const;
/** One of `DRIFT_TESTS`. */
export type DriftTest = (typeof DRIFT_TESTS)[number];

/** AUC, MMD², the largest stability index of a component and of a number, or nats per token. */
export interface DriftTestReport extends Permuted {
  /** Of all tests together (Holm). */
  readonly adjustedP: number;
}

export interface DriftReport {
  readonly drift: boolean;
  readonly level: number;
  readonly permutations: number;
  readonly dim: number;
  /** Given, and compared. */
  readonly users: Readonly<
    Record<'reference' | 'current', { readonly given: number; readonly compared: number }>
  >;
  readonly tests: Readonly<Partial<Record<DriftTest, DriftTestReport>>>;
  /** Of each leading component: its share of all variance, and its stability index. */
  readonly components: readonly { readonly share: number; readonly stability: number }[];
  /** The numbers of an embedding with the largest stability indices, counted from 0. */
  readonly numbers: readonly { readonly index: number; readonly stability: number }[];
  readonly canary?: Canary;
  readonly seed: number;
}

/** Numbers that a report names. */
const NAMED = 5;

/**
 * @throws E2PError `invalid-data` for fewer than 50 users a side, vectors of different lengths, a number that is not finite, or users who
 *   are all the same; `invalid-argument`
 */
export function detectDrift(options: DriftOptions): DriftReport {
  const { reference, current, canary } = options;
  const { level, permutations, users, components, seed } = { ...DRIFT_DEFAULTS, ...options };
  checkRange('level', level, 0.0001, 0.5);
  // Else no p-value could be low enough.
  checkWhole('permutations', permutations, Math.ceil(DRIFT_TESTS.length / level) - 1, 1_000_000);
  checkWhole('users', users, FEWEST_USERS, 100_000);
  checkWhole('components', components, 1, 32);
  checkWhole('seed', seed, 0, 2 ** 32 - 1);
  const dim = reference[0]?.length ?? 0;
  checkSide('reference', reference, dim);
  checkSide('current', current, dim);
  const random = seededRandom(seed);
  const [before, now] = [pick(reference, users, random), pick(current, users, random)];
  const pooled = pool(before, now);
  const leading = leadingComponents(pooled, components);
  const [ofComponents, ofNumbers] = [stabilityIndex(leading), stabilityIndex(pooled)];
  const { first, count } = pooled;
  const found = permutationTests(
    {
      classifier: classifierAuc(quadraticFeatures(leading), random),
      discrepancy: meanDiscrepancy(leading, random),
      components: ofComponents.largest,
      numbers: ofNumbers.largest,
    },
    { first, count, permutations, random },
  );
  const all: Partial<Record<DriftTest, Permuted>> = {
    ...found,
    ...(canary && { canary: { statistic: canary.loss.mean, p: canary.p } }),
  };
  const names = DRIFT_TESTS.filter((name) => all[name]);
  const adjusted = holm(names.map((name) => all[name]!.p));
  const members = Int32Array.from({ length: first }, (_, i) => i);
  const indices = ofNumbers.of(members);
  return {
    drift: adjusted.some((p) => p <= level),
    ...{ level, permutations, dim },
    users: {
      reference: { given: reference.length, compared: before.length },
      current: { given: current.length, compared: now.length },
    },
    tests: Object.fromEntries(names.map((name, i) => [name, { ...all[name]!, adjustedP: adjusted[i]! }])),
    components: Array.from(ofComponents.of(members), (stability, c) => ({
      share: leading.shares[c]!,
      stability,
    })),
    numbers: [...indices.keys()]
      .sort((a, b) => indices[b]! - indices[a]!)
      .slice(0, NAMED)
      .map((index) => ({ index, stability: indices[index]! })),
    ...(canary && { canary }),
    seed,
  };
}

function checkSide(side: string, rows: readonly Float32Array[], dim: number): void {
  const refuse = (why: string): never => {
    throw new E2PError('invalid-data', `${side}: ${why}`);
  };
  if (rows.length < FEWEST_USERS)
    refuse(`${rows.length} users, expected at least ${FEWEST_USERS}: of fewer nothing can be told`);
  const other = rows.find((row) => row.length !== dim);
  if (other) refuse(`a user has ${other.length} numbers, expected ${dim} as in the reference`);
  const bad = rows.findIndex((row) => row.some((v) => !Number.isFinite(v)));
  if (bad >= 0) refuse(`the embedding of user ${bad + 1} holds a number that is not finite`);
}
