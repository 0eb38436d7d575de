/** What `npm run bench batch` has measured, as `docs/results/batch.json` keeps it, and the page that is made from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { bootstrapMean } from '../src/evaluate/index.ts';
import { table } from './results-table.ts';

const JSON_FILE = 'docs/results/batch.json';
const PAGE = 'docs/results/batch.md';

/** In each round. */
export interface BatchRun {
  readonly batchSize: number;
  readonly tokensPerSecond: readonly number[];
  /** Of this process's time on the CPU, which others on the machine disturb less. */
  readonly tokensPerCpuSecond: readonly number[];
}

export interface BatchCase {
  readonly model: string;
  readonly dtype: string;
  readonly requests: number;
  readonly maxTokens: number;
  readonly promptTokens: number;
  /** Written by all requests together, the same in each run. */
  readonly tokens: number;
  /** Requests whose answer is token by token that of a batch of one, in each run. */
  readonly equal: readonly number[];
  readonly runs: readonly BatchRun[];
  readonly processor: string;
  /** Load of the machine over the minute before, at the begin and at the end. */
  readonly load: readonly [number, number];
  readonly versions: string;
}

export type BatchResults = Readonly<Record<string, BatchCase>>;

/** Replaces one case of what is known, and the page. */
export function keepBatch(found: BatchCase): void {
  const before: BatchResults = existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, 'utf8')) : {};
  const results = { ...before, [`${found.model} ${found.dtype}`]: found };
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(PAGE, batchPage(results));
  console.log(batchPage(results));
}

export function batchPage(results: BatchResults): string {
  return `# Many users in one batch

Made by \`npm run bench batch\` (\`-- <folder>\` for another model), from [batch.json](batch.json). \`generateBatch\` in Node: the same requests, each for a user of its
own where the model has a projector, written whole with each \`batchSize\` in turn, one thread. Tokens a second are those of all answers over the
time of the call, prompts included; tokens a CPU second over the time that the process was computing, which others on the machine disturb less. Medians over
the rounds. The ratios are geometric means over the rounds, with bootstrap 95 % intervals.

${Object.values(results).map(section).join('\n\n')}
`;
}

function section(found: BatchCase): string {
  const [single] = found.runs;
  const speed = (values: readonly number[], base: readonly number[]) => [
    Math.round(median(values)).toLocaleString('en'),
    values === base ? '' : ratioOf(values, base),
  ];
  const rows = found.runs.map(({ batchSize, tokensPerSecond, tokensPerCpuSecond }, i) => [
    `${batchSize}`,
    ...speed(tokensPerSecond, single!.tokensPerSecond),
    ...speed(tokensPerCpuSecond, single!.tokensPerCpuSecond),
    `${found.equal[i]} of ${found.requests}`,
  ]);
  const { model, dtype, requests, maxTokens, promptTokens, tokens, processor, load, versions } = found;
  return `## ${model}, ${dtype}

${requests} requests with ${(promptTokens / requests).toFixed(1)} prompt tokens and ${(tokens / requests).toFixed(1)} written tokens each on average (at most ${maxTokens}); ${single!.tokensPerSecond.length} rounds.
${versions}, ${processor}, load ${load.join(' to ')}.

${table(HEAD, rows)}`;
}

const HEAD = [
  ...['batch', 'tokens a second', 'against 1', 'tokens a CPU second', 'against 1'],
  'answers equal to those of 1',
];

function ratioOf(values: readonly number[], base: readonly number[]): string {
  const { mean, low, high } = bootstrapMean(values.map((v, round) => Math.log(v / base[round]!)));
  const [ratio, from, to] = [mean, low, high].map((v) => Math.exp(v).toFixed(2));
  return `${ratio} [${from}, ${to}]`;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
