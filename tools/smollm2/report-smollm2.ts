/** The result page of the real LLM, from the numbers that `evaluate:smollm2` measured: nothing here is written by hand but words. */
import type { Place, Slot } from '../../src/train.ts';
import { NEUTRAL } from './conditions.ts';
import type { CostReport } from './measure/cost.ts';
import type { DialogueReport } from './measure/dialogue.ts';
import type { ExportsReport } from './measure/exports.ts';
import type { FollowedReport, Sample, SeedSpread } from './measure/followed.ts';
import type { HarmReport } from './measure/harm.ts';
import type { Likelihood } from './measure/likelihood.ts';
import type { OrderReport } from './measure/order.ts';
import {
  costSection,
  dialogueSection,
  exportsSection,
  harmSection,
  likelihoodSection,
  orderSection,
} from './report-sections.ts';
import { count, inCell, interval, optional, signed, table } from './report-table.ts';

export interface PartReports {
  readonly followed?: FollowedReport | undefined;
  readonly nll?: Likelihood | undefined;
  readonly dialogue?: DialogueReport | undefined;
  readonly harm?: HarmReport | undefined;
  readonly order?: OrderReport | undefined;
  readonly cost?: CostReport | undefined;
  readonly exports?: ExportsReport | undefined;
}

export type Part = keyof PartReports;

/** In the order of the page. */
export const PARTS = [
  'followed',
  'nll',
  'dialogue',
  'harm',
  'order',
  'cost',
  'exports',
] as const satisfies readonly Part[];

export interface SmollmReport extends PartReports {
  readonly split: string;
  readonly model: { readonly id: string; readonly dtype: string };
  readonly projector: {
    /** Of its file: parts of a page are of one projector. */
    readonly sha256: string;
    readonly training: Readonly<Record<string, string | number>>;
    readonly parameters: number;
    readonly anchors: number;
    readonly phrases?: number;
    readonly slot: Slot;
  };
  /** Of what all people say and ask: parts of a page are of the same people. */
  readonly askedSha256: string;
  readonly people: number;
  readonly questions: number;
  readonly tokens: number;
  readonly kinds: Readonly<Record<string, number>>;
}

const KINDS: Readonly<Record<string, string>> = {
  people: 'several lines, seen interests and wordings',
  wordings: 'several lines, unseen wordings',
  interests: 'several lines, unseen interests and wordings',
  named: 'one line in own words that names it, seen interests',
  'named-interests': 'one line in own words that names it, unseen interests',
  told: 'one line in own words by a detail, seen interests',
  'told-interests': 'one line in own words by a detail, unseen interests',
};

/** What knows nobody, in words. */
const CONTROLS: Readonly<Record<string, string>> = {
  mean: 'the soft token of the mean embedding',
  'constant, the average': "what the soft tokens of training people's lines have in common",
  'constant, trained': 'a soft token that was trained on the same answers, without the people',
  [`"${NEUTRAL}", both slots`]: "the slot's words, and a word that says nothing",
};

export function reportSmollm2(report: SmollmReport): string {
  const { model, people, questions, tokens, split } = report;
  const sections = [
    report.followed && followedSection(report, report.followed),
    report.nll && likelihoodSection(report.nll),
    report.dialogue && dialogueSection(report.dialogue),
    report.harm && harmSection(report.harm),
    report.order && orderSection(report.order),
    report.cost && costSection(report.cost),
    report.exports && exportsSection(report.exports),
    report.followed && samplesSection(report.followed.samples),
  ];
  return `# A real LLM follows a few words about oneself

\`npm run evaluate:smollm2\` wrote this page from [${split === 'test' ? 'smollm2' : `smollm2-${split}`}.json](${split === 'test' ? 'smollm2' : `smollm2-${split}`}.json).

- LLM: ${model.id}, ${model.dtype}, onnxruntime-node on a CPU.
- People: ${people} of the ${split} set, who ask ${questions} questions; greedy answers of ${tokens} tokens.
- Projector: ${projectorText(report)}
- Slot: each line is one soft token (as many as the phrase has, where it is one), which stands ${slotText(report.projector.slot)}.
- Intervals: 95 %, bootstrap over people unless said.

Recipes were chosen on dev people. People, wordings, questions and unseen interests of the test set were in no stage of training, and no recipe was chosen on them. Whoever wrote the
judge's stems checked them on answers to spelled-out test interests. The words of unseen interests are among the anchors, as all words of the vocabulary are, with what the sentence encoder makes of the bare word; no text about them was trained on, and no phrase is about them.
${sections
  .filter((section) => section !== undefined)
  .map((section) => `\n${section}\n`)
  .join('')}`;
}

