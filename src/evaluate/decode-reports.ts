/**
 * From private reports to the shares of people behind them: unbiased, since what chance did to each answer is known (see
 * `user/randomised-response.ts`), with an interval for each, and made a distribution (no share below 0, all together 1) beside it.
 */
import { AGGREGATE_LIMITS as LIMITS, type PrivateReport } from '../user/aggregates.ts';
import { isName, NAME_IN_WORDS } from '../user/experiment.ts';
import { truthShare } from '../user/randomised-response.ts';
import type { Interval } from './bootstrap.ts';
import { deviceLines } from './device-lines.ts';
import { normalQuantile } from './distributions.ts';

/** As {@link PrivateReport}, of one question, without what the estimate does not need. */
export interface CountedReports {
  readonly question: string;
  /** Answers to choose from, and ε of each report. */
  readonly answers: number;
  readonly epsilon: number;
  /** Reports by answer. */
  readonly counts: ReadonlyMap<string, number>;
  /** Lines whose id an earlier line had. */
  readonly repeated: number;
}

/** The share of people whose true answer it is. */
export interface AnswerEstimate extends Interval {
  readonly answer: string;
  /** As it was reported. */
  readonly reported: number;
  /** `mean` is unbiased and may be below 0 or above 1; this one belongs to a distribution. */
  readonly share: number;
}

/** @throws E2PError `invalid-data` naming file, line and field */
export function readReports(bytes: Uint8Array, fileName: string): CountedReports[] {
  const questions = new Map<
    string,
    { first: PrivateReport; counts: Map<string, number>; repeated: number }
  >();
  for (const { value, expect, isRepeated } of deviceLines(bytes, fileName, 'e2p-report')) {
    const { question, answers, epsilon, answer } = value;
    expect('question', isName(question), NAME_IN_WORDS);
    // As a device has made them: beyond that nothing can be told of them.
    const isCount = Number.isInteger(answers) && (answers as number) >= 2;
    expect(
      'answers',
      isCount && (answers as number) <= LIMITS.answers,
      `a whole number from 2 to ${LIMITS.answers}`,
    );
    const { least, most } = LIMITS.epsilon;
    const isWithin = typeof epsilon === 'number' && epsilon >= least && epsilon <= most;
    expect('epsilon', isWithin, `a number from ${least} to ${most}`);
    expect('answer', isName(answer), NAME_IN_WORDS);
    const report = value as unknown as PrivateReport;
    const known = questions.get(report.question) ?? { first: report, counts: new Map(), repeated: 0 };
    questions.set(report.question, known);
    const { first, counts } = known;
    expect('answers', first.answers === answers, `${first.answers} as before`);
    expect('epsilon', first.epsilon === epsilon, `${first.epsilon} as before`);
    if (isRepeated) known.repeated++;
    else counts.set(report.answer, (counts.get(report.answer) ?? 0) + 1);
    expect('answer', counts.size <= report.answers, `one of ${report.answers} different ones`);
  }
  return [...questions].map(([question, { first, counts, repeated }]) => ({
    ...{ question, answers: first.answers, epsilon: first.epsilon, counts, repeated },
  }));
}

/**
 * @param alpha share of intervals that may be wrong; each stands for itself
 * @returns of the answers that were reported at all, by name
 */
export function estimateShares(
  { answers: k, epsilon, counts }: Pick<CountedReports, 'answers' | 'epsilon' | 'counts'>,
  alpha = 0.05,
): AnswerEstimate[] {
  const people = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const gamma = truthShare(epsilon, k);
  // P(an answer is reported) = γ · share + (1 − γ) / k
  const shareOf = (reported: number) => (reported - (1 - gamma) / k) / gamma;
  const z = normalQuantile(1 - alpha / 2);
  const found = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([answer, count]) => {
      const reported = count / people;
      // Wilson's interval of what was reported.
      const middle = (reported + z ** 2 / (2 * people)) / (1 + z ** 2 / people);
      const reach =
        (z / (1 + z ** 2 / people)) *
        Math.sqrt((reported * (1 - reported)) / people + z ** 2 / (4 * people ** 2));
      return {
        ...{ answer, reported, mean: shareOf(reported) },
        ...{ low: shareOf(middle - reach), high: shareOf(middle + reach) },
      };
    });
  const shares = toDistribution(found.map(({ mean }) => mean));
  return found.map((estimate, i) => ({ ...estimate, share: shares[i]! }));
}

/** The nearest distribution: one amount is taken from all, and what is below 0 then is 0 (Norm-Sub, Wang et al., NDSS 2020). */
function toDistribution(means: readonly number[]): number[] {
  let [shift, sum] = [0, 0];
  for (const [i, mean] of means.toSorted((a, b) => b - a).entries()) {
    sum += mean;
    const next = (sum - 1) / (i + 1);
    if (mean <= next) break;
    shift = next;
  }
  return means.map((mean) => Math.max(0, mean - shift));
}

/** Standard deviation of an unbiased estimate, by theory. */
export function estimateDeviation(share: number, people: number, k: number, epsilon: number): number {
  const gamma = truthShare(epsilon, k);
  const reported = gamma * share + (1 - gamma) / k;
  return Math.sqrt((reported * (1 - reported)) / people) / gamma;
}

/** P-value below which reports are not what devices make. */
const IMPOSSIBLE = 1e-6;

/**
 * Answers whose reports are too many or too few for any truth: chance alone gives each answer (1 − γ) / k of all reports at least, and none more than
 * γ + (1 − γ) / k. Somebody has made lines up, or they are not of this ε.
 * @returns how many of the k; those that were never reported count too
 */
export function impossibleAnswers({
  answers: k,
  epsilon,
  counts,
}: Pick<CountedReports, 'answers' | 'epsilon' | 'counts'>): number {
  const people = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const gamma = truthShare(epsilon, k);
  const z = normalQuantile(1 - IMPOSSIBLE / k);
  const least = (1 - gamma) / k;
  // Wilson's test: the deviation is that of the bound itself, and few people refuse nothing.
  const isBeyond = (count: number) =>
    [least, gamma + least].some((bound, i) => {
      const reach = z * Math.sqrt((bound * (1 - bound)) / people) + z ** 2 / people;
      const over = count / people - bound;
      return (i === 0 ? -over : over) > reach;
    });
  const all = [...counts.values(), ...new Array<number>(k - counts.size).fill(0)];
  return all.filter(isBeyond).length;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** As a section of Markdown. */
export function estimateMarkdown(reports: CountedReports, alpha: number): string {
  const { question, epsilon, counts, repeated } = reports;
  const people = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const within = (share: number) => percent(Math.min(1, Math.max(0, share)));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = ['answer', 'reported', 'unbiased estimate', 'interval, within 0 and 1', 'as a distribution'];
  const rows = estimateShares(reports, alpha).map(({ answer, reported, mean, low, high, share }) =>
    line([answer, percent(reported), percent(mean), `${within(low)} to ${within(high)}`, percent(share)]),
  );
  const impossible = impossibleAnswers(reports);
  const warning = `**${impossible} of ${reports.answers} answers have more or fewer reports than any truth gives at this ε: lines were made up or lost; believe no figure below**\n`;
  return [
    `# ${question}\n`,
    ...(impossible > 0 ? [warning] : []),
    `${people} reports at ε = ${epsilon}; ${repeated} lines were there twice. ${Number((100 * (1 - alpha)).toPrecision(4))} % intervals, each for itself.\n`,
    ...[line(head), line(head.map(() => '---')), ...rows, ''],
  ].join('\n');
}
