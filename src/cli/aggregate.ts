/** `e2p aggregate`: how many people gave which answer, from reports of which none can be believed by itself. */
import { estimateMarkdown, estimateShares, readReports } from '../evaluate/decode-reports.ts';
import { defineCommand, type Options, type Values } from './command.ts';
import { readInput } from './files.ts';
import { positiveShare } from './numbers.ts';

const OPTIONS = {
  reports: {
    ...{ value: '<file>', required: true },
    meaning: 'JSON Lines, what user.aggregates.answer() gave on each device',
  },
  alpha: {
    ...{ value: '<n>', read: positiveShare, default: '0.05' },
    meaning: 'share of intervals that may be wrong',
  },
  json: { meaning: 'the same as data' },
} as const satisfies Options;

function aggregate({ reports: file, alpha, json }: Values<typeof OPTIONS>): void {
  const questions = readReports(readInput(file), file);
  if (!json) {
    console.log(questions.map((reports) => estimateMarkdown(reports, alpha)).join('\n'));
    return;
  }
  const data = questions.map(({ counts, ...rest }) => ({
    ...rest,
    estimates: estimateShares({ ...rest, counts }, alpha),
  }));
  console.log(JSON.stringify(data, null, 2));
}

export const command = defineCommand({
  purpose: 'Estimates how many people gave which answer, from private reports of many devices.',
  options: OPTIONS,
  examples: ['aggregate --reports reports.jsonl'],
  run: aggregate,
});
