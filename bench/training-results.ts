/** What `npm run bench training` has measured, as `docs/results/training.json` keeps it, and the page that is made from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { bootstrapMean } from '../src/evaluate/index.ts';
import { table } from './results-table.ts';
import type { LlmResult, LlmSide, StepAnswer } from './training-llm.ts';
import { HIDDEN, TARGETS } from './training-rows.ts';

export const CACHE = '.cache/bench-training';
const JSON_FILE = 'docs/results/training.json';
const PAGE = 'docs/results/training.md';

export interface Ratio {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface SmallCase {
  readonly name: string;
  readonly dtype: string;
  readonly batch: number;
  readonly length: number;
  /** Tokens a second. */
  readonly ours: number;
  readonly theirs: number | undefined;
  /** Time of ours / PyTorch. */
  readonly ratio: Ratio | undefined;
  /** Time with recomputation / without. */
  readonly recompute: Ratio;
}

export interface SmallResult {
  readonly pytorch: string | undefined;
  readonly blockSteps: number;
  readonly rounds: number;
  readonly processor: string;
  /** As of an LLM. */
  readonly load: readonly [number, number];
  readonly cases: readonly SmallCase[];
}

export interface TrainingResults {
  readonly llm?: LlmResult;
  readonly small?: SmallResult;
}

/** Replaces one part of what is known, and the page. */
export function keepResults(part: TrainingResults): void {
  const before = existsSync(JSON_FILE)
    ? (JSON.parse(readFileSync(JSON_FILE, 'utf8')) as TrainingResults)
    : {};
  const results: TrainingResults = { ...before, ...part };
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(PAGE, trainingPage(results));
  console.log(trainingPage(part));
}

/** Geometric mean of a / b over rounds, with its 95 % bootstrap interval. */
export function ratioOf(a: readonly number[], b: readonly number[]): Ratio {
  const { mean, low, high } = bootstrapMean(a.map((v, i) => Math.log(v / b[i]!)));
  return { mean: Math.exp(mean), low: Math.exp(low), high: Math.exp(high) };
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1]!;

export function trainingPage({ llm, small }: TrainingResults): string {
  const sections = [
    '# A step of projector training',
    `One step: projector forward, base model forward with the loss of ${TARGETS} target tokens a row, backward to the soft token, projector
backward, clipping, AdamW. K = 1, a projector of ${HIDDEN} inner units, rows of one length without padding, random tokens. One thread each. PyTorch has no
4-bit step: beside a q4 line it trains the same model in float32. Ratios are geometric means over rounds with 95 % bootstrap intervals; below 1 ours takes less.`,
    ...(llm ? [llmSection(llm)] : []),
    ...(small ? [smallSection(small)] : []),
    'Not measured: GPUs, more threads, other versions of PyTorch.',
  ];
  return `${sections.join('\n\n')}\n`;
}

function llmSection(llm: LlmResult): string {
  const { model, batch, length, theirs, ours, load, processor, engine, pytorch } = llm;
  const of = ({ steps }: LlmSide, what: keyof StepAnswer) => steps.map((step) => step[what]);
  const cells = (side: LlmSide) => [
    ...[median(of(side, 'seconds')), median(of(side, 'cpuSeconds'))].map((v) => v.toFixed(2)),
    `${((batch * length) / median(of(side, 'cpuSeconds'))).toFixed(0)}`,
    `${(Math.max(...of(side, 'peakBytes')) / 1e9).toFixed(2)} GB`,
  ];
  const against = (side: LlmSide) =>
    (['seconds', 'cpuSeconds'] as const).map((what) => drawn(ratioOf(of(side, what), of(theirs, what))));
  const rows = [
    ...ours.map((side) => ['e2p-web', side.dtype, ...cells(side), ...against(side)]),
    ['PyTorch', theirs.dtype, ...cells(theirs), '1', '1'],
  ];
  return `## ${model}

Made by \`npm run bench training -- --model <folder> … --pytorch <folder for transformers>\`. A batch of ${batch} rows of ${length} tokens; each side in a process of its own, a step of each in turns,
${theirs.steps.length} rounds after one that is not counted. ${processor}, load ${drawnLoad(load)} from other work on the same cores: CPU time says more than time. ${engine}; ${pytorch} with sdpa attention.

${table(
  [
    '',
    'in',
    's a step',
    'CPU s a step',
    'tokens per CPU s',
    'peak resident',
    'time of ours / PyTorch',
    'CPU time of ours / PyTorch',
  ],
  rows,
)}

Seconds are medians.`;
}

function smallSection({ pytorch, blockSteps, rounds, cases, processor, load }: SmallResult): string {
  const rows = cases.map((c) => [
    ...[c.name, c.dtype, `${c.batch} × ${c.length}`, `${c.ours}`],
    ...[c.theirs ?? 'not measured', c.ratio ? drawn(c.ratio) : 'not measured'].map(String),
    drawn(c.recompute),
  ]);
  return `## Small models, and recomputation

Made by \`npm run bench training\`. \`trainProjector\` on onnxruntime-node against ${pytorch === undefined ? 'nothing: PyTorch was not installed' : `PyTorch ${pytorch} (float32)`}. Blocks of ${blockSteps} steps in turns, ${rounds} rounds; tokens/s are medians (batch × length).
${processor}, load ${drawnLoad(load)} from other work on the same cores, by which both are slowed down.

${table(
  [
    'model',
    'ours in',
    'batch × length',
    'ours, tokens/s',
    'PyTorch, tokens/s',
    'time of ours / PyTorch',
    'time with recomputation / without',
  ],
  rows,
)}`;
}

const drawn = ({ mean, low, high }: Ratio): string =>
  `${mean.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;

const drawnLoad = (load: readonly number[]): string => load.map((v) => v.toFixed(1)).join(' to ');
