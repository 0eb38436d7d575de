/** What 60 days of moving interests do, as `docs/results/drift.json` keeps it, and the page and the plot that are made from it. */
import type { Interval } from '../src/evaluate/index.ts';
import { intervalPlot } from '../src/evaluate/interval-plot.ts';
import type { DriftLevel } from '../src/user/user-fit.ts';
import type { LlmDrift, LlmRetrained } from './drift/llm.ts';
import { interval, table } from './results-table.ts';

export const LAST_DAY = 60;
export const DAYS = [0, 15, 30, 45, LAST_DAY];

export interface DriftResults {
  readonly readers: number;
  readonly window: number;
  /** Projectors that were trained on with day 0 and with the last day: gains at the last day, and what the second gains over the first. */
  readonly trained: {
    readonly readers: number;
    readonly steps: number;
    readonly batch: number;
    readonly before: Interval;
    readonly after: Interval;
    readonly retrained: Interval;
  };
  readonly minutes: number;
  readonly days: readonly {
    readonly day: number;
    readonly levels: Readonly<Record<DriftLevel, number>>;
    /** Of embeddings of the day against those of the day before. */
    readonly leaps: number;
    /** Gains over nobody set: embeddings of the day, and of day 0. */
    readonly fresh: Interval;
    readonly stale: Interval;
    /** Of fresh over stale ones. */
    readonly freshness: Interval;
  }[];
  /** The same on a real LLM. */
  readonly llm?: LlmDrift;
  readonly llmRetrained?: LlmRetrained;
}

const said = ({ low, high }: Interval) => (low > 0 ? 'better' : high < 0 ? 'worse' : 'not significant');

export function driftPage({
  readers,
  window,
  trained,
  minutes,
  days,
  llm,
  llmRetrained,
}: DriftResults): string {
  const rows = days.map(({ day, fresh, stale, freshness }) => [
    String(day),
    ...[fresh, stale].map((value) => interval(value, 3)),
    day === 0 ? 'the same' : interval(freshness, 3),
  ]);
  const last = days.at(-1)!;
  const levels = days.map(({ day, levels: { fine, unusual, alien }, leaps }) =>
    [day, fine, unusual, alien, leaps].map(String),
  );
  return `# Interests that move, and a projector that stays

Made by \`npm run bench drift\` in ${minutes} minutes on the default model and its synthetic world (q4, onnxruntime-node): ${readers} readers whom nothing was fitted on. Over ${LAST_DAY} days each one's interests become, in even steps, those of somebody else, for six in ten of them
somebody with one of three angles that everybody turns to; the tone changes on one day. They click three items a day. An embedding is folded in from the latest ${window} clicks, which are 40 days; texts follow the interests of their day, three for each reader and day.

- *fresh*: the embedding of the day, the shipped projector. *stale*: that of day 0, the same projector.
- *trained on*: the shipped projector, ${trained.steps} steps of ${trained.batch} more on ${trained.readers} other readers, with embeddings and texts of day 0 (the control: the same budget) or of day ${LAST_DAY}.

Gain = nats per target token of *nobody set* minus those of the condition: more is better. 95 % bootstrap intervals over readers, paired within readers. One short training each.

${table(['day', 'fresh', 'stale', 'fresh over stale'], rows)}

![Gain by day](drift.svg)

At day ${LAST_DAY} fresh embeddings are ${said(last.freshness)} than stale ones (${interval(last.freshness, 3)}); stale ones are ${said(last.stale)} against nobody set (${interval(last.stale, 3)}).

| at day ${LAST_DAY}, fresh embeddings | gain |
| --- | --- |
| the shipped projector | ${interval(last.fresh, 3)} |
| trained on with day 0 | ${interval(trained.before, 3)} |
| trained on with day ${LAST_DAY} | ${interval(trained.after, 3)} |

The projector that was trained on with the last day's people is ${said(trained.retrained)} against the one with the first day's (${interval(trained.retrained, 3)}).

What the levels say of fresh embeddings, and how many are a leap from those of the day before:

${table(['day', 'fine', 'unusual', 'alien', 'leaps'], levels)}
${llm ? llmText(llm, llmRetrained) : ''}`;
}

function llmText({ people, questions, steps }: LlmDrift, retrained?: LlmRetrained): string {
  const [last] = steps.slice(-1);
  return `
## A real LLM: SmolLM2-135M-Instruct

Made by \`npm run bench drift -- --llm\`: the projector that ships, which reads the lines that people say about themselves (all-MiniLM-L6-v2), and is not trained here. ${people} people have an interest in each of four topics, of those of training in unseen wordings, and ask about each; the target, written by a template, names the interest that they have now. One interest after another gives way to another one of its topic.
*Fresh*: the lines of now. *Stale*: those from before anything moved. Nats per target token over nobody set, ${questions} questions a row, 95 % bootstrap intervals over people.

${table(
  ['interests moved, of four', 'fresh', 'stale', 'fresh over stale'],
  steps.map(({ moved, fresh, stale }) => [
    String(moved),
    ...[fresh.gain, stale.gain].map((value) => interval(value, 3)),
    moved === 0 ? 'the same' : interval(fresh.overFirst!, 3),
  ]),
)}

When all have moved, fresh lines are ${said(last!.fresh.overFirst!)} against stale ones (${interval(last!.fresh.overFirst!, 3)}), stale ones ${said(last!.stale.gain)} against nobody set (${interval(last!.stale.gain, 3)}), fresh ones ${said(last!.fresh.gain)} (${interval(last!.fresh.gain, 3)}), by a projector that was never retrained.${retrained ? `\n${retrainedText(retrained).trimEnd()}` : ' Not measured: a projector retrained through this LLM, whose training takes hours.'}
`;
}

function retrainedText({ trained, people, questions, rows, overBefore }: LlmRetrained): string {
  const [stale, fresh, , , last] = rows;
  const more = last!.overFirst!;
  return `
### Trained on

Made by \`npm run bench drift -- --llm --part retrained\`: the projector that ships, trained on through the LLM for ${trained.steps} steps of ${trained.batch} (rate ${trained.learningRate}), which is short, on ${trained.people} other people of the same kind (${trained.texts} texts), with lines and texts of the first day (the control: the same budget) or of the last.
The ${people} people above, when all of their interests have moved; ${questions} questions a row. Interests of the first day and of the last are drawn alike: a training can learn how such questions are answered, and there are no new words to be learnt. Longer trainings, and interests that nobody had before, were not measured.

${table(
  ['all interests moved', 'gain over nobody set', 'over the first row'],
  rows.map(({ label, gain, overFirst }) => [
    label,
    interval(gain, 3),
    overFirst ? interval(overFirst, 3) : '',
  ]),
)}

Trained on with the last day's people and read by fresh lines it is ${said(overBefore)} against the one with the first day's (${interval(overBefore, 3)}), and ${said(more)} against stale lines by the projector that ships (${interval(more, 3)}), where fresh lines without any training are ${said(fresh!.overFirst!)} (${interval(fresh!.overFirst!, 3)}). Stale lines: ${interval(stale!.gain, 3)} without, ${interval(rows[2]!.gain, 3)} with the training on the last day.
`;
}

export function driftPlot({ days }: DriftResults): string {
  const rows = (['fresh', 'stale'] as const).flatMap((condition) =>
    days.map((each) => ({
      ...each[condition],
      name: `${condition}, day ${each.day}`,
    })),
  );
  const caption = 'gain over nobody set, nats per target token, 95 % interval';
  return `${intervalPlot(rows, { label: 'Gain by day', caption })}\n`;
}
