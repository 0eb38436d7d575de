/** What a new embedding space costs, as `docs/results/align.json` keeps it, and the page that is made from it. */
import { MOST_LOSS, MOST_READ, MOST_RESIDUAL } from '../src/cli/align.ts';
import type { Interval } from '../src/evaluate/index.ts';
import type { LlmSwaps } from './drift/llm.ts';
import { interval, table } from './results-table.ts';

export interface Swap {
  readonly name: string;
  /** Numbers of the new space, and of the old one. */
  readonly from: number;
  readonly to: number;
  readonly anchors: number;
  readonly residual: number;
  /** Of soft tokens, as `readResidual` has it. */
  readonly read: number;
  /** Per target token. `before`: the new vectors as if they were old ones; absent where the sizes differ. */
  readonly nats: Readonly<Record<'own' | 'mean' | 'aligned' | 'retrained', number>> & {
    readonly before?: number;
  };
  readonly alignedMinusOwn: Interval;
  readonly retrainedMinusOwn: Interval;
}

export interface CurvePoint {
  readonly name: string;
  readonly residual: number;
  readonly read: number;
  readonly nats: number;
  readonly minusOwn: Interval;
  /** Of what the old embeddings gain over the mean user. */
  readonly kept: number;
}

/** What was measured on one kind of embedding. */
export interface AlignPart {
  readonly swaps: readonly Swap[];
  readonly curve: readonly CurvePoint[];
  readonly cpuSeconds: number;
}

/** How well spaces fit each other, and how far embeddings lie off that are out of date; no model is asked. */
export interface Geometry {
  readonly fits: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly anchors: number;
    readonly residual: number;
  }[];
  /** `gain`: nats per token over no soft token, as docs/results/ablations.md has it for this share of clicks since a change. */
  readonly outdated: readonly {
    readonly share: number;
    readonly residual: number;
    readonly gain: number;
  }[];
}

export interface AlignResults {
  readonly command: string;
  readonly steps: number;
  readonly batch: number;
  readonly readers: number;
  readonly examples: number;
  /** About each reader, where they are words. */
  readonly lines: number;
  readonly geometry?: Geometry;
  readonly parts: Readonly<Partial<Record<'als' | 'curve' | 'text', AlignPart>>>;
  readonly llm?: LlmSwaps;
}

const percent = (v: number): string => `${(100 * v).toFixed(1)} %`.replace('-', '−');
const nats = (v: number | undefined): string => v?.toFixed(4) ?? '–';
const keptOf = ({ nats: { own, mean, aligned } }: Swap): number => (mean - aligned) / (mean - own);

export function alignPage(results: AlignResults): string {
  const { command, parts, geometry, llm } = results;
  const measured = Object.values(parts);
  return `# A new embedding space under an old projector

Made by \`${command}\`. *Residual*: of anchors that a map was not fitted on, the share of variance that it misses (orthogonal Procrustes with means and one scale, as \`e2p align\` fits it).
${geometry ? geometryText(geometry) : ''}${measured.length > 0 ? natsText(results) : '\nWhat a map costs in nats per token, beside a projector trained anew, has not been measured yet: `npm run bench align` adds it.\n'}${llm ? llmText(llm) : ''}`;
}

function llmText({ people, questions, rows }: LlmSwaps): string {
  const own = rows[0]!.gain.mean;
  const kept = ({ gain }: LlmSwaps['rows'][number]) =>
    own > 0 && gain.mean > 0 ? percent(gain.mean / own) : 'nothing';
  return `
## A real LLM: SmolLM2-135M-Instruct

Made by \`npm run bench align -- --only llm\`: the projector that ships, which reads lines that people say about themselves as vectors of all-MiniLM-L6-v2, and is not trained here. ${people} people of four lines, each about an interest of training in unseen wordings, ask about each: ${questions} questions, whose target names the interest. Anchors are lines about interests in the wordings of training, one for each phrase. Gain = nats per target token of *nobody set* minus those of the row, 95 % bootstrap intervals over people.

${table(
  [
    'encoder',
    'residual',
    'of soft tokens',
    'anchors fitted on',
    'gain over nobody',
    'over the first row',
    'kept',
  ],
  rows.map((row) => [
    row.label,
    row.residual === undefined ? '' : percent(row.residual),
    row.read === undefined ? '' : percent(row.read),
    `${row.anchors ?? ''}`,
    interval(row.gain),
    row.overFirst ? interval(row.overFirst) : '',
    row.overFirst ? kept(row) : '',
  ]),
)}

Of soft tokens: of what the projector chooses its words by, since it is anchored in the model's. The bound was chosen on the default model. ${canaryVerdicts(rows)}

Not measured: a projector retrained for the other encoder, whose training takes hours; and what MovieLens keeps with another seed, since no projector for it is kept.
`;
}

