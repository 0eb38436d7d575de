/** Variants of one study as rows of a table: each against nobody set, against others' soft tokens, and against the first, within each person. */
import { bootstrapRuns, type EvaluationReport, type Interval } from '../../src/evaluate/index.ts';

/** As the page's JSON keeps it. Nats per token, more is better. */
export interface ComparedVariant {
  readonly label: string;
  /** Over nobody set. */
  readonly gain: Interval;
  readonly gainBySeed: readonly number[];
  /** Over somebody else's soft token. */
  readonly overOthers?: Interval;
  /** Over the first variant; absent of itself. */
  readonly overFirst?: Interval;
}

export interface Compared {
  readonly label: string;
  readonly report: EvaluationReport;
}

/**
 * @param variants reports with `byGroup`, of the same people and targets
 * @param nobody the report that has nobody set on these targets, which is the same for all
 * @param condition whose nats count; `mean`: of the mean user
 */
export function compareVariants(
  variants: readonly Compared[],
  condition: 'true' | 'mean' = 'true',
  nobody: EvaluationReport = variants[0]!.report,
): ComparedVariant[] {
  const first = variants[0]!;
  return variants.map(({ label, report }) => {
    const below = (other: EvaluationReport, its: 'none' | 'shuffled' | 'true' | 'mean') =>
      perSeed(other, report, its, condition);
    const average = (runs: Difference) => runs.values.map((seed) => weighted(seed, runs.weights));
    const gain = below(nobody, 'none');
    return {
      ...{ label, gain: overPeople(gain), gainBySeed: average(gain) },
      ...(report.conditions.shuffled && { overOthers: overPeople(below(report, 'shuffled')) }),
      ...(report !== first.report && { overFirst: overPeople(below(first.report, condition)) }),
    };
  });
}

interface Difference {
  /** By training seed and person: nats per token of the one minus those of the other. */
  readonly values: readonly (readonly number[])[];
  readonly weights: readonly number[];
}

function perSeed(
  one: EvaluationReport,
  other: EvaluationReport,
  its: 'none' | 'shuffled' | 'true' | 'mean',
  condition: 'true' | 'mean',
): Difference {
  const people = one.byGroup!;
  const found = new Map(other.byGroup!.map((person) => [person.name, person.nll[condition]!]));
  const seeds = other.byGroup![0]!.nll[condition]!.length;
  return {
    values: Array.from({ length: seeds }, (_, seed) =>
      people.map(({ name, targetTokens, nll }) => {
        const against = nll[its]!;
        return (against[seed % against.length]! - found.get(name)![seed]!) / targetTokens;
      }),
    ),
    weights: people.map(({ targetTokens }) => targetTokens),
  };
}

const overPeople = ({ values, weights }: Difference): Interval =>
  bootstrapRuns(
    values.map((seed) => [seed]),
    weights,
  );

const weighted = (values: readonly number[], weights: readonly number[]): number =>
  values.reduce((sum, value, i) => sum + value * weights[i]!, 0) / weights.reduce((a, b) => a + b, 0);
