/**
 * Can somebody who has a projector and a person's data tell whether that person was trained on? The attack of Yeom et al. (arXiv 1709.01604) on a person's loss,
 * calibrated by how hard the texts are: by the mean user (whoever was trained on is helped more by the own soft token), and by a reference model where there is
 * one (Watson et al., arXiv 2111.08440). It tells of membership alone only where members and others differ in nothing else.
 */

import { E2PError } from '../../error.ts';
import { seededRandom } from '../../generate/sampling.ts';
import type { BaseModel } from '../../model/base-model.ts';
import type { Projector } from '../../projector/projector.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { Example, Users } from '../../train/training-data.ts';
import type { Interval } from '../bootstrap.ts';
import { evaluate } from '../evaluate.ts';

export interface MembershipOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly projector: Projector;
  readonly users: Users;
  /** Of users who were trained on, and of others like them. */
  readonly members: readonly Example[];
  readonly others: readonly Example[];
  /** Of the same recipe, trained on neither. */
  readonly reference?: Projector;
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What one score tells, with 95 % bootstrap intervals over users. */
export interface MembershipScore {
  /** Probability that a member's score is above another's; 0.5 is chance. */
  readonly auc: Interval;
  /** True positive rate at 1 % and at 5 % false positives (Carlini et al., arXiv 2112.03570); 0.01 and 0.05 are chance. */
  readonly atOnePercent: Interval;
  readonly atFivePercent: Interval;
}

/** By the mean user, and more with a reference. */
export interface MembershipReport extends MembershipScore {
  readonly members: number;
  readonly others: number;
  /** By the reference's loss in place of the mean user's. */
  readonly byReference?: MembershipScore;
  /** The attack by the mean user on the reference: away from chance, members and others differ in more than membership. */
  readonly control?: MembershipScore;
}

/** @throws E2PError `invalid-data` for a side without anybody, and for users on both, who would make members look like the others */
export function checkSides({ members, others }: Pick<MembershipOptions, 'members' | 'others'>): void {
  const [trained, not] = [members, others].map((examples) => new Set(examples.map(({ user }) => user)));
  const both = [...trained!].filter((user) => not!.has(user)).length;
  if (both > 0 || trained!.size === 0 || not!.size === 0)
    throw new E2PError(
      'invalid-data',
      `membership: ${trained!.size} members and ${not!.size} others, ${both} of whom are both, expected some of each and nobody on both sides`,
    );
}

/** @throws E2PError as `checkSides` */
export async function membership(options: MembershipOptions): Promise<MembershipReport> {
  checkSides(options);
  const { members, others, projector, reference, seed = 1, ...rest } = options;
  const projectors = [projector, ...(reference ? [reference] : [])];
  const lossesOf = async (examples: readonly Example[]) => {
    const report = await evaluate({
      ...{ ...rest, projectors, examples, conditions: ['mean', 'true'], seed },
      ...{ ranked: 0, generated: 0, byGroup: true },
    });
    return report.byGroup!.map(({ nll, targetTokens }) => ({
      mean: nll.mean!.map((nats) => nats / targetTokens),
      own: nll.true!.map((nats) => nats / targetTokens),
    }));
  };
  const [inside, outside] = [await lossesOf(members), await lossesOf(others)];
  type Losses = (typeof inside)[number];
  const by = (score: (losses: Losses) => number) => scoreOf(inside.map(score), outside.map(score), seed);
  return {
    ...{ members: inside.length, others: outside.length },
    ...by(({ mean, own }) => mean[0]! - own[0]!),
    ...(reference && {
      byReference: by(({ own }) => own[1]! - own[0]!),
      control: by(({ mean, own }) => mean[1]! - own[1]!),
    }),
  };
}

const RESAMPLES = 1000;

/** Of the scores of members and of others; intervals by resampling both sides. */
export function scoreOf(inside: readonly number[], outside: readonly number[], seed = 1): MembershipScore {
  const random = seededRandom(seed);
  const drawn = (list: readonly number[]) => list.map(() => list[Math.floor(random() * list.length)]!);
  const runs = Array.from({ length: RESAMPLES }, () => [drawn(inside), drawn(outside)] as const);
  const of = (measure: typeof areaOf): Interval => {
    const found = runs.map(([members, others]) => measure(members, others)).sort((a, b) => a - b);
    const at = (q: number) => found[Math.round(q * (RESAMPLES - 1))]!;
    return { mean: measure(inside, outside), low: at(0.025), high: at(0.975) };
  };
  return { auc: of(areaOf), atOnePercent: of(rateAt(0.01)), atFivePercent: of(rateAt(0.05)) };
}

/** Share of members above a threshold that at most so many of the others are above. */
const rateAt = (share: number) => (inside: readonly number[], outside: readonly number[]) => {
  const threshold = outside.toSorted((a, b) => b - a)[Math.floor(share * outside.length)]!;
  return inside.filter((score) => score > threshold).length / inside.length;
};

/** Area under the ROC curve (Mann & Whitney 1947), by ranks; ties count half. */
function areaOf(above: readonly number[], below: readonly number[]): number {
  const all = [...above.map((v) => ({ v, is: 1 })), ...below.map((v) => ({ v, is: 0 }))].sort(
    (a, b) => a.v - b.v,
  );
  let ranks = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]!.v === all[from]!.v) to++;
    // Ranks from 1; of equal values the middle one.
    for (let i = from; i < to; i++) ranks += all[i]!.is * ((from + 1 + to) / 2);
    from = to;
  }
  return (ranks - (above.length * (above.length + 1)) / 2) / (above.length * below.length);
}