/** What the canary of `e2p align` says of mapped vectors. */
function canaryVerdicts(rows: LlmSwaps['rows']): string {
  const verdicts = rows.flatMap(({ label, canary }) => {
    if (canary === undefined) return [];
    const { loss, gain, beyond } = canary;
    return `${beyond!.high <= 0 ? 'takes' : 'refuses'} ${label} (${percent(loss.mean / gain.mean)} of the gain over the mean user lost; beyond the share that may be: ${interval(beyond!)} nats per token)`;
  });
  return verdicts.length > 0 ? `The canary of \`e2p align\` ${verdicts.join(', and ')}.` : '';
}

function geometryText({ fits, outdated }: Geometry): string {
  const whole = outdated.find(({ share }) => share === 1)!.gain;
  return `
## How well spaces fit

${table(
  ['swap', 'numbers', 'anchors fitted on', 'residual'],
  fits.map(({ name, from, to, anchors, residual }) => [
    name,
    `${from} → ${to}`,
    `${anchors}`,
    percent(residual),
  ]),
)}

## What a residual costs

Readers of the default model whose embeddings are partly out of date: how far those lie from the right ones, as a share of variance, beside the gain that [ablations](ablations.md) measured with them through the default model (nats per target token over no soft token; *kept*: of the gain at 100 %).

${table(
  ['clicks since the change', 'residual', 'gain', 'kept'],
  outdated.map(({ share, residual, gain }) => [
    percent(share),
    percent(residual),
    gain.toFixed(3).replace('-', '−'),
    gain > 0 ? percent(gain / whole) : 'nothing: worse than no soft token',
  ]),
)}
`;
}

function natsText(results: AlignResults): string {
  const { steps, batch, readers, examples, lines, parts } = results;
  const measured = Object.values(parts);
  const swaps = measured.flatMap((part) => part.swaps);
  const curve = measured.flatMap((part) => part.curve);
  const cpuSeconds = measured.reduce((sum, part) => sum + part.cpuSeconds, 0);
  const all: readonly Omit<CurvePoint, 'nats'>[] = [
    ...curve,
    ...swaps.map((swap) => ({ ...swap, kept: keptOf(swap), minusOwn: swap.alignedMinusOwn })),
  ].sort((a, b) => a.residual - b.residual);
  return `
## Nats per token

In ${cpuSeconds} s of processor time: the default model (q4, float activations), projectors of ${steps} steps of ${batch} with all other settings at their defaults, ${examples} examples of ${readers} readers who were in nothing before. Intervals are 95 %, over readers.

*Before*: vectors of the new space, given to the projector as if they were old ones. *Aligned*: mapped by what \`e2p align\` fits (orthogonal Procrustes with means and one scale). *Retrained*: a projector for the new space, same recipe.
ALS: the anchors are the readers that it was fitted on. Sentence encoders: a reader is the mean of ${lines} lines about them, the anchors are lines.

### Swaps

${table(
  ['swap', 'numbers', 'anchors', 'residual', 'old vectors', 'before', 'aligned', 'retrained', 'mean user'],
  swaps.map(({ name, from, to, anchors, residual, nats: n }) => [
    ...[name, `${from} → ${to}`, `${anchors}`, percent(residual)],
    ...[n.own, n.before, n.aligned, n.retrained, n.mean].map(nats),
  ]),
)}

${table(
  ['swap', 'aligned − old vectors', 'retrained − old vectors', 'gain over the mean user that the map keeps'],
  swaps.map((swap) => [
    swap.name,
    interval(swap.alignedMinusOwn),
    interval(swap.retrainedMinusOwn),
    percent(keptOf(swap)),
  ]),
)}

### Up to which residual

Maps from worse and worse spaces, the same projector. *Of soft tokens*: the same share, of the projector's output for mapped and for old vectors of the anchors (\`e2p align --projector\`). *Kept*: of what the old vectors gain over the mean user.

${table(
  ['new space', 'residual', 'of soft tokens', 'aligned − old vectors', 'kept'],
  all.map(({ name, residual, read, minusOwn, kept }) => [
    name,
    percent(residual),
    percent(read),
    interval(minusOwn),
    percent(kept),
  ]),
)}

${boundText(all)}

${canaryText(all)}
`;
}

