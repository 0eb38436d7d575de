/** What `npm run bench prefill` has measured, as `docs/results/prefill.json` keeps it, and the page that is made from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { bootstrapMean } from '../src/evaluate/index.ts';
import { table } from './results-table.ts';

const JSON_FILE = 'docs/results/prefill.json';
const PAGE = 'docs/results/prefill.md';

export interface PrefillCase {
  /** `int8`: WASM over weights as int8, which is the default there. */
  readonly where: 'node' | 'node-int8' | 'wasm' | 'int8';
  readonly model: string;
  readonly tokens: number;
  /** The first is what the others are compared with. */
  readonly ways: readonly {
    /** Tokens of a run; undefined: as the decoder chooses. */
    readonly size?: number | undefined;
    readonly longest: number;
    readonly runs: number;
    /** Largest difference of the last logits from those of the first way. */
    readonly difference: number;
    /** In each round. */
    readonly cpuMs: readonly number[];
    /** At moments spread over the prefill. */
    readonly abortMs: readonly number[];
  }[];
  readonly processor: string;
  /** Of the machine, over the minute before, at the begin and at the end. */
  readonly load: readonly number[];
}

export type PrefillResults = Readonly<Record<string, PrefillCase>>;

export function keepPrefill(found: PrefillCase): void {
  const before: PrefillResults = existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, 'utf8')) : {};
  const results = { ...before, [`${found.where} ${found.model}`]: found };
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(PAGE, prefillPage(JSON.parse(JSON.stringify(results))));
}

export const prefillPage = (results: PrefillResults): string => `# How long a run of a prefill is

Made by \`npm run bench prefill\` (\`-- <model folder>\`), from [prefill.json](prefill.json). A long prompt is read in several runs, and an abort waits for the run under way.
Each way of cutting it is measured in turn, one thread: CPU time of the process (of the renderer), which others on the machine disturb less, as medians; its ratio to the
first way as a geometric mean with a bootstrap 95 % interval; and, on the clock of a shared machine, how long after the moment of an abort the call has ended, at moments spread over the prefill: the median and the longest.

${Object.values(results).map(section).join('\n\n')}
`;

function section({ where, model, tokens, ways, processor, load }: PrefillCase): string {
  const [first] = ways;
  const rows = ways.map(({ size, longest, runs, cpuMs, abortMs, difference }, i) => [
    size === undefined ? `as the decoder chooses: up to ${longest}` : `${size}`,
    `${runs}`,
    median(cpuMs).toLocaleString('en'),
    i === 0 ? '' : ratioOf(cpuMs, first!.cpuMs),
    (median(cpuMs) / runs).toFixed(),
    `${median(abortMs).toLocaleString('en')} (${Math.max(...abortMs).toLocaleString('en')})`,
    difference.toExponential(0),
  ]);
  return `## ${model}, ${WHERE[where]}

${tokens} tokens, ${first!.cpuMs.length} rounds, ${first!.abortMs.length} aborts of each way; ${processor}, load ${load.join(' to ')}.

${table(HEAD, rows)}`;
}

const WHERE = {
  node: 'Node',
  'node-int8': 'Node, prompts read with int8 weights (`cpuWeights`)',
  wasm: 'WASM in Chromium, weights as stored',
  int8: 'WASM in Chromium, weights as int8 (the default)',
} as const;

const HEAD = [
  ...['tokens of a run', 'runs', 'CPU ms', 'against the first', 'CPU ms a run', 'abort after, ms (longest)'],
  'logits differ by',
];

function ratioOf(values: readonly number[], base: readonly number[]): string {
  const { mean, low, high } = bootstrapMean(values.map((v, round) => Math.log(v / base[round]!)));
  const [ratio, from, to] = [mean, low, high].map((v) => Math.exp(v).toFixed(3));
  return `${ratio} [${from}, ${to}]`;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
