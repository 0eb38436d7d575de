/** Sections of the result page beside who is followed: one function for each measure. */
import { NEUTRAL } from './conditions.ts';
import type { CostReport } from './measure/cost.ts';
import type { DialogueReport, DialogueWay } from './measure/dialogue.ts';
import type { ExportsReport } from './measure/exports.ts';
import type { HarmMeasure, HarmReport, Harms } from './measure/harm.ts';
import type { Likelihood } from './measure/likelihood.ts';
import type { OrderReport } from './measure/order.ts';
import { interval, optional, signed, table } from './report-table.ts';

export const likelihoodSection = ({
  answers,
  people,
  rows,
}: Likelihood): string => `## Likelihood of good answers

Nats per token of ${answers} answers that the LLM gave where the interests were spelled out, and that follow them; ${people} people, scored by the deployed graph.

${table(
  ['condition', 'NLL per token', 'minus own'],
  rows.map((r) => [r.name, interval(r.nll), optional(r.minusOwn)]),
)}`;

const WAYS: Readonly<Record<DialogueWay['name'], string>> = {
  draft:
    '### The LLM drafts the next message\n\nThe user shows the chat and asks "Write what I say next."; the slot stands behind that.',
  play: "### The LLM plays the person\n\nThe person's turns are the assistant's, the other's are the user's; the slot stands behind each of the user's.",
};

export function dialogueSection({ turns, tokens, ways }: DialogueReport): string {
  return `## Dialogue

How likely is what people really say next? ${turns} turns (${tokens} tokens) of Synthetic-Persona-Chat's test dialogues (Jandaghi et al., arXiv 2312.10007; CC BY 4.0), drawn by a seed, one of each group of personas that share any line; four turns before it are shown. Half of the
draws look for a turn that shares a content word with the person's lines. The same target tokens in every condition; intervals over dialogues. Nothing was trained, stopped or chosen on dialogues, except that the two ways to ask were chosen with text alone, on validation dialogues. The lines of those validation dialogues
are among the texts that projectors are aligned with; whoever shares a line with them is left out here.

${ways.map(waySection).join('\n\n')}`;
}

function waySection({ name, rows, bySharing, gain }: DialogueWay): string {
  const [soft, text] = [gain.soft, gain.text];
  const part = text.mean < 0 ? ` That is ${(100 * Math.max(0, soft.mean / text.mean)).toFixed(0)} %.` : '';
  const shown = bySharing.filter(({ minus }) => minus.length > 0);
  return `${WAYS[name]}

${table(
  ['condition', 'NLL per token', 'minus own soft tokens', 'more prompt tokens'],
  rows.map((r) => [r.name, interval(r.nll, 3), optional(r.minusOwn, 3), signed(r.moreTokens)]),
)}

Against nobody, own soft tokens change the NLL by ${interval(soft, 3)}, text in its best place (${gain.textName}) by ${interval(text, 3)}; below zero is better.${soft.mean < 0 ? part : ''}

${table(
  [
    'turns',
    ...shown[0]!.minus.map(
      (m) => `own soft tokens − ${m.name.replace(' soft tokens', '').replace(' soft token', '')}`,
    ),
  ],
  shown.map(({ shares, turns, minus }) => [
    `${shares ? 'share a word with the lines' : 'share none'} (${turns})`,
    ...minus.map((m) => interval(m.difference, 3)),
  ]),
)}`;
}

const MEASURES: Readonly<Record<HarmMeasure, string>> = {
  facts: 'facts',
  sums: 'sums',
  orders: 'orders',
  refused: 'refused requests',
  rightAnswerNll: 'NLL of right answers',
  proseNll: 'NLL of prose',
};

export function harmSection({ counts, rows }: HarmReport): string {
  const measures = Object.keys(MEASURES) as HarmMeasure[];
  const head = ['condition', ...measures.map((m) => `${MEASURES[m]} (${counts[m]})`)];
  const cells = (harms: Harms) => measures.map((m) => interval(harms[m]));
  const differences = (of: 'minusNobody' | 'minusNeutral') =>
    table(
      ['condition', ...measures.map((m) => MEASURES[m])],
      rows.flatMap((row) => (row[of] === undefined ? [] : [[row.name, ...cells(row[of])]])),
    );
  return `## Harm

Tasks that have nothing to do with the person; each stands in the prompt with some person's soft tokens or words. *facts*, *sums*, *orders*: share of right answers, by a program. *refused requests*: share of harmless requests that are declined.
*NLL of right answers*: nats per token of the right answers to facts and sums; the LLM gets few sums right by itself. *NLL of prose*: the same of ordinary prose behind "Tell me something.". Intervals over tasks.

${table(
  head,
  rows.map((row) => [row.name, ...cells(row.found)]),
)}

### Against nobody

Differences within each task. Shares below zero and NLL above zero are harm.

${differences('minusNobody')}

### Against the slot's words alone

With "${NEUTRAL}" in the slot's places the prompt has the slot's words and nothing about anybody: what soft tokens do beyond these words.

${differences('minusNeutral')}`;
}

export const orderSection = ({ people, answers, rows }: OrderReport): string => `## Order

${people} people of several lines say the same in another order (${answers} answers, encoded anew): the share of answers that stay the same, word by word.

${table(
  ['lines as', 'the same answer'],
  rows.map((r) => [r.name, interval(r.same)]),
)}`;

export function costSection(report: CostReport): string {
  const { people, repeats, threads, kvBytesPerToken, encodeMs, projectMs, rows } = report;
  return `## Cost

Prompts of ${people} people, one question each. Time to the first token: ${repeats} repeats, the conditions in turns, the median of each person; Node, ${threads} ${threads === 1 ? 'thread' : 'threads'}, a busy machine: read the ratios.
The sentence encoder runs once for each person (${encodeMs.toFixed(0)} ms), the projector once for each session (${projectMs.toFixed(0)} ms): *made for it* is the first message of a session, *soft tokens* is any later one. Keys and values: ${(kvBytesPerToken / 1024).toFixed(0)} KiB for each token.

${table(
  ['condition', 'prompt tokens', 'keys and values, KiB', 'first token, ms', 'time against soft tokens'],
  rows.map((r) => [
    r.name,
    r.promptTokens.toFixed(1),
    (r.kvBytes / 1024).toFixed(0),
    r.firstTokenMs.toFixed(0),
    `${interval(r.ratio)}×`,
  ]),
)}`;
}

export const exportsSection = ({ people, rows }: ExportsReport): string => `## Other files of the same LLM

One projector, one question of each of ${people} people, through other exporters and precisions. *Same*: the answer with the person's soft tokens is that of the first file, word by word; greedy answers part at the first near tie.

${table(
  ['file', 'precision', 'followed', 'followed, nobody', 'same answer', 'same first five words'],
  rows.map((r) => [
    r.name,
    r.dtype,
    interval(r.followed),
    interval(r.nobody),
    r.same.toFixed(2),
    r.sameStart.toFixed(2),
  ]),
)}`;
