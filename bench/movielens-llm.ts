/**
 * Ratings → soft tokens → a real LLM, which knows films from its own reading: does a projector that is anchored in the vocabulary do more than
 * one whose output is a free vector? `npm run bench movielens-llm [-- --data <folder>] [--model <folder>] [--steps 60] [--batch 8] [--seeds 1]`.
 * Hours on a CPU where many steps are asked for: `--trained <folder>` has constant-1.safetensors, free-1.safetensors, anchored-1.safetensors …
 * from the same rows instead, trained on a GPU by examples/pytorch. The data may be measured with, not shipped: only figures are written.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Condition, EvaluationReport } from '../src/evaluate/index.ts';
import { loadModel } from '../src/node.ts';
import { readProjector } from '../src/train.ts';
import { seededRandom } from '../tools/world/random.ts';
import { PERSONA_TOKENS, testExamples, trainingExamples } from './movielens/examples.ts';
import { type Movies, readMovieLens, splitPeople } from './movielens/ratings.ts';
import { chooseAls } from './movielens/reference.ts';
import { taste } from './movielens/texts.ts';
import { commandOf, writeResults } from './results.ts';
import { interval, negative, table } from './results-table.ts';
import { openStudy, type People } from './study.ts';

const CACHE = '.cache/movielens-llm';
const SEED = 1;
const SPLIT = 3;
const VIEWS = 6;
/** Titles of each test person: the LLM takes a tenth of a second for each, in each condition. */
const TITLES = 4;
const ANCHORS = 4000;
const SLOT = [
  ...['--slot', 'system-start:The user loves films like{soft}.'],
  ...['--slot', 'user-end: It should be like{soft}.'],
];
const CONDITIONS = ['none', 'constant', 'mean', 'shuffled', 'true', 'text'] as const satisfies Condition[];

export async function benchMovielensLlm(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: '../shared/data/movielens-latest-small' },
      model: { type: 'string', default: '../shared/models/smollm2-135m-instruct' },
      steps: { type: 'string', default: '60' },
      batch: { type: 'string', default: '8' },
      seeds: { type: 'string', default: '1' },
      trained: { type: 'string' },
    },
  });
  const { movies, people: everybody } = readMovieLens(values.data);
  const people = splitPeople(everybody, SPLIT);
  const als = chooseAls(people, movies.titles.length, SEED);
  const model = await loadModel({ model: values.model, dtype: 'q4' });
  const { codec } = model;
  const others = (who: typeof people.test, label: string) =>
    someOfEach(testExamples(who, movies, als.embedder, { codec, random: seededRandom(SEED, label) }), TITLES);
  mkdirSync(CACHE, { recursive: true });
  const align = writeAlignment(people.train, movies, als.embedder);
  const recipe = [
    ...['--steps', values.steps, '--batch', values.batch, '--patience', values.steps, '--lr', '0.003'],
    ...['--model-id', 'HuggingFaceTB/SmolLM2-135M-Instruct', '--requantised', '--looked', '48', ...SLOT],
    ...['--checkpoint-every', '10'],
  ];
  const study = openStudy({
    ...{ folder: join(CACHE, 'study'), model: values.model, dtype: 'q4', recipe },
    train: trainingExamples(people.train, movies, als.embedder, {
      ...{ views: VIEWS, random: seededRandom(SEED, 'views') },
    }),
    validation: others(people.validation, 'validation'),
    test: others(people.test, 'test'),
    seeds: Array.from({ length: Number(values.seeds) }, (_, i) => i + 1),
    evaluation: ['--shuffles', '1', '--ranked', '0', '--generated', '0'],
  });
  const aligned = ['--align', align, '--align-steps', '300'];
  const files =
    values.trained === undefined
      ? await study.train([
          { name: 'constant', flags: ['--constant'] },
          { name: 'free', flags: aligned },
          { name: 'anchored', flags: [...aligned, '--anchors', `${ANCHORS}`] },
        ])
      : trainedFiles(values.trained, Number(values.seeds));
  const reports = await study.evaluate(
    KINDS.map((name) => ({
      ...{ name, projectors: files.get(name)!, constants: files.get('constant')! },
      conditions: name === 'free' ? CONDITIONS : CONDITIONS.filter((c) => c !== 'text'),
    })),
  );
  const [one] = files.get('free')!;
  const { training = {} } = readProjector(readFileSync(one!), one).contract;
  const told = { ...values, steps: `${training.steps}`, batch: `${training.batch}` };
  const text = page(reports, commandOf('movielens-llm', args), told, people.train.length);
  writeResults('movielens', 'real LLM', text);
}

