/** What learning from feedback gains and what it costs, as `docs/results/feedback.json` keeps it, and the page that is made from it. */
import { bootstrapMean, type Interval } from '../src/evaluate/index.ts';
import { gain, type Scored } from './drift/score.ts';
import type { Look } from './feedback/simulated-reader.ts';
import { type LlmFeedback, llmSection, moreText } from './feedback-llm-results.ts';
import { interval, table } from './results-table.ts';

export const LEVELS = [10, 30, 100] as const;
export const STARTS = ['few', 'wrong', 'own'] as const;
/** Of the embedding of few clicks. */
export const CLICKS = 5;
type Start = (typeof STARTS)[number];
const LOOK_NAMES = ['asked', 'topics', 'replies', 'neutral'] as const satisfies readonly Look[];

/** One reader with one embedding. */
export interface Seen {
  readonly looks: Readonly<Record<Look, Scored>>;
  readonly followed: { readonly angle: number; readonly tone: number };
  /** Standard deviations. */
  readonly moved: number;
  readonly refused?: string;
}

interface Row {
  readonly start: Start;
  readonly answers: number;
  /** Nats per token that the embedding before loses over this one. */
  readonly gain: Readonly<Record<Look, Interval>>;
  readonly angle: Interval;
  readonly tone: Interval;
  readonly moved: number;
  readonly refused: Readonly<Record<string, number>>;
}

export interface FeedbackResults {
  readonly readers: number;
  readonly sizes: { readonly texts: number; readonly greedy: number; readonly neutral: number };
  /** What the reader's own embedding gains over that of few clicks and over a wrong one, without feedback: the upper bound. */
  readonly bound: Readonly<Record<'few' | 'wrong', Readonly<Record<Look, Interval>>>>;
  readonly rows: readonly Row[];
  readonly llm?: LlmFeedback;
  /** After other counts of answers. */
  readonly llmMore?: readonly LlmFeedback[];
}

/** Where all are alike a bootstrap has no ends. */
export const rounded = ({ mean, low, high }: Interval): Interval => {
  const short = (v: number) => Number((Number.isFinite(v) ? v : mean).toFixed(4));
  return { mean: short(mean), low: short(low), high: short(high) };
};

export function summarise(
  people: readonly Readonly<Record<string, Seen>>[],
  sizes: FeedbackResults['sizes'],
): FeedbackResults {
  const all = (name: string) => people.map((person) => person[name]!);
  const gains = (from: string, to: string) =>
    Object.fromEntries(
      LOOK_NAMES.map((look) => [
        look,
        gain(
          all(from).map((seen) => seen.looks[look]),
          all(to).map((seen) => seen.looks[look]),
        ),
      ]),
    ) as Record<Look, Interval>;
  const rows = STARTS.flatMap((start) =>
    [0, ...LEVELS].map((answers): Row => {
      const seen = all(`${start} ${answers}`);
      const refused: Record<string, number> = {};
      for (const { refused: why } of seen) if (why) refused[why] = (refused[why] ?? 0) + 1;
      return {
        ...{ start, answers, gain: gains(`${start} 0`, `${start} ${answers}`), refused },
        angle: rounded(bootstrapMean(seen.map(({ followed }) => followed.angle))),
        tone: rounded(bootstrapMean(seen.map(({ followed }) => followed.tone))),
        moved: Number((seen.reduce((sum, { moved }) => sum + moved, 0) / seen.length).toFixed(3)),
      };
    }),
  );
  const bound = { few: gains('few 0', 'own 0'), wrong: gains('wrong 0', 'own 0') };
  return { readers: people.length, sizes, bound, rows };
}

const STARTED: Readonly<Record<Start, string>> = {
  few: `the embedding of ${CLICKS} clicks`,
  wrong: "somebody else's embedding",
  own: 'the own embedding, of all clicks',
};
const percent = ({ mean, low, high }: Interval): string =>
  `${Math.round(100 * mean)} % [${Math.round(100 * low)}, ${Math.round(100 * high)}]`;

export function feedbackPage({ readers, sizes, bound, rows, llm, llmMore = [] }: FeedbackResults): string {
  const of = (start: Start) => {
    const body = rows
      .filter((row) => row.start === start)
      .map((row) => [
        String(row.answers),
        ...(row.answers === 0
          ? LOOK_NAMES.map(() => '–')
          : LOOK_NAMES.map((look) => interval(row.gain[look], 3))),
        percent(row.angle),
        percent(row.tone),
        row.answers === 0 ? '–' : row.moved.toFixed(2),
        Object.entries(row.refused)
          .map(([why, count]) => `${count} ${why}`)
          .join(', ') || '–',
      ]);
    const last =
      start === 'own'
        ? []
        : [['own embedding', ...LOOK_NAMES.map((look) => interval(bound[start][look], 3)), '', '', '', '']];
    return table(
      ['answers', 'asked', 'other topics', 'replies', 'neutral', 'top angle', 'own tone', 'moved', 'refused'],
      [...body, ...last],
    );
  };
  return `# Learning from feedback

Made by \`npm run bench feedback -- --readers ${readers}\` on the default model and its synthetic world (q4, onnxruntime-node): ${readers} readers whom nothing was fitted on, and whose answers no setting was chosen on. A simulated reader is shown what the model says with the embedding of the start, at temperature 1, to prompts for headlines
about three of six topics: half of the answers are thumbs (up where the angle is what they feel like, which is their top angle in 85 to 90 % of cases), a quarter are headlines of their own in place of the model's, a quarter choices among three. The embedding learns with the defaults of \`adaptEmbedding\`, with ${sizes.neutral} neutral texts as canary.

Gain = nats per token of the embedding before minus those of the one that has learnt, on ${sizes.texts} unseen texts of each kind for each reader: more is better, below zero is harm.
*asked*: headlines on the topics that feedback was given on. *other topics*: headlines and recommendations on the others. *replies*: small talk, which no feedback was about. *neutral*: facts of a story, the same for everybody.
*top angle*, *own tone*: share of ${sizes.greedy} greedy headlines for each reader that have it. *moved*: mean way in standard deviations, refused ones counted as tried. 95 % bootstrap intervals over readers, paired within readers.

${STARTS.map((start) => `## From ${STARTED[start]}\n\n${of(start)}`).join('\n\n')}
${llm ? `\n${llmSection(llm)}${llmMore.map(moreText).join('')}` : ''}
Not measured: people; other shares of thumbs, texts and choices; feedback that changes over time.
`;
}
