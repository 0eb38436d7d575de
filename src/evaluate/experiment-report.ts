/**
 * From the summaries of many devices to what may be said of an experiment: whether the arms can be compared at all, what changed in each
 * metric, and which guardrails held.
 */
import { E2PError } from '../error.ts';
import type { ExperimentSummary } from '../user/stored-experiment.ts';
import { isTold } from './bootstrap.ts';
import {
  type Comparison,
  checkSampleRatio,
  compareArms,
  type Look,
  type Moments,
  momentsOf,
  type SampleRatio,
} from './compare-arms.ts';
import type { SummaryFile } from './experiment-summaries.ts';
import { intervalText } from './interval-text.ts';

/** How far a metric may get worse: lift of at most `margin`, or at least where that is negative. */
export interface Guardrail {
  readonly metric: string;
  readonly margin: number;
}

/**
 * `held`: even the bad end of the interval is within the margin. `breached`: the bad end is not, and it is worse than control beyond
 * chance. `open`: neither is known.
 */
export type GuardrailVerdict = 'held' | 'breached' | 'open';

export interface ExperimentReportOptions extends Look, SummaryFile {
  /** Needed where the file has several. */
  readonly experiment?: string | undefined;
  /** Share of treatment; needed where it was changed meanwhile. */
  readonly share?: number | undefined;
  /** Default: all. */
  readonly metrics?: readonly string[] | undefined;
  readonly guardrails?: readonly Guardrail[] | undefined;
  /** People who never met it too. */
  readonly everyone?: boolean | undefined;
}

export interface MetricReport extends Comparison {
  readonly name: string;
  readonly treatment: Moments;
  readonly control: Moments;
  readonly guardrail?: { readonly margin: number; readonly verdict: GuardrailVerdict };
}

export interface ExperimentReport {
  readonly experiment: string;
  readonly alpha: number;
  /** Absent: valid at one look. */
  readonly horizon?: number;
  readonly days: readonly number[];
  readonly people: { readonly control: number; readonly treatment: number };
  /** Lines that were there twice; people who never met it; of those who are counted, who was given another arm since. */
  readonly repeated: number;
  readonly unexposed: number;
  readonly moved: number;
  /** Of those who are counted, and of all who were given an arm. */
  readonly sampleRatio: SampleRatio;
  readonly assignedRatio: SampleRatio;
  readonly metrics: readonly MetricReport[];
  /** Why to stop and look; none: go on as planned. */
  readonly alarms: readonly string[];
  /** What makes intervals less sure than they say. */
  readonly cautions: readonly string[];
}

/** @throws E2PError `invalid-data` where the file leaves open what is meant */
export function reportExperiment(options: ExperimentReportOptions): ExperimentReport {
  const { alpha, horizon, repeated, guardrails = [], everyone } = options;
  const named = only(options.summaries, ({ experiment }) => experiment, options.experiment, 'experiment');
  const assigned = only(named.items, ({ share }) => share, options.share, 'share');
  const counted = everyone ? assigned.items : assigned.items.filter(({ exposed }) => exposed);
  const arms = (items: readonly ExperimentSummary[]) => ({
    control: items.filter(({ arm }) => arm === 'control'),
    treatment: items.filter(({ arm }) => arm === 'treatment'),
  });
  const { control, treatment } = arms(counted);
  const ratioOf = (items: readonly ExperimentSummary[]) =>
    checkSampleRatio(arms(items).treatment.length, items.length, assigned.value, horizon);
  const names = [...new Set(counted.flatMap(({ outcomes }) => Object.keys(outcomes)))];
  for (const name of [...(options.metrics ?? []), ...guardrails.map(({ metric }) => metric)]) {
    if (!names.includes(name))
      throw new E2PError(
        'invalid-data',
        `no summary has the metric ${name}, expected one of ${names.join(', ')}`,
      );
  }
  const chosen = options.metrics && [...options.metrics, ...guardrails.map(({ metric }) => metric)];
  const metrics = names
    .filter((name) => chosen?.includes(name) ?? true)
    .map((name): MetricReport => {
      const moments = (items: readonly ExperimentSummary[]) =>
        // A name may be one that every object has.
        momentsOf(items.flatMap(({ outcomes }) => (Object.hasOwn(outcomes, name) ? outcomes[name]! : [])));
      const [ofTreatment, ofControl] = [moments(treatment), moments(control)];
      const compared = compareArms(ofTreatment, ofControl, { alpha, horizon });
      const margin = guardrails.find(({ metric }) => metric === name)?.margin;
      return {
        ...{ name, treatment: ofTreatment, control: ofControl, ...compared },
        ...(margin !== undefined && {
          guardrail: { margin, verdict: verdictOf(compared, margin, ofControl) },
        }),
      };
    });
  const [sampleRatio, assignedRatio] = [ratioOf(counted), ratioOf(assigned.items)];
  const alarms = [
    ...(sampleRatio.isMismatch || assignedRatio.isMismatch
      ? [
          'sample ratio mismatch: one arm has lost people, or the arms were not drawn as they say; believe no figure below',
        ]
      : []),
    ...metrics.flatMap(({ name, guardrail }) =>
      guardrail?.verdict === 'breached' ? [`guardrail ${name} is breached`] : [],
    ),
  ];
  return {
    ...{ experiment: named.value, alpha, ...(horizon !== undefined && { horizon }) },
    days: [...new Set(counted.map(({ days }) => days))].sort((a, b) => a - b),
    people: { control: control.length, treatment: treatment.length },
    ...{ repeated, unexposed: assigned.items.filter(({ exposed }) => !exposed).length },
    moved: counted.filter(({ moved }) => moved).length,
    ...{
      sampleRatio,
      assignedRatio,
      metrics,
      alarms,
      cautions: cautionsOf(control.length, treatment.length),
    },
  };
}

