/** An evaluation as a page: one table, one plot, and what may be said of it. */
import { type Interval, isTold } from './bootstrap.ts';
import type { ConditionReport, EvaluationReport } from './evaluate.ts';
import { findings } from './findings.ts';
import { escaped, intervalPlot } from './interval-plot.ts';
import { intervalText, signed } from './interval-text.ts';

const level = (value: Interval, digits: number): string => intervalText(value, (v) => v.toFixed(digits));
const difference = (value: Interval | undefined): string => (value === undefined ? '–' : intervalText(value));
const optional = (value: number | undefined, digits: number, unit = ''): string =>
  value === undefined ? '–' : `${value.toFixed(digits)}${unit}`;

const HEAD = [
  'condition',
  'nats per token',
  'minus true [95 %]',
  'perplexity',
  'hits@1 of 20',
  'ROUGE-1',
  'ROUGE-2',
  'ROUGE-L',
  'distinct-1',
  'distinct-2',
  'prefill tokens',
  'KV bytes',
  'first token',
];

function cells(condition: string, report: ConditionReport): string[] {
  const { nll, minusTrue, perplexity, hitsAt1, generated: g } = report;
  return [
    condition,
    level(nll, 4),
    difference(minusTrue),
    perplexity.toFixed(3),
    optional(hitsAt1, 3),
    ...[g?.rouge1, g?.rouge2, g?.rougeL, g?.distinct1, g?.distinct2].map((v) => optional(v, 3)),
    optional(g?.prefillTokens, 1),
    optional(g?.cacheBytes, 0),
    optional(g?.timeToFirstTokenMs, 1, ' ms'),
  ];
}

const rowsOf = (report: EvaluationReport): string[][] =>
  Object.entries(report.conditions).map(([name, found]) => cells(name, found));

const TARGET_HEAD = [
  'condition',
  'nats per target',
  'minus true [95 %]',
  'minus true per token, by training seed',
];

const targetRowsOf = (report: EvaluationReport): string[][] =>
  Object.entries(report.conditions).map(
    ([name, { nllPerTarget: nll, minusTruePerTarget, minusTrueBySeed }]) => [
      name,
      level(nll, 3),
      difference(minusTruePerTarget),
      minusTrueBySeed?.map(signed).join(', ') ?? '–',
    ],
  );

const DEPLOYED_HEAD = [
  'condition',
  'nats per token, deployed graph',
  'minus true, deployed graph',
  'minus true, float activations',
  'cost of the deployed graph',
  'cost minus that of true',
];

const deployedRowsOf = (report: EvaluationReport): string[][] =>
  Object.entries(report.conditions).flatMap(([name, { deployed }]) => {
    if (deployed === undefined) return [];
    const { nll, minusTrue, scoredMinusTrue, cost, costMinusTrue } = deployed;
    const differences = [minusTrue, scoredMinusTrue, cost, costMinusTrue];
    return [[name, level(nll, 4), ...differences.map(difference)]];
  });

/** Head and rows of each table. */
const tablesOf = (report: EvaluationReport): readonly (readonly [readonly string[], string[][]])[] => [
  [HEAD, rowsOf(report)],
  [TARGET_HEAD, targetRowsOf(report)],
  ...(report.deployed > 0 ? [[DEPLOYED_HEAD, deployedRowsOf(report)] as const] : []),
];

/** Lines that are named. */
const SHOWN = 8;

/** What was measured on, in a sentence. */
function conditionsOf(report: EvaluationReport): string {
  const { model, users, groups, examples, targetTokens, seeds, shuffles, tooLong, ranked, generated, seed } =
    report;
  const some = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
  const shipped =
    report.deployed > 0
      ? ` ${some(report.deployed, 'example')} through the deployed graph too; all else with float activations.`
      : '';
  const resampled = some(users, 'user') + (groups === users ? '' : ` in ${some(groups, 'group')}`);
  const lines = `${tooLong.slice(0, SHOWN).join(', ')}${tooLong.length > SHOWN ? ' …' : ''}`;
  const left =
    tooLong.length === 0
      ? ''
      : ` Too long in some condition and left out of all: ${some(tooLong.length, 'example')} (lines ${lines}).`;
  const hits =
    ranked > 0
      ? `hits@1 on ${some(ranked, 'example')}`
      : 'hits@1 not measured (not asked for, or fewer than 19 other targets of other users)';
  return (
    `${model.id} (${model.dtype}): ${some(examples, 'example')} of ${resampled}, ${targetTokens} target tokens, the same in every condition.${shipped} ` +
    `Projectors of ${some(seeds, 'training seed')}. Shuffled: ${shuffles} rounds. ${hits}, texts of ${generated}, greedy. Seed ${seed}.${left}`
  );
}

/** The report as tables of Markdown. */
export function reportMarkdown(report: EvaluationReport): string {
  const line = (values: readonly string[]) => `| ${values.join(' | ')} |`;
  return [
    conditionsOf(report),
    '',
    ...tablesOf(report).flatMap(([head, rows]) => [
      line(head),
      line(head.map(() => '---')),
      ...rows.map(line),
      '',
    ]),
    ...findings(report).map((f) => `- ${f}`),
    '',
  ].join('\n');
}

/** The report as one page of HTML with a plot, which needs no other file. */
export function reportPage(report: EvaluationReport): string {
  const cell = (tag: string) => (v: string) => `<${tag}>${escaped(v)}</${tag}>`;
  const table = (head: readonly string[], rows: readonly string[][]) =>
    `<table><tr>${head.map(cell('th')).join('')}</tr>
${rows.map((values) => `<tr>${values.map(cell('td')).join('')}</tr>`).join('\n')}
</table>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(report.model.id)}: does it personalise?</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; font-size: 0.85rem; display: block; overflow-x: auto; }
td, th { padding: 0.3rem 0.6rem; border-bottom: 1px solid #ccc; text-align: right; white-space: nowrap; }
td:first-child, th:first-child { text-align: left; }
</style>
<h1>Does it personalise?</h1>
<p>${escaped(conditionsOf(report))}</p>
<ul>${findings(report)
    .map((f) => `<li>${escaped(f)}</li>`)
    .join('')}</ul>
${plot(report)}
${tablesOf(report)
  .map(([head, rows]) => table(head, rows))
  .join('\n')}
</html>
`;
}

/** Each condition's NLL minus that of the true user, with its interval; right of the line the true user is better. */
function plot({ conditions }: EvaluationReport): string {
  const rows = Object.entries(conditions).flatMap(([name, { minusTrue }]) =>
    minusTrue === undefined || !isTold(minusTrue) ? [] : [{ name, ...minusTrue }],
  );
  if (rows.length === 0) return '';
  return intervalPlot(rows, {
    label: 'Difference of each condition to the true user',
    caption: 'nats per token above the true user, 95 % interval',
  });
}
