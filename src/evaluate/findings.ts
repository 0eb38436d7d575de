/**
 * What may be said of an evaluation: the comparisons that a claim of personalisation rests on, with how many people they are over, and what
 * speaks against them. Where nothing can be told that is said, and no verdict.
 */
import { isTold } from './bootstrap.ts';
import type { Condition } from './conditions.ts';
import type { EvaluationReport } from './evaluate.ts';
import { intervalText, signed } from './interval-text.ts';

const CONTROLS: readonly (readonly [Condition, string])[] = [
  ['none', 'no soft token'],
  ['constant', 'a constant soft token, trained with the same budget'],
  ['mean', "the mean user's soft token"],
  ['shuffled', "somebody else's soft token"],
];

/** Differences below this, in nats per token, may be those of other batches. */
const RESOLUTION = 1e-5;
/** Clusters below which a percentile bootstrap is known to give too narrow intervals (Cameron, Gelbach & Miller, REStat 2008). */
const FEW = 20;
/** Five all point one way by chance in one case of sixteen: more than an interval of 95 % may be wrong. */
const FEWEST = 6;

export function findings(report: EvaluationReport): string[] {
  const { groups, users, exchangedWithin } = report;
  const unit = groups === users ? 'user' : 'group';
  const cautions: string[] = [];
  if (groups > 1 && groups < FEW) {
    cautions.push(
      `Only ${groups} ${unit}s: a bootstrap over so few gives too narrow intervals, so take them as hints.`,
    );
  }
  if (exchangedWithin > 0) {
    cautions.push(
      `${exchangedWithin} users got the soft token of somebody of their own group, since that is more than half of all: somebody else's looks nearer to the true one than it is.`,
    );
  }
  return [...CONTROLS.flatMap(([condition, what]) => comparison(report, condition, what, unit)), ...cautions];
}

function comparison(
  { conditions, notMeasured, groups }: EvaluationReport,
  condition: Condition,
  what: string,
  unit: string,
): string[] {
  const untold = (why: string) => [
    `How the true user's soft token compares with ${what} cannot be told: ${why}.`,
  ];
  if (notMeasured.includes(condition)) {
    return untold(`all examples are of one ${unit}, and nobody else can take its place`);
  }
  const difference = conditions[condition]?.minusTrue;
  if (difference === undefined) return [];
  const nats = `${signed(difference.mean)} nats per token`;
  if (!isTold(difference)) {
    return untold(
      groups < 2 ? `${nats}, but of one ${unit} alone` : `${nats}, the same for all ${groups} ${unit}s`,
    );
  }
  if (groups < FEWEST) return untold(`${nats}, but of ${groups} ${unit}s only, expected ${FEWEST} or more`);
  const verdict =
    difference.low > RESOLUTION
      ? 'is better than'
      : difference.high < -RESOLUTION
        ? 'is worse than'
        : 'is not significantly different from';
  return [
    `The true user's soft token ${verdict} ${what}: ${intervalText(difference)} nats per token, over ${groups} ${unit}s.`,
  ];
}
