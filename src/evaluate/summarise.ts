/**
 * From the nats of examples to what may be said of conditions: sums over what is resampled (users, or groups of them), differences within
 * each, and their intervals.
 */
import type { Example } from '../train/training-data.ts';
import { bootstrapRuns, type Interval, type Runs } from './bootstrap.ts';
import type { Condition } from './conditions.ts';
import { groupOf } from './plan-passes.ts';

/** Numbers by training seed, shuffle and example. */
export type ByExample = readonly (readonly ArrayLike<number>[])[];

/** Losses of one condition, with 95 % intervals over users or groups. */
export interface LossReport {
  /** Nats per target token, over users (or groups). */
  readonly nll: Interval;
  readonly perplexity: number;
  /** This condition's NLL minus that of `true`: above zero, the true user is better. */
  readonly minusTrue: Interval | undefined;
  /** The same for each training seed. */
  readonly minusTrueBySeed: readonly number[] | undefined;
  /** Nats of a whole target, end of text included, and its difference to `true`. */
  readonly nllPerTarget: Interval;
  readonly minusTruePerTarget: Interval | undefined;
}

/** One user, or a group of users that share data. */
export interface GroupReport {
  readonly name: string;
  readonly targets: number;
  readonly targetTokens: number;
  /** Nats of all its targets together, by training seed (one where no projector is used), a mean over shuffles. */
  readonly nll: Readonly<Partial<Record<Condition, readonly number[]>>>;
}

export interface Sample {
  readonly examples: readonly Example[];
  /** Target tokens of each example. */
  readonly tokens: readonly number[];
  readonly nats: ReadonlyMap<Condition, ByExample>;
  /** Of the resampling. */
  readonly seed: number;
}

export interface Summary {
  /** Names of what is resampled. */
  readonly groups: readonly string[];
  lossOf(condition: Condition): LossReport;
  byGroup(): GroupReport[];
}

export function summarise({ examples, tokens, nats, seed }: Sample): Summary {
  const groups = [...new Set(examples.map(groupOf))];
  const indexOf = new Map(groups.map((g, i) => [g, i]));
  const summed = (values: ArrayLike<number>): number[] => {
    const sums = groups.map(() => 0);
    examples.forEach((e, i) => {
      sums[indexOf.get(groupOf(e))!]! += values[i]!;
    });
    return sums;
  };
  const perToken = summed(tokens);
  const perTarget = summed(tokens.map(() => 1));
  const runsOf = (condition: Condition, weights: readonly number[]): Runs =>
    nats
      .get(condition)!
      .map((rounds) => rounds.map((values) => summed(values).map((v, i) => v / weights[i]!)));
  /** Within a seed: somebody else's soft token is compared with one of the same projector. */
  const toTrue = (condition: Condition, weights: readonly number[]): Runs | undefined => {
    if (condition === 'true' || !nats.has('true')) return undefined;
    const [own, other] = [runsOf('true', weights), runsOf(condition, weights)];
    return own.map(([values], s) =>
      other[s % other.length]!.map((row) => row.map((v, i) => v - values![i]!)),
    );
  };
  return {
    groups,
    lossOf: (condition) => {
      const nll = bootstrapRuns(runsOf(condition, perToken), perToken, { seed });
      const differences = toTrue(condition, perToken);
      const perTargets = toTrue(condition, perTarget);
      return {
        nll,
        perplexity: Math.exp(nll.mean),
        minusTrue: differences && bootstrapRuns(differences, perToken, { seed }),
        minusTrueBySeed: differences?.map((run) => bootstrapRuns([run], perToken, { resamples: 1 }).mean),
        nllPerTarget: bootstrapRuns(runsOf(condition, perTarget), perTarget, { seed }),
        minusTruePerTarget: perTargets && bootstrapRuns(perTargets, perTarget, { seed }),
      };
    },
    byGroup: () =>
      groups.map((name, g) => ({
        ...{ name, targets: perTarget[g]!, targetTokens: perToken[g]! },
        nll: Object.fromEntries(
          [...nats].map(([condition, runs]) => [
            condition,
            runs.map((rounds) => rounds.reduce((sum, r) => sum + summed(r)[g]!, 0) / rounds.length),
          ]),
        ),
      })),
  };
}
