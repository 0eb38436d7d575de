/** What `npm run bench generate` has measured, as `docs/results/speed.json` keeps it, and the page that is made from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { bootstrapMean } from '../src/evaluate/index.ts';
import { table } from './results-table.ts';

export const PROMPT_TOKENS = [16, 128, 512, 1024] as const;
export const MAX_TOKENS = 32;
/** Behind a context, cache against cache. */
export const GREEDY_TOKENS = 16;
export const GREEDY = { temperature: 0, maxTokens: MAX_TOKENS } as const;
export const SAMPLINGS = {
  'temperature 1': { temperature: 1, maxTokens: MAX_TOKENS, seed: 3 },
  'temperature 0.7, top-p 0.9': { temperature: 0.7, topP: 0.9, maxTokens: MAX_TOKENS, seed: 3 },
  'temperature 0.2, top-k 50': { temperature: 0.2, topK: 50, maxTokens: MAX_TOKENS, seed: 3 },
} as const;

const JSON_FILE = 'docs/results/speed.json';
const PAGE = 'docs/results/speed.md';

/** CPU milliseconds, round by round. */
export interface Pair {
  readonly kind: 'peer' | 'sampling' | 'prefix' | 'cache';
  readonly what: string;
  /** Of the prompt, or of the prefix. */
  readonly tokens: number;
  /** Whether both wrote the same ids. */
  readonly isSame?: boolean;
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

export interface SpeedRun {
  readonly model: string;
  readonly dtype: string;
  readonly pairs: readonly Pair[];
}

export interface SpeedResults {
  readonly node: string;
  readonly processor: string;
  readonly runs: readonly SpeedRun[];
}

/** Adds a run in place of the last of this model, and makes the page anew. */
export function keepSpeed(run: SpeedRun): void {
  const before: readonly SpeedRun[] = existsSync(JSON_FILE)
    ? (JSON.parse(readFileSync(JSON_FILE, 'utf8')) as SpeedResults).runs
    : [];
  const cores = cpus();
  const results = {
    node: process.version,
    processor: `${cores.length} cores, ${cores[0]?.model.trim()}`,
    runs: [...before.filter(({ model }) => model !== run.model), rounded(run)],
  };
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(PAGE, speedPage(results));
}

const rounded = (run: SpeedRun): SpeedRun => {
  const hundredths = (values: readonly number[]) => values.map((v) => Math.round(100 * v) / 100);
  const pairs = run.pairs.map((pair) => ({
    ...pair,
    ours: hundredths(pair.ours),
    theirs: hundredths(pair.theirs),
  }));
  return { ...run, pairs };
};

const NAMES: Readonly<Record<string, string>> = {
  first: 'first token',
  perToken: 'each further token',
  total: `all ${MAX_TOKENS} tokens`,
};

export function speedPage({ node, processor, runs }: SpeedResults): string {
  const sections = runs.map(({ model, dtype, pairs }) => {
    const of = (kind: Pair['kind']) => pairs.filter((pair) => pair.kind === kind);
    const peer = of('peer').map((pair) => [
      String(pair.tokens),
      NAMES[pair.what]!,
      ...times(pair),
      pair.isSame ? 'yes' : 'no',
    ]);
    const sampling = of('sampling').map((pair) => [pair.what, ...times(pair)]);
    const cache = of('cache').map((pair) => [
      String(pair.tokens),
      ...times(pair),
      pair.isSame ? 'yes' : 'no',
    ]);
    const prefix = of('prefix').map((pair) => [String(pair.tokens), ...times(pair)]);
    return `## ${model}, ${dtype}

Against Transformers.js, greedy:

${table(['prompt tokens, at least', 'what', 'ours, ms', 'theirs, ms', 'theirs / ours', 'same ids'], peer)}

Sampling against greedy, each further token behind ${PROMPT_TOKENS[1]} tokens of prompt:

${table(['sampling', 'sampled, ms', 'greedy, ms', 'greedy / sampled'], sampling)}

A token behind a context, where the graph hands out the new rows of its cache and where it hands out the whole ([how](../models.md#how-the-cache-is-kept)):

${table(['context', 'new rows, ms', 'whole, ms', 'whole / new rows', 'same ids'], cache)}

The first token of a session whose system prompt another session has read, against one that reads it:

${table(['prompt tokens kept', 'kept, ms', 'read, ms', 'read / kept'], prefix)}`;
  });
  return `# How fast it generates

Made by \`npm run bench generate\` in Node ${node}, ${processor}, other work beside it; onnxruntime-node with one thread, Transformers.js 4.3.1 on the same file and onnxruntime in the same
process, round by round in turn, the first round not counted. Milliseconds are CPU time, medians over the rounds; ratios are geometric means over the rounds with a bootstrap 95 % interval. Transformers.js gets
the same chat by its pipeline. Not measured here: browsers, GPUs.

${sections.join('\n\n')}
`;
}

function times({ ours, theirs }: Pair): string[] {
  const logs = ours.map((ms, i) => Math.log(theirs[i]! / ms));
  const { mean, low, high } = bootstrapMean(logs);
  const ratio = [mean, low, high].map((log) => Math.exp(log).toFixed(2));
  return [median(ours).toFixed(1), median(theirs).toFixed(1), `${ratio[0]} [${ratio[1]}, ${ratio[2]}]`];
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
