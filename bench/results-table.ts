/** Rows of an evaluation for a page of results. */
import type { EvaluationReport, Interval } from '../src/evaluate/index.ts';

export const signed = (v: number, digits = 4): string => `${v < 0 ? '−' : '+'}${Math.abs(v).toFixed(digits)}`;

export const interval = ({ mean, low, high }: Interval, digits = 4): string =>
  `${signed(mean, digits)} [${signed(low, digits)}, ${signed(high, digits)}]`;

/** Of −x: evaluations say what a condition is above `true`, pages what `true` is below it. */
export const negative = ({ mean, low, high }: Interval): Interval => ({
  mean: -mean,
  low: -high,
  high: -low,
});

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Every condition: nats, and how much lower `true` is, per token and per target. */
export function conditionTable({ conditions }: EvaluationReport, perTarget: string): string {
  return table(
    ['condition', 'nats per token', 'true − this', `nats per ${perTarget}`, 'true − this', 'hits@1 of 20'],
    Object.entries(conditions).map(([name, c]) => [
      name,
      c.nll.mean.toFixed(4),
      c.minusTrue === undefined ? '' : interval(negative(c.minusTrue)),
      c.nllPerTarget.mean.toFixed(3),
      c.minusTruePerTarget === undefined ? '' : interval(negative(c.minusTruePerTarget), 3),
      c.hitsAt1?.toFixed(3) ?? '',
    ]),
  );
}

/** What texts cost: tokens read, bytes kept, time; and how they overlap with the target. */
export function textTable({ conditions }: EvaluationReport): string {
  return table(
    [
      ...['condition', 'prefill tokens', 'KV bytes', 'first token', 'ROUGE-1', 'ROUGE-2', 'ROUGE-L'],
      ...['distinct-1', 'distinct-2'],
    ],
    Object.entries(conditions).flatMap(([name, { generated: g }]) =>
      g === undefined
        ? []
        : [
            [
              ...[name, g.prefillTokens.toFixed(1), g.cacheBytes.toFixed(0)],
              `${g.timeToFirstTokenMs.toFixed(1)} ms`,
              ...[g.rouge1, g.rouge2, g.rougeL, g.distinct1, g.distinct2].map((v) => v.toFixed(3)),
            ],
          ],
    ),
  );
}

/** Which claims of personalisation the intervals support, as a list. */
export function supported({ conditions }: EvaluationReport): string {
  const claims = [
    ['shuffled', "somebody else's soft token"],
    ['mean', 'the mean user'],
    ['constant', 'a trained constant soft token'],
    ['none', 'no soft token'],
  ] as const;
  const said = claims.map(([condition, what]) => {
    const { low, high } = conditions[condition]!.minusTrue!;
    const verdict = low > 0 ? 'supported' : high < 0 ? 'contradicted' : 'not supported';
    const where = low > 0 || high < 0 ? 'is clear of' : 'contains';
    return `- *true beats ${what}*: ${verdict} (the interval of true − ${condition} ${where} zero).`;
  });
  const gain = (condition: 'none' | 'shuffled-text') =>
    conditions[condition]!.nll.mean - conditions.text!.nll.mean;
  const text =
    gain('none') > 0 && gain('shuffled-text') > 0
      ? `by the means above it is below none (by ${gain('none').toFixed(4)}) and below shuffled text (by ${gain('shuffled-text').toFixed(4)})`
      : 'no: it is not below both none and shuffled text, so no share of a text gain can be stated';
  return [...said, `- *The persona as text helps this model*: ${text}.`].join('\n');
}
