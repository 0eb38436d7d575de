/**
 * Are the users of now those that the projector was trained on? Joint two-sample tests on embeddings: means along axes, a classifier, the
 * kernel mean discrepancy and stability indices see different things; one verdict holds for all of them together. Whatever is said is
 * about all users: no value and no id of anybody.
 */
import { checkRange, checkWhole, E2PError } from '../../error.ts';
import { seededRandom } from '../../generate/sampling.ts';
import { pick } from '../samples.ts';
import type { Canary } from './canary.ts';
import { classifierAuc, quadraticFeatures } from './classifier-test.ts';
import { meanShift } from './mean-test.ts';
import { meanDiscrepancy } from './mmd-test.ts';
import { type Permuted, permutationTests } from './permutation.ts';
import { leadingComponents, pool, scoresAlong } from './pooled-users.ts';
import { stabilityIndex } from './psi-test.ts';

/** With fewer a side a shift of 0.3 σ goes unseen more often than not. */
export const FEWEST_USERS = 50;

export const DRIFT_DEFAULTS = {
  level: 0.05,
  permutations: 499,
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
  /** Default 499: p-values in steps of a fifth of a percent. */
  readonly permutations?: number;
  /** Of each side so many are compared at most, picked at random. Default 5000. */
  readonly users?: number;
  /** Leading components that are looked at; default 8. */
  readonly components?: number;
  readonly seed?: number;
  /**
   * [r, dim], the leading one first: directions of the training users, as a projector carries them. Means are compared along these; absent:
   * along the leading components of both samples. Where variances are nearly alike 500 users a side don't find the components of all.
   */
  readonly axes?: Float32Array | undefined;
  /** What the model lost on held-out prompts, where it was measured. */
  readonly canary?: Canary | undefined;
}

/** `axis` sees a shift of means along one axis, `means` one in any direction that the axes span, `classifier` means and covariances of the leading components, `discrepancy` their whole distribution; `components` and `numbers` one variable after the other. */
export const DRIFT_TESTS = [
  'axis',
  'means',
  'classifier',
  'discrepancy',
  'components',
  'numbers',
  'canary',
] as const;
/** One of `DRIFT_TESTS`. */
export type DriftTest = (typeof DRIFT_TESTS)[number];

export interface DriftReport {
  readonly drift: boolean;
  readonly level: number;
  readonly permutations: number;
  readonly dim: number;
  /** Given, and compared. */
  readonly users: Readonly<
    Record<'reference' | 'current', { readonly given: number; readonly compared: number }>
  >;
  /** The largest difference of means and the length of all in σ, AUC, MMD², the largest stability index of a component and of a number, nats per token. */
  readonly tests: Readonly<Partial<Record<DriftTest, Permuted>>>;
  /** Of each leading component: its share of all variance, and its stability index. */
  readonly components: readonly { readonly share: number; readonly stability: number }[];
  /** Now minus reference, in standard deviations, along each axis of the projector or, without one, each leading component. */
  readonly means: { readonly along: 'projector' | 'components'; readonly shifts: readonly number[] };
  /** The numbers of an embedding with the largest stability indices, counted from 0. */
  readonly numbers: readonly { readonly index: number; readonly stability: number }[];
  readonly canary?: Canary;
  readonly seed: number;
}

/**
 * Shares of the level. A small shift of means needs all it can have: 0.3 σ between 500 users a side is 4.7 standard errors, and along one axis of
 * eight 3.2 of them are significant with a quarter of 5 %, 3.4 with an eighth. What the other tests are there for, another shape or a dead
 * number, is far beyond either.
 */
const WEIGHTS = { axis: 2, means: 2, classifier: 1, discrepancy: 1, components: 1, numbers: 1 } as const;

const LEAST_SPLITS = 3 * Object.values(WEIGHTS).reduce((sum, each) => sum + each, 0);

/** Numbers that a report names. */
const NAMED = 5;

/**
 * @throws E2PError `invalid-data` for fewer than 50 users a side, vectors of different lengths, a number that is not finite, or users who
 *   are all the same; `invalid-argument`
 */
export function detectDrift(options: DriftOptions): DriftReport {
  const { reference, current, axes, canary } = options;
  const { level, permutations, users, components, seed } = { ...DRIFT_DEFAULTS, ...options };
  checkRange('level', level, 0.0001, 0.5);
  // Else no p-value could be low enough for a test of the smallest weight at half of the level.
  checkWhole('permutations', permutations, Math.ceil(LEAST_SPLITS / level) - 1, 1_000_000);
  checkWhole('users', users, FEWEST_USERS, 100_000);
  checkWhole('components', components, 1, 32);
  checkWhole('seed', seed, 0, 2 ** 32 - 1);
  const dim = reference[0]?.length ?? 0;
  checkSide('reference', reference, dim);
  checkSide('current', current, dim);
  if (axes !== undefined && axes.length % dim !== 0) {
    throw new E2PError(
      'invalid-data',
      `axes has ${axes.length} numbers, expected a multiple of ${dim}, the numbers of an embedding`,
    );
  }
  const random = seededRandom(seed);
  const [before, now] = [pick(reference, users, random), pick(current, users, random)];
  const pooled = pool(before, now);
  const leading = leadingComponents(pooled, components);
  const [ofComponents, ofNumbers] = [stabilityIndex(leading), stabilityIndex(pooled)];
  const { first, count } = pooled;
  const directions = Array.from({ length: Math.min(components, (axes?.length ?? 0) / dim) }, (_, k) =>
    axes!.subarray(k * dim, (k + 1) * dim),
  );
  const means = meanShift(axes ? scoresAlong(pooled, directions) : leading);
  const found = permutationTests(
    {
      axis: means.largest,
      means: means.length,
      classifier: classifierAuc(quadraticFeatures(leading), random),
      discrepancy: meanDiscrepancy(leading, random),
      components: ofComponents.largest,
      numbers: ofNumbers.largest,
    },
    { first, count, permutations, random, weights: WEIGHTS },
  );
  // Two families, the distributions and what they cost: each has half of the level (Bonferroni).
  const twice = (p: number) => Math.min(1, 2 * p);
  const tests: DriftReport['tests'] = canary
    ? {
        ...(Object.fromEntries(
          Object.entries(found).map(([name, test]) => [name, { ...test, adjustedP: twice(test.adjustedP) }]),
        ) as typeof found),
        canary: { statistic: canary.loss.mean, p: canary.p, adjustedP: twice(canary.p) },
      }
    : found;
  const members = Int32Array.from({ length: first }, (_, i) => i);
  const indices = ofNumbers.of(members);
  return {
    drift: Object.values(tests).some(({ adjustedP }) => adjustedP <= level),
    ...{ level, permutations, dim },
    users: {
      reference: { given: reference.length, compared: before.length },
      current: { given: current.length, compared: now.length },
    },
    tests,
    components: Array.from(ofComponents.of(members), (stability, c) => ({
      share: leading.shares[c]!,
      stability,
    })),
    means: {
      along: axes ? 'projector' : 'components',
      shifts: Array.from(means.of(members), (shift) => 0 - shift),
    },
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
