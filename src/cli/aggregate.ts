/** `e2p aggregate`: how many people gave which answer, from reports of which none can be believed by itself. */
import {
  estimateMarkdown,
  estimateShares,
  impossibleAnswers,
  readReports,
} from '../evaluate/decode-reports.ts';
import { defineCommand, type Options, type Values } from './command.ts';
import { readInput } from './files.ts';
import { positiveShare } from './numbers.ts';

/** What `e2p aggregate` ends with where reports are not what devices make, as `e2p poc` does. */
const ALARM = 3;
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
  if (questions.some((reports) => impossibleAnswers(reports) > 0)) process.exitCode = ALARM;
  if (!json) {
    console.log(questions.map((reports) => estimateMarkdown(reports, alpha)).join('\n'));
    return;
  }
  const data = questions.map(({ counts, ...rest }) => ({
    ...rest,
    impossible: impossibleAnswers({ ...rest, counts }),
    estimates: estimateShares({ ...rest, counts }, alpha),
  }));
  console.log(JSON.stringify(data, null, 2));
}

export const command = defineCommand({
  purpose: 'Estimates how many people gave which answer, from private reports of many devices.',
  note: 'Exit code 3: an alarm, that is more or fewer reports of an answer than any truth gives.',
  options: OPTIONS,
  examples: ['aggregate --reports reports.jsonl'],
  run: aggregate,
});