const PLACES: Readonly<Record<Place['at'], string>> = {
  'system-start': 'at the start of the system message',
  'user-start': 'in front of the question',
  'user-end': 'behind the question',
};

function slotText(slot: Slot): string {
  if (typeof slot === 'string' || 'placeholder' in slot) return JSON.stringify(slot);
  return slot.places.map(({ at, text }) => `${PLACES[at]} ("${text.trim()}")`).join(' and ');
}

function projectorText({ projector }: SmollmReport): string {
  const { training, parameters, anchors, phrases = 0 } = projector;
  const { steps, batch, seed, users, examples, heldOutLoss, bestStep } = training;
  const number = (value: string | number | undefined) => count(Number(value));
  const spelled = phrases > 0 ? `, or the tokens of one of ${count(phrases)} phrases` : '';
  const mixed =
    anchors > 0
      ? `, its soft tokens are mixtures of ${count(anchors)} words of the vocabulary${spelled}`
      : '';
  const kept =
    heldOutLoss === undefined || steps === 0
      ? ''
      : ` The weights of step ${bestStep} were kept: ${Number(heldOutLoss).toFixed(3)} nats per token on held-out people.`;
  const trained =
    steps === undefined
      ? ''
      : steps === 0
        ? ` Aligned to the words alone, without running the LLM; seed ${seed}.`
        : ` Trained in ${number(steps)} steps of ${number(batch)} on ${number(examples)} answers for ${number(users)} people, seed ${seed}.`;
  return `${count(parameters)} trained numbers${mixed}.${trained}${kept} File: \`${projector.sha256.slice(0, 12)}\` (SHA-256).`;
}

function followedSection({ kinds }: SmollmReport, { rows, seeds }: FollowedReport): string {
  const names = Object.keys(kinds);
  const main = table(
    ['condition', 'followed', 'minus own', 'about (strict)', 'refused', 'looped', 'more prompt tokens'],
    rows.map((r) => [
      r.name,
      interval(r.followed),
      optional(r.minusOwn),
      interval(r.about),
      r.refused.toFixed(2),
      r.looped.toFixed(2),
      signed(r.moreTokens),
    ]),
  );
  const byKind = table(
    ['condition', ...names.map((name) => `${KINDS[name] ?? name} (${kinds[name]})`)],
    rows.map((r) => [r.name, ...names.map((name) => interval(r.byKind[name]!))]),
  );
  const told = Object.entries(CONTROLS).flatMap(([name, text]) =>
    rows.some((r) => r.name === name) ? [`*${name}*: ${text}.`] : [],
  );
  return `## Followed

An answer *follows* where it names one of the person's interests (a stem match). It is *about* it by a stricter judge: no refusal, no loop, no mere copy of the person's line.

${told.join(' ')}

${main}

### By kind of people

${byKind}${seeds === undefined ? '' : `\n\n${seedsSection(seeds)}`}`;
}

function seedsSection({ rows, followed }: SeedSpread): string {
  const means = rows.map((r) => r.followed.mean);
  const mean = means.reduce((a, b) => a + b, 0) / means.length;
  const deviation = Math.sqrt(means.reduce((sum, m) => sum + (m - mean) ** 2, 0) / (means.length - 1));
  return `### By training seed

${rows.length} projectors of one recipe. Followed: ${Math.min(...means).toFixed(2)} to ${Math.max(...means).toFixed(2)}, standard deviation over seeds ${deviation.toFixed(3)}; over seeds and people ${interval(followed)}.

${table(
  ['file', 'seed', 'followed', 'about (strict)'],
  rows.map((r) => [r.file, String(r.seed ?? ''), interval(r.followed), interval(r.about)]),
)}`;
}

const samplesSection = (samples: readonly Sample[]): string => `## ${samples.length} answers, drawn by a seed

${table(
  ['lines', 'question', 'own soft tokens', 'nobody', 'the lines as text after the question'],
  samples.map((s) => [
    inCell(s.lines.join(' / ')),
    inCell(s.question),
    inCell(s.own),
    inCell(s.nobody),
    inCell(s.text),
  ]),
)}`;
