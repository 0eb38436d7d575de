/**
 * Can somebody who has a projector and a person's data tell whether that person was trained on? The attack of Yeom et al. (arXiv 1709.01604), with the mean
 * user as reference: whoever was trained on is helped more by the own soft token.
 */

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
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface MembershipReport {
  readonly members: number;
  readonly others: number;
  /** Probability that a member's score is above another's; 0.5 is chance. */
  readonly auc: Interval;
  /** Share of members told where 1 % of the others are told wrongly (Carlini et al., arXiv 2112.03570); 0.01 is chance. */
  readonly atOnePercent: number;
}

export async function membership(options: MembershipOptions): Promise<MembershipReport> {
  const { members, others, projector, seed = 1, ...rest } = options;
  const scoresOf = async (examples: readonly Example[]) => {
    const report = await evaluate({
      ...{ ...rest, projectors: [projector], examples, conditions: ['mean', 'true'], seed },
      ...{ ranked: 0, generated: 0, byGroup: true },
    });
    return report.byGroup!.map(({ nll, targetTokens }) => (nll.mean![0]! - nll.true![0]!) / targetTokens);
  };
  const [inside, outside] = [await scoresOf(members), await scoresOf(others)];
  const sorted = outside.toSorted((a, b) => b - a);
  const threshold = sorted[Math.floor(outside.length / 100)]!;
  return {
    ...{ members: inside.length, others: outside.length, auc: aucOf(inside, outside, seed) },
    atOnePercent: inside.filter((score) => score > threshold).length / inside.length,
  };
}

const RESAMPLES = 1000;

/** Area under the ROC curve (Mann & Whitney 1947), its interval by resampling both sides. */
export function aucOf(above: readonly number[], below: readonly number[], seed = 1): Interval {
  const random = seededRandom(seed);
  const drawn = (list: readonly number[]) => list.map(() => list[Math.floor(random() * list.length)]!);
  const runs = Array.from({ length: RESAMPLES }, () => areaOf(drawn(above), drawn(below))).sort(
    (a, b) => a - b,
  );
  return {
    mean: areaOf(above, below),
    low: runs[Math.round(0.025 * (RESAMPLES - 1))]!,
    high: runs[Math.round(0.975 * (RESAMPLES - 1))]!,
  };
}

/** By ranks; ties count half. */
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
