/** The result page of the real LLM, from the numbers that `evaluate:smollm2` measured: nothing here is written by hand but words. */
import type { Interval } from '../../src/evaluate/bootstrap.ts';

export interface Row {
  readonly name: string;
  /** Share of answers that name one of the person's interests, over people. */
  readonly followed: Interval;
  readonly minusOwn: Interval | undefined;
  readonly about: Interval;
  readonly refused: number;
  readonly looped: number;
  readonly byKind: Readonly<Record<string, Interval>>;
  readonly promptTokens: number;
  /** More than the bare question has. */
  readonly moreTokens: number;
}

export interface Likelihood {
  readonly answers: number;
  readonly people: number;
  readonly rows: readonly {
    readonly name: string;
    readonly nll: Interval;
    readonly minusOwn: Interval | undefined;
  }[];
}

export interface Harm {
  readonly name: string;
  /** Share of right answers, by kind of task. */
  readonly right: Readonly<Record<string, number>>;
  /** Nats per token of ordinary prose as an answer. */
  readonly proseNll: number;
}

export interface Sample {
  readonly lines: readonly string[];
  readonly question: string;
  readonly own: string;
  readonly nobody: string;
  readonly text: string;
}

export interface SmollmReport {
  readonly split: string;
  readonly model: { readonly id: string; readonly dtype: string };
  readonly projector: {
    readonly training: Readonly<Record<string, string | number>>;
    readonly parameters: number;
  };
  readonly people: number;
  readonly questions: number;
  readonly tokens: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly rows: readonly Row[];
  readonly likelihood: Likelihood;
  readonly harm: readonly Harm[];
  readonly samples: readonly Sample[];
}

const KINDS: Readonly<Record<string, string>> = {
  people: 'several lines, seen interests and wordings',
  wordings: 'several lines, unseen wordings',
  interests: 'several lines, unseen interests and wordings',
  free: 'one line in own words, seen interests',
  'free-interests': 'one line in own words, unseen interests',
};

/** Without spread there is no interval to be had. */
const interval = ({ mean, low, high }: Interval): string =>
  Number.isFinite(low)
    ? `${mean.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`
    : `${mean.toFixed(2)} (no spread)`;
const optional = (value: Interval | undefined): string => (value === undefined ? '' : interval(value));
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const inCell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();

export function reportSmollm2(report: SmollmReport): string {
  const { model, projector, people, questions, tokens, rows, likelihood, harm, samples, kinds } = report;
  const names = Object.keys(kinds);
  const training = Object.entries(projector.training)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
  return `# A real LLM follows a few words about oneself

\`npm run evaluate:smollm2\` wrote this page from [smollm2.json](smollm2.json): ${model.id}, ${model.dtype}, onnxruntime-node on a CPU; ${people} people of the ${report.split} set,
${questions} questions, greedy answers of ${tokens} tokens. The projector has ${projector.parameters} trained parameters (${training}). It turns each line into one soft token, which stands in two
places: "The user loves{soft}." in the system message, "It should be about{soft}." after the question.

An answer *follows* where it names one of the person's interests (a stem match), and is *about* it by a stricter judge (no refusal, no loop, no mere copy of the person's
line). Intervals: 95 %, bootstrap over people. Recipes were chosen on dev people; people, wordings, questions and unseen interests of the test set were in no stage of training, and no recipe was chosen on them. Whoever wrote the
judge's stems checked them on answers to spelled-out test interests. The words of unseen interests are among the anchors, as all words of the vocabulary are, with what the sentence encoder makes of the bare word; no text about them was trained on.

## Followed

${table(
  ['condition', 'followed', 'minus own', 'about (strict)', 'refused', 'looped', 'more prompt tokens'],
  rows.map((r) => [
    r.name,
    interval(r.followed),
    optional(r.minusOwn),
    interval(r.about),
    r.refused.toFixed(2),
    r.looped.toFixed(2),
    r.moreTokens.toFixed(1),
  ]),
)}

### By kind of people

${table(
  ['condition', ...names.map((name) => `${KINDS[name] ?? name} (${kinds[name]})`)],
  rows.map((r) => [r.name, ...names.map((name) => interval(r.byKind[name]!))]),
)}

## Likelihood of good answers

Nats per token of ${likelihood.answers} answers that the LLM gave where the interests were spelled out, and that follow them; ${likelihood.people} people, scored by the deployed graph.

${table(
  ['condition', 'NLL per token', 'minus own'],
  likelihood.rows.map((r) => [r.name, interval(r.nll), optional(r.minusOwn)]),
)}

## Harm

Share of right answers to tasks that have nothing to do with the person, and nats per token of ordinary prose behind "Tell me something.". Each task stands in the prompt with some person's soft tokens.

${table(
  ['condition', ...Object.keys(harm[0]?.right ?? {}), 'prose NLL'],
  harm.map((h) => [h.name, ...Object.values(h.right).map((v) => v.toFixed(2)), h.proseNll.toFixed(2)]),
)}

## ${samples.length} answers, drawn by a seed

${table(
  ['lines', 'question', 'own soft tokens', 'nobody', 'the lines as text after the question'],
  samples.map((s) => [
    inCell(s.lines.join(' / ')),
    inCell(s.question),
    inCell(s.own),
    inCell(s.nobody),
    inCell(s.text),
  ]),
)}
`;
}
