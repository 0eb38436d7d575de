/**
 * Does it hurt? The same held-out examples through the frozen model and its projector, once with the embeddings of training and once with
 * those of now, of the same users: what a test of distributions can't see (vectors that were exchanged between users) shows here, and what
 * makes no difference to the texts does not.
 */
import { E2PError } from '../../error.ts';
import { seededRandom } from '../../generate/sampling.ts';
import type { BaseModel } from '../../model/base-model.ts';
import type { Projector } from '../../projector/projector.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Example, Users } from '../../train/training-data.ts';
import { type Interval, pairedDifference } from '../bootstrap.ts';
import { evaluate } from '../evaluate.ts';

/** Fewer all point one way by chance too often. */
export const FEWEST_CANARIES = 20;

export interface Canary {
  /** Users (or groups) with examples and with both embeddings. */
  readonly users: number;
  readonly examples: number;
  /** Nats per target token: with the embeddings of the reference, with those of now, and with the mean user for everybody. */
  readonly nll: Readonly<Record<'reference' | 'current' | 'mean', number>>;
  /** Current minus reference, paired within users, above zero: worse; 95 % by bootstrap over users. */
  readonly loss: Interval;
  /** What the embeddings of the reference gain over the mean user, in the same way. */
  readonly gain: Interval;
  /** What is lost beyond the share of that gain which may be: below zero with all of its interval, it is kept. */
  readonly beyond?: Interval;
  /** Of no loss, by exchanging both embeddings of a user (one-sided). */
  readonly p: number;
}

type Side = 'reference' | 'current';

export interface CanaryOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly projector: Projector;
  readonly reference: Users;
  readonly current: Users;
  /** Those of users in both are taken. */
  readonly examples: readonly Example[];
  readonly maxLength: number;
  readonly batch: number;
  readonly permutations: number;
  /** Share of the gain that may be lost, for `beyond`. */
  readonly allowed?: number | undefined;
  readonly seed: number;
  /** Rows scored with the embeddings of one side. */
  readonly onProgress?: (side: Side, done: number, all: number) => void;
}

/** @throws E2PError `invalid-data` for fewer than 20 users with examples and both embeddings; what `evaluate` throws */
export async function runCanary(options: CanaryOptions): Promise<Canary> {
  const { projector, reference, current, permutations, allowed, seed, onProgress, ...rest } = options;
  const examples = options.examples.filter(({ user }) => reference.rows.has(user) && current.rows.has(user));
  const people = new Set(examples.map(({ user, group }) => group ?? user)).size;
  if (people < FEWEST_CANARIES) {
    throw new E2PError(
      'invalid-data',
      `the canary has examples of ${people} users (or groups) who have both embeddings, expected at least ${FEWEST_CANARIES}`,
    );
  }
  const score = (side: Side, conditions: readonly ('true' | 'mean')[]) =>
    evaluate({
      ...{ ...rest, projectors: [projector], users: options[side], examples, conditions, seed },
      ...{ ranked: 0, generated: 0, byGroup: true },
      onProgress: (_, done, all) => onProgress?.(side, done, all),
    });
  const before = await score('reference', ['true', 'mean']);
  const now = await score('current', ['true']);
  const natsOf = ({ byGroup }: typeof now, condition: 'true' | 'mean') =>
    byGroup!.map(({ nll, targetTokens }) => nll[condition]![0]! / targetTokens);
  const [old, mean, fresh] = [natsOf(before, 'true'), natsOf(before, 'mean'), natsOf(now, 'true')];
  const weights = before.byGroup!.map(({ targetTokens }) => targetTokens);
  const over = (a: readonly number[], b: readonly number[]) => pairedDifference(a, b, weights, { seed });
  const most = (share: number) => old.map((nats, i) => nats + share * (mean[i]! - nats));
  return {
    ...{ users: old.length, examples: now.examples },
    nll: {
      reference: before.conditions.true!.nll.mean,
      current: now.conditions.true!.nll.mean,
      mean: before.conditions.mean!.nll.mean,
    },
    loss: over(fresh, old),
    gain: over(mean, old),
    ...(allowed !== undefined && { beyond: over(fresh, most(allowed)) }),
    p: signFlips(
      fresh.map((v, i) => (v - old[i]!) * weights[i]!),
      permutations,
      seededRandom(seed),
    ),
  };
}

/** How often the sum is as large if each sign were a coin's: (1 + as large) / (1 + flips). */
export function signFlips(differences: readonly number[], flips: number, random: () => number): number {
  const found = differences.reduce((sum, v) => sum + v, 0);
  let beyond = 0;
  for (let round = 0; round < flips; round++) {
    const sum = differences.reduce((total, v) => total + (random() < 0.5 ? v : -v), 0);
    if (sum >= found - 1e-10 * Math.abs(found)) beyond++;
  }
  return (1 + beyond) / (1 + flips);
}