/** Below these, intervals of heavy-tailed numbers held the truth in 91 to 92 % of simulated experiments (docs/results/poc.md). */
const ENOUGH = { people: 1_000, share: 0.2 } as const;

function cautionsOf(control: number, treatment: number): string[] {
  const [people, smaller] = [control + treatment, Math.min(control, treatment)];
  const what = 'with heavy-tailed numbers the intervals are too narrow';
  return [
    ...(people < ENOUGH.people ? [`Fewer than ${ENOUGH.people} people: ${what}.`] : []),
    // Of 20 % one draw is below in every other case.
    ...(smaller < 0.9 * ENOUGH.share * people
      ? [`One arm has less than ${100 * ENOUGH.share} % of the people: ${what}.`]
      : []),
  ];
}

/** Those that are meant, where a file has several kinds. */
function only<T extends string | number>(
  summaries: readonly ExperimentSummary[],
  of: (summary: ExperimentSummary) => T,
  wanted: T | undefined,
  option: string,
): { readonly value: T; readonly items: readonly ExperimentSummary[] } {
  const values = [...new Set(summaries.map(of))];
  const value: T | undefined = wanted ?? values[0];
  if (value === undefined || !values.includes(value) || (wanted === undefined && values.length > 1)) {
    const found = wanted === undefined ? `${values.length} of them` : 'no such one';
    throw new E2PError(
      'invalid-data',
      `--${option}: the summaries have ${found}, expected one of ${values.join(', ')}`,
    );
  }
  return { value, items: summaries.filter((summary) => of(summary) === value) };
}

/** Where one arm has none of it there is no ratio: then the difference counts, against that share of what control has. */
function verdictOf({ lift, difference }: Comparison, margin: number, { mean }: Moments): GuardrailVerdict {
  const [found, bound] = isTold(lift) ? [lift, margin] : [difference, margin * mean];
  if (!isTold(found)) return 'open';
  const [bad, isWorse] =
    margin < 0 ? [found.low >= bound, found.high < 0] : [found.high <= bound, found.low > 0];
  if (bad) return 'held';
  return isWorse ? 'breached' : 'open';
}

const percent = (share: number): string =>
  Number.isFinite(share) ? `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)} %` : '–';
const figure = (value: number): string =>
  Number.isFinite(value) ? Number(value.toPrecision(4)).toString() : '–';
const signedFigure = (value: number): string => `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}`;

/** As a page of Markdown. */
export function experimentMarkdown(report: ExperimentReport): string {
  const { people, alpha, horizon, days, sampleRatio: ratio, metrics, repeated, unexposed, moved } = report;
  const confidence = `${Number((100 * (1 - alpha)).toPrecision(4))} %`;
  const rows = metrics.map(({ name, control, treatment, difference, lift, guardrail }) => [
    ...[name, figure(control.mean), figure(treatment.mean)],
    ...[intervalText(difference, signedFigure), intervalText(lift, percent)],
    guardrail === undefined ? '' : `${guardrail.verdict} (${percent(guardrail.margin)})`,
  ]);
  const head = ['metric', 'control', 'treatment', 'difference', 'lift', 'guardrail'];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `# ${report.experiment}\n`,
    `${people.treatment + people.control} people: ${people.treatment} treated, ${people.control} control, ${days.join(' or ')} days each. ` +
      (horizon === undefined
        ? `${confidence} intervals for one look, on the day that was planned.`
        : `${confidence} intervals that hold at every look, from ${horizon} people planned.`),
    '',
    ...report.alarms.map((alarm) => `**${alarm}**\n`),
    ...[line(head), line(head.map(() => '---')), ...rows.map(line), ''],
    `- Share of treatment: ${figure(ratio.found)} found, ${figure(ratio.expected)} expected, p = ${Number.isFinite(ratio.pValue) ? ratio.pValue.toPrecision(2) : '–'}; of all who were given an arm ${figure(report.assignedRatio.found)}.`,
    `- ${unexposed} were given an arm and never met it. ${repeated} lines were there twice.`,
    ...metrics.flatMap(({ name, control, treatment }) => {
      const missing = [people.control - control.count, people.treatment - treatment.count];
      return missing.some((n) => n > 0)
        ? [
            `- ${name}: missing for ${missing[0]} people in control and ${missing[1]} treated, who are excluded from its row.`,
          ]
        : [];
    }),
    ...report.cautions.map((caution) => `- ${caution}`),
    ...(moved > 0 ? [`- ${moved} were given another arm since, and count as in the first.`] : []),
    ...(metrics.length > 1
      ? [
          '- Each interval stands for itself: one metric decides, chosen before; the others are looked at for what went wrong.',
        ]
      : []),
    '',
  ].join('\n');
}