const KINDS = ['free', 'anchored'] as const;

const trainedFiles = (folder: string, seeds: number): ReadonlyMap<string, string[]> =>
  new Map(
    ['constant', ...KINDS].map((kind) => [
      kind,
      Array.from({ length: seeds }, (_, i) => join(folder, `${kind}-${i + 1}.safetensors`)),
    ]),
  );

/** At most so many examples of one user, the first. */
function someOfEach({ users, examples }: People, most: number): People {
  const taken = new Map<string, number>();
  const kept = examples.filter(({ user }) => {
    taken.set(user, (taken.get(user) ?? 0) + 1);
    return taken.get(user)! <= most;
  });
  return { users, examples: kept };
}

/** Parts of training people's likes, and the genres and decades that are most in them: words that soft tokens learn to point at first. */
function writeAlignment(
  people: ReturnType<typeof splitPeople>['train'],
  movies: Movies,
  embedder: ReturnType<typeof chooseAls>['embedder'],
): string {
  const random = seededRandom(SEED, 'alignment');
  const rows = people.flatMap(({ likes }, index) =>
    Array.from({ length: VIEWS }, () => {
      const some = random.shuffled(likes).slice(0, Math.ceil(likes.length / 2));
      const words = taste(movies, some).join(' ').toLowerCase();
      return JSON.stringify({ embedding: [...embedder.embedKnown(index, some)], words });
    }),
  );
  const hash = createHash('sha256').update(rows.join()).digest('hex').slice(0, 12);
  const file = join(CACHE, `align-${hash}.jsonl`);
  writeFileSync(file, rows.join('\n'));
  return file;
}

function page(
  reports: ReadonlyMap<string, EvaluationReport>,
  command: string,
  {
    steps,
    batch,
    seeds,
    trained,
  }: Readonly<Record<'steps' | 'batch' | 'seeds', string>> & {
    readonly trained?: string | undefined;
  },
  people: number,
): string {
  const main = reports.get('free')!;
  const minus = (kind: string, condition: Condition) => {
    const found = reports.get(kind)!.conditions[condition]!.minusTrue!;
    return interval(negative(found), 3);
  };
  const against = ['shuffled', 'constant', 'mean', 'none'] as const;
  return `## A real LLM: SmolLM2-135M-Instruct

Made by \`${command}\` on split ${SPLIT}: ${people} people to train on, ${main.users} to test, up to ${TITLES} later titles of each (${main.examples} titles, ${main.targetTokens} tokens, the same in every condition). The LLM (q4, float activations) was never
trained on ratings; it knows films from its own reading. User embedding: ALS fold-in as above. Slot: "The user loves films like{soft}." and "It should be like{soft}." Both projectors were first aligned to the genres and decades of training people's likes,
then trained ${steps} steps of ${batch} on later titles (${seeds} ${seeds === '1' ? 'seed' : 'seeds'}${trained === undefined ? '' : ', by examples/pytorch on a GPU, in bfloat16'}); *anchored*: its output is a mixture of ${ANCHORS} words. *text*: top genres, decades and latest titles, at most ${PERSONA_TOKENS} tokens. Intervals are 95 %, over people${seeds === '1' ? '' : ' and seeds'}.
A projector of this page's other sections has 2,000 steps of 32.

| nats per title token | ${KINDS.join(' | ')} |
| --- | --- | --- |
${against.map((c) => `| true − ${c} | ${KINDS.map((kind) => minus(kind, c)).join(' | ')} |`).join('\n')}

${table(
  ['condition', 'nats per title token'],
  [
    ...CONDITIONS.filter((c) => c !== 'true').map((c) => [c, main.conditions[c]!.nll.mean.toFixed(3)]),
    ...KINDS.map((kind) => [`true, ${kind}`, reports.get(kind)!.conditions.true!.nll.mean.toFixed(3)]),
  ],
)}
`;
}
