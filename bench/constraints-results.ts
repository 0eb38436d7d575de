/** What `npm run bench constraints` has measured, as `docs/results/constraints.json` keeps it, and the page that is made from it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { table } from './results-table.ts';

/** `maxLength` of a string in the schemas. */
export const LENGTHS = [20, 100, 1000] as const;
export const SEEDS = 20;
/** Of each model the latest so many runs are kept. */
const RUNS = 2;
const JSON_FILE = 'docs/results/constraints.json';
const PAGE = 'docs/results/constraints.md';

export interface ConstraintRun {
  readonly model: string;
  readonly dtype: string;
  readonly vocabulary: number;
  readonly titleTokens: number;
  /** Processes that wanted a core in the minute before. */
  readonly load: number;
  /** Of {@link SEEDS} answers: ended by themselves, and of those valid. */
  readonly ended: number;
  readonly valid: number;
  /** Milliseconds by what was done. */
  readonly timings: Readonly<Record<string, number>>;
}

export interface ConstraintResults {
  readonly node: string;
  readonly processor: string;
  readonly runs: readonly ConstraintRun[];
}

/** Adds a run, and makes the page anew. */
export function keepResults(run: ConstraintRun): void {
  const before: readonly ConstraintRun[] = existsSync(JSON_FILE)
    ? (JSON.parse(readFileSync(JSON_FILE, 'utf8')) as ConstraintResults).runs
    : [];
  const same = before.filter(({ model }) => model === run.model).slice(1 - RUNS);
  const runs = [...before.filter(({ model }) => model !== run.model), ...same, run];
  const cores = cpus();
  const results = {
    node: process.version,
    processor: `${cores.length} cores, ${cores[0]?.model.trim()}`,
    runs,
  };
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(PAGE, constraintsPage(results));
  console.log(JSON.stringify(run));
}

const ROWS: readonly (readonly [string, readonly string[]])[] = [
  ['100,000 titles, the first time', ['titles']],
  ['the same list again: posted (copied), found', ['posted', 'found']],
  ['all steps of one of them', ['walk']],
  ['the vocabulary, once, and a date as a regular expression', ['date']],
  ...LENGTHS.map((n) => [`a schema with a string of at most ${n}, the first time`, [`schema ${n}`]] as const),
  ...LENGTHS.map((n) => [`a step inside a string of at most ${n}, the first time`, [`step ${n}`]] as const),
  ['100 candidates ranked', ['ranked']],
  ['100 candidates, one call for each', ['ranked one by one']],
];

export function constraintsPage({ node, processor, runs }: ConstraintResults): string {
  const models = [...new Set(runs.map(({ model }) => model))];
  const of = (model: string) => runs.filter((run) => run.model === model);
  const rows = ROWS.map(([what, names]) => [
    what,
    ...models.map((model) =>
      of(model)
        .map(({ timings }) => names.map((name) => timings[name]!.toLocaleString('en')).join(' + '))
        .join('; '),
    ),
  ]);
  const heads = models.map((model) => {
    const { dtype, vocabulary, titleTokens } = of(model)[0]!;
    return `${model}, ${dtype}, ${vocabulary.toLocaleString('en')} tokens (a title: ${titleTokens})`;
  });
  const loads = runs.map(({ load }) => load.toFixed(1)).join(', ');
  const answered = models.map((model) => {
    const counts = of(model).map(({ ended, valid }) => `${ended} ended, ${valid} of them valid`);
    return `- ${model}: ${[...new Set(counts)].join('; ')}.`;
  });
  return `# What constraints and ranking cost

Made by \`npm run bench constraints\` and \`npm run bench constraints -- <folder>\` in Node ${node}, ${processor}, other work beside it (load in the minute before each run: ${loads}); onnxruntime-node with one thread. Milliseconds, the runs of a
model separated by semicolons. The latest four constraints of a model are kept with what their steps allow, so that the second answer pays none of "the first time".

${table(['', ...heads], rows)}

## A string without a bound

\`{name: string, age: integer}\`, both required, at temperature 1 with ${SEEDS} seeds, 100 tokens at most:

${answered.join('\n')}
`;
}
