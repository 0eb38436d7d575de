/** What `npm run bench generate` has measured, as `docs/results/speed.json` keeps it, and the page that is made from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { bootstrapMean } from '../src/evaluate/index.ts';
import { MAX_TOKENS, PROMPT_TOKENS } from './generate-plan.ts';
import { table } from './results-table.ts';

const JSON_FILE = 'docs/results/speed.json';
const PAGE = 'docs/results/speed.md';

/** Milliseconds, round by round: of the CPU in Node, of the wall in a page. */
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
  /** Absent: Node. */
  readonly where?: string;
  /** What ours computes with; absent: as stored. */
  readonly weights?: 'as-stored' | 'int8';
  /** Of the machine, a mean over the last five minutes of the run. */
  readonly load?: number;
  readonly pairs: readonly Pair[];
}

export interface SpeedResults {
  readonly node: string;
  readonly processor: string;
  readonly runs: readonly SpeedRun[];
}

/** Adds a run in place of the last of this model and place, and makes the page anew. */
export function keepSpeed(run: SpeedRun): void {
  const before: readonly SpeedRun[] = existsSync(JSON_FILE)
    ? (JSON.parse(readFileSync(JSON_FILE, 'utf8')) as SpeedResults).runs
    : [];
  const cores = cpus();
  const results = {
    node: process.version,
    processor: `${cores.length} cores, ${cores[0]?.model.trim()}`,
    runs: [...before.filter((other) => keyOf(other) !== keyOf(run)), rounded(run)],
  };
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(PAGE, speedPage(results));
}

/** Of a browser any version. */
const keyOf = ({ model, where, weights }: SpeedRun) =>
  JSON.stringify([model, where?.split(' ')[0], weights ?? 'as-stored']);

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
  const sections = runs.map((run) => {
    const of = (kind: Pair['kind']) => run.pairs.filter((pair) => pair.kind === kind);
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
    const tables = [
      `Against Transformers.js, greedy:

${table(['prompt tokens, at least', 'what', 'ours, ms', 'theirs, ms', 'theirs / ours', 'same ids'], peer)}`,
      `Sampling against greedy, each further token behind ${PROMPT_TOKENS[1]} tokens of prompt:

${table(['sampling', 'sampled, ms', 'greedy, ms', 'greedy / sampled'], sampling)}`,
      `A token behind a context, where the graph hands out the new rows of its cache and where it hands out the whole ([how](../models.md#how-the-cache-is-kept)):

${table(['context', 'new rows, ms', 'whole, ms', 'whole / new rows', 'same ids'], cache)}`,
      `The first token of a session whose system prompt another session has read, against one that reads it:

${table(['prompt tokens kept', 'kept, ms', 'read, ms', 'read / kept'], prefix)}`,
    ].filter((_, i) => [peer, sampling, cache, prefix][i]!.length > 0);
    return [`## ${titleOf(run)}`, ...(run.where === undefined ? [] : [aboutPage(run)]), ...tables].join(
      '\n\n',
    );
  });
  return `# How fast it generates

Made by \`npm run bench generate\` in Node ${node}, ${processor}, other work beside it; onnxruntime-node with one thread, Transformers.js 4.3.1 on the same file and onnxruntime in the same
process, round by round in turn, the first round not counted. Milliseconds are CPU time, medians over the rounds; ratios are geometric means over the rounds with a bootstrap 95 % interval. Transformers.js gets
the same chat by its pipeline. Sections of Chromium, by \`npm run bench generate -- --chromium\`, say what differs there. Random weights (\`-- --synthetic\`, 3 rounds) say nothing of texts, but what a large vocabulary costs; their probabilities are nearly flat, which is the worst case for sampling. Not measured here: GPUs, other browsers.

${sections.join('\n\n')}
`;
}

const titleOf = ({ model, dtype, where, weights }: SpeedRun): string =>
  [
    `${model}, ${dtype}`,
    where,
    where && (weights === 'int8' ? 'ours with int8 weights' : 'weights as stored'),
  ]
    .filter((part) => part !== undefined)
    .join('; ');

/** What is otherwise in a page. */
function aboutPage({ load, pairs, weights }: SpeedRun): string {
  const rounds = Math.min(...pairs.map(({ ours }) => ours.length));
  const about = `Wall time in a page, ${rounds} rounds or more, none of them before the counted ones but for prefixes; load of the machine ${load?.toFixed(1)}. Transformers.js was given the build of onnxruntime-web that has every kernel (\`onnxruntime-web/wasm\`).`;
  return weights === 'int8'
    ? `${about} The same q4 file for both: ours has turned its weights into int8 before ([what that changes](int8.md)), so its ids may differ.`
    : about;
}

function times({ ours, theirs }: Pair): string[] {
  const logs = ours.map((ms, i) => Math.log(theirs[i]! / ms));
  const { mean, low, high } = bootstrapMean(logs);
  const ratio = [mean, low, high].map((log) => Math.exp(log).toFixed(2));
  return [median(ours).toFixed(1), median(theirs).toFixed(1), `${ratio[0]} [${ratio[1]}, ${ratio[2]}]`];
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