/** What a canary would say of each row, nearly: the end of the interval against the gain, which follows from what is kept of it. */
function canaryText(all: readonly Omit<CurvePoint, 'nats'>[]): string {
  const lostAtMost = ({ minusOwn: { mean, high }, kept }: Omit<CurvePoint, 'nats'>) =>
    (high / mean) * (1 - kept);
  const taken = all.filter((row) => lostAtMost(row) <= MOST_LOSS);
  const refused = all.filter((row) => lostAtMost(row) > MOST_LOSS);
  const least = Math.min(...taken.map(({ kept }) => kept));
  const vain = refused.filter(({ kept }) => kept >= 1 - MOST_LOSS).map(({ name }) => name);
  return `With \`--model\` and \`--data\` texts decide: ${percent(MOST_LOSS)} of the gain may be lost, at the end of the interval. By the intervals above that takes ${taken.length} of the ${all.length} rows, which keep ${percent(least)} or more (${taken.map(({ name }) => name).join('; ')}), and refuses ${refused.length}, of which ${vain.length} keep more than ${percent(1 - MOST_LOSS)}${vain.length > 0 ? ` (${vain.join('; ')}): the interval is wider` : ''}.`;
}

type Kept = Pick<CurvePoint, 'name' | 'residual' | 'read' | 'kept'>;

function boundText(all: readonly Kept[]): string {
  const orders = (of: 'residual' | 'read') =>
    rankCorrelation(
      all.map((row) => row[of]),
      all.map(({ kept }) => kept),
    )
      .toFixed(2)
      .replace('-', '−');
  return `${costText(all, 'residual', MOST_RESIDUAL)}

With \`--projector\` the residual of soft tokens decides. ${costText(all, 'read', MOST_READ)}

Over the ${all.length} rows the rank correlation with what is kept is ${orders('residual')} for the residual of vectors, and ${orders('read')} for that of soft tokens: it orders swaps of encoders among added noise better, and helps no factorisation with another seed. A likely reason, not tested by itself: there old vectors are the person and noise, new ones the person and other noise, the projector reads both, and the text loses by neither. Where noise came to the new vectors only, pairs of vectors look the same, and the text loses. Then nothing that is worked out of anchors and a projector can tell the two apart; texts can.`;
}

/** What a residual at the default bound may cost, between the two measured next to it where what is missed is lost. */
function costText(all: readonly Kept[], of: 'residual' | 'read', most: number): string {
  const noisy = all.filter(({ name }) => name.startsWith('turned'));
  const below = noisy.filter((row) => row[of] <= most).at(-1)!;
  const above = noisy.find((row) => row[of] > most)!;
  const way = (most - below[of]) / (above[of] - below[of]);
  const kept = below.kept + way * (above.kept - below.kept);
  const refused = all.filter((row) => row[of] > most);
  const vain = refused.filter((each) => each.kept >= kept).map(({ name }) => name);
  return `Above a residual of ${percent(most)} \`e2p align\` writes nothing by default. There ${percent(kept)} of the gain are kept in the worst case measured, where what is missed is noise in all directions (between the rows of ${percent(below[of])} and ${percent(above[of])}): so ${percent(1 - kept)} of the gain may be lost at the bound; a space that differs in yet another way was not tried. Of ${refused.length} rows above the bound ${vain.length} keep more than that (${vain.join('; ')}).`;
}

/** Spearman's, without ties. */
function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const ranksOf = (values: readonly number[]) => {
    const sorted = values.toSorted((x, y) => x - y);
    return values.map((value) => sorted.indexOf(value));
  };
  const [ranks, others] = [ranksOf(a), ranksOf(b)];
  const squares = ranks.reduce((sum, rank, i) => sum + (rank - others[i]!) ** 2, 0);
  return 1 - (6 * squares) / (a.length * (a.length ** 2 - 1));
}
