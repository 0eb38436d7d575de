/**
 * Real people's ratings as text (the paper's music and podcast case): does a soft token made from what a person liked first tell what they like later?
 * `npm run bench movielens [-- --data <folder>] [--seeds 3] [--steps 2000] [--tokens 1,2,4,8] [--split 3]`. The data may be measured with, not shipped: only figures are written.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  bootstrapMean,
  CONDITIONS,
  type EvaluationReport,
  type Interval,
  pairedDifference,
} from '../src/evaluate/index.ts';
import { buildInput } from '../src/generate/prompt.ts';
import { type BaseModel, createRuntime, loadModel } from '../src/node.ts';
import { project } from '../src/projector/projector.ts';
import { readProjector } from '../src/train.ts';
import { seededRandom } from '../tools/world/random.ts';
import { CHATS, CONFIG, makeMovieModel, STRENGTH } from './movielens/base-model.ts';
import { recommend, titleTrie } from './movielens/beam.ts';
import { PERSONA_TOKENS, testExamples, trainingExamples } from './movielens/examples.ts';
import { earlier, type Person, readMovieLens, splitPeople } from './movielens/ratings.ts';
import {
  type Als,
  chooseAls,
  minusAls,
  type ReferenceNats,
  recall,
  referenceNats,
  topTitles,
} from './movielens/reference.ts';
import { PROMPT } from './movielens/texts.ts';
import { commandOf, writeResults } from './results.ts';
import { conditionTable, interval, negative, table, textTable } from './results-table.ts';
import { splitSeed } from './split.ts';
import { openStudy } from './study.ts';

const CACHE = '.cache/movielens';
const SEED = 1;
/** In four bits a model as small as this loses 0.2 nats per title, more than is to be measured. */
const DTYPE = 'fp32';
const VIEWS = 24;
/** The best on the validation people of ten that were tried by hand; the others differed in steps, batch, rate, width, noise and dropout. */
const RECIPE = ['--lr', '0.003', '--hidden', '512', '--prefix-dropout', '0'];
const CONTROLS = ['none', 'constant', 'mean', 'shuffled'] as const;
const BEAM = { count: 20, width: 128 };

export async function benchMovielens(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: '../shared/data/movielens-latest-small' },
      seeds: { type: 'string', default: '3' },
      steps: { type: 'string', default: '2000' },
      tokens: { type: 'string', default: '1,2,4,8' },
      // On the people of 1 and 2 an earlier base model had been measured before this one was made.
      split: { type: 'string', default: '3' },
    },
  });
  const softTokens = values.tokens.split(',').map(Number);
  if (softTokens[0] !== 1)
    throw new Error(`--tokens is ${values.tokens}, expected a list that begins with 1`);
  const { movies, people: everybody } = readMovieLens(values.data);
  const people = splitPeople(everybody, splitSeed(values.split));
  const cache = join(CACHE, `split-${values.split}`);
  const als = chooseAls(people, movies.titles.length, SEED);
  const folder = join(cache, 'base');
  mkdirSync(folder, { recursive: true });
  await makeMovieModel({ folder, movies, people, als, seed: SEED, log: (line) => console.log(line) });
  const model = await loadModel({ model: folder, dtype: DTYPE });

  const others = (who: readonly Person[], label: string, known?: Known) =>
    testExamples(who, movies, als.embedder, {
      ...{ codec: model.codec, random: seededRandom(SEED, label) },
      ...(known && { known }),
    });
  const test = others(people.test, 'test');
  const study = openStudy({
    ...{ folder: join(cache, 'study'), model: folder, dtype: DTYPE },
    train: trainingExamples(people.train, movies, als.embedder, {
      ...{ views: VIEWS, random: seededRandom(SEED, 'views') },
    }),
    validation: others(people.validation, 'validation'),
    test,
    seeds: Array.from({ length: Number(values.seeds) }, (_, i) => i + 1),
    recipe: [
      '--steps',
      values.steps,
      '--batch',
      '32',
      '--patience',
      String(Math.ceil(Number(values.steps) / 2)),
      ...RECIPE,
    ],
    evaluation: ['--shuffles', '3', '--ranked', '200', '--by-group'],
  });
  const files = await study.train([
    ...softTokens.map((k) => ({ name: `k${k}`, flags: ['--tokens', `${k}`] })),
    { name: 'constant', flags: ['--constant'] },
  ]);
  const reports = await study.evaluate([
    ...softTokens.map((k) => ({
      name: `k${k}`,
      projectors: files.get(`k${k}`)!,
      constants: files.get('constant')!,
      conditions: k === 1 ? CONDITIONS : [...CONTROLS, 'true' as const],
      ...(k > 1 && { flags: ['--ranked', '0', '--generated', '0'] }),
    })),
    ...HISTORIES.map(({ name, known }) => ({
      ...{ name, projectors: files.get('k1')!, test: others(people.test, 'test', known) },
      conditions: ['none', 'true'] as const,
      flags: ['--ranked', '0', '--generated', '0'],
    })),
  ]);
  const recalls = await measureRecall(model, people.test, als, movies.titles, files.get('k1')!);
  const reference = referenceNats(als, people.test, test.targets);
  const command = commandOf('movielens', args);
  const facts = {
    ...{ command, steps: values.steps, softTokens, split: values.split, als, reference, recalls },
    people: { train: people.train.length, validation: people.validation.length },
    titles: movies.titles.length,
  };
  writeResults('movielens', `movielens split ${values.split}`, page(reports, facts));
}

type Known = (likes: readonly number[]) => readonly number[];

/** What an embedding may be made of, instead of all earlier likes; the later ones, which are told, stay the same. */
const HISTORIES: readonly { readonly name: string; readonly label: string; readonly known: Known }[] = [
  ...[1, 3, 10, 30].map((n) => ({
    ...{ name: `last${n}`, label: `the latest ${n}` },
    known: (likes: readonly number[]) => likes.slice(-n),
  })),
  { name: 'newer', label: 'the newer half', known: (likes) => likes.slice(likes.length >> 1) },
  {
    name: 'older',
    label: 'the older half',
    known: (likes) => likes.slice(0, likes.length - (likes.length >> 1)),
  },
];

interface Recalls {
  readonly popularity: readonly number[];
  readonly als: readonly number[];
  readonly none: readonly number[];
  /** Mean over the training seeds. */
  readonly own: readonly number[];
}

async function measureRecall(
  model: BaseModel,
  people: readonly Person[],
  als: Als,
  titles: readonly string[],
  projectors: readonly string[],
): Promise<Recalls> {
  const runtime = createRuntime();
  const end = model.config.eosTokenIds[0]!;
  const trie = titleTrie(titles.map((title) => [...model.codec.encode(title), end]));
  const known = people.map((p) => new Set(earlier(p)));
  const beam = async (vectorsOf: (person: Person) => readonly Float32Array[]) => {
    const prompts = people.map((person, i) => {
      const vectors = vectorsOf(person);
      const input = buildInput(model, [{ role: 'user', content: PROMPT }], { vectors, slot: 'after-bos' });
      const softPositions = [...(input.soft?.keys() ?? [])];
      return { ids: input.ids, softPositions, soft: vectors, known: known[i]! };
    });
    const found = await recommend(prompts, { model, runtime, trie, softTokens: 1, ...BEAM });
    return people.map((person, i) => recall(person, found[i]!));
  };
  const bySeed: number[][] = [];
  for (const file of projectors) {
    const projector = readProjector(readFileSync(file), file);
    bySeed.push(await beam((person) => project(projector, als.embedder.embed(earlier(person)))));
  }
  const plain = (weight?: number) =>
    people.map((p, i) => recall(p, topTitles(als.nats(earlier(p), weight), known[i]!, BEAM.count)));
  return {
    ...{ popularity: plain(0), als: plain(), none: await beam(() => []) },
    own: people.map((_, i) => bySeed.reduce((sum, list) => sum + list[i]! / bySeed.length, 0)),
  };
}

interface Facts {
  readonly command: string;
  readonly steps: string;
  readonly softTokens: readonly number[];
  readonly split: string;
  readonly als: Als;
  readonly reference: ReferenceNats;
  readonly recalls: Recalls;
  readonly people: { readonly train: number; readonly validation: number };
  readonly titles: number;
}

function page(reports: ReadonlyMap<string, EvaluationReport>, facts: Facts): string {
  const { command, steps, softTokens, split, als, reference, recalls, people, titles } = facts;
  const main = reports.get('k1')!;
  const gain = (k: number) => negative(reports.get(`k${k}`)!.conditions.none!.minusTruePerTarget!);
  const isClear = softTokens.map((k) =>
    CONTROLS.every((c) => reports.get(`k${k}`)!.conditions[c]!.minusTruePerTarget!.low > 0),
  );
  const text = main.conditions.text!;
  const recallRow = (name: string, values: readonly number[]) => [
    name,
    percent(bootstrapMean(values)),
    name === 'ALS' ? '' : percent(pairedDifference(values, recalls.als), true),
  ];
  return `## Split ${split}

Made by \`${command}\` on MovieLens latest-small (Harper & Konstan, ACM TiiS 5(4), 2015; research licence: nothing made from it is kept here but these figures).
A title is liked from 4 stars on; people with at least 10 likes, split at random: ${people.train} train, ${people.validation} validate (they choose the ALS setting, and when training stops), ${main.users} test. The earlier half of a person's likes is the
user, up to 20 titles of the later half are the targets: ${main.examples} titles, ${main.targetTokens} tokens, the same in every condition. Catalogue: ${titles} titles, without their years.

Base model: a Llama of ${CONFIG.layers} layers, H = ${CONFIG.hiddenSize}, V = ${CONFIG.vocabSize} (1.5 M parameters), pretrained with the code of the default model, float32, frozen. It read every title with its genres and decade, ${CHATS.search} chats in which films are asked for by those words, ${CHATS.tastes} of people who are made up by a taste for a few genres and decades,
${CHATS.between} of people between two training people as ALS sees them (popularity and ${STRENGTH.map((s) => s * als.weight).join(' to ')} × score), and some windows of training people's real histories: it knows films and tastes, and nobody by heart.
User embedding: ALS fold-in (d = ${als.setting.dim}, α = ${als.setting.alpha}, λ = ${als.setting.regularisation}); a training person is folded in with factors that were fitted without them, turned into the common space (orthogonal Procrustes),
${VIEWS} parts of their likes each. Projector: ${steps} steps of 32, \`${RECIPE.join(' ')}\`, ${main.seeds} training seeds. Text persona: top genres and decades and the latest titles, at most ${PERSONA_TOKENS} tokens. Intervals are 95 %, over people, seeds and shuffles (pigeonhole bootstrap).

${conditionTable(main, 'title')}

| without a language model, same targets | nats per title |
| --- | --- |
| popularity | ${nats(reference.popularity)} |
| popularity and ${als.weight} × ALS score (weight chosen on the validation people) | ${nats(reference.als)} |
| difference | ${interval(reference.gain, 3)} |

- True beats none, constant, mean and shuffled, per title, each interval clear of zero: ${softTokens.map((k, i) => `K = ${k} ${yes(isClear[i]!)}`).join(', ')}.
- Gain of the soft token over none: ${interval(gain(1), 3)} nats per title, over the constant soft token: ${interval(negative(main.conditions.constant!.minusTruePerTarget!), 3)}; of ALS over popularity: ${interval(reference.gain, 3)}. At least as much over none: ${softTokens.map((k) => `K = ${k} ${yes(gain(k).mean <= reference.gain.mean)}`).join(', ')}.
- Text persona against true: ${interval(text.minusTruePerTarget!, 3)} nats per title (above zero: the soft token is better), for ${(text.generated!.prefillTokens - main.conditions.none!.generated!.prefillTokens).toFixed(0)} more tokens to read; the soft token costs ${main.conditions.true!.generated!.prefillTokens - main.conditions.none!.generated!.prefillTokens}.
- The base model is far from popularity itself: it spells titles, and gives probability to texts that are no title. What a constant soft token gains is part of the gain over none; the comparison with ALS has both.

By number of soft tokens, nats per title:

${table(
  ['K', ...CONTROLS.map((c) => `true − ${c}`)],
  softTokens.map((k) => [
    `${k}`,
    ...CONTROLS.map((c) => interval(negative(reports.get(`k${k}`)!.conditions[c]!.minusTruePerTarget!), 3)),
  ]),
)}

Against ALS, the difference of the two gains within each person; below zero: the soft token gains more.

${table(
  ['K', '(true − none) − (ALS − popularity)', '(true − constant) − (ALS − popularity)'],
  softTokens.map((k) => [
    `${k}`,
    ...(['none', 'constant'] as const).map((c) => interval(minusAls(reports.get(`k${k}`)!, c, reference), 3)),
  ]),
)}

By what the embedding is made of, K = 1 (projectors trained on parts of a history, of 30 to 70 %). The halves have equally many likes: their difference is what a history loses by growing old.

${table(
  ['earlier likes in the embedding', 'true − none, nats per title'],
  [
    ...HISTORIES.map(({ name, label }) => [
      label,
      interval(negative(reports.get(name)!.conditions.none!.minusTruePerTarget!), 3),
    ]),
    ['all', interval(gain(1), 3)],
  ],
)}

Recall@20 of later likes (of at most 20), titles known already left out; beam of ${BEAM.width} prefixes over the catalogue, K = 1:

${table(
  ['', 'recall@20', 'minus ALS'],
  [
    recallRow('popularity', recalls.popularity),
    recallRow('ALS', recalls.als),
    recallRow('base model, no soft token', recalls.none),
    recallRow('base model, true soft token', recalls.own),
  ],
)}

${textTable(main)}

Greedy texts of ${main.generated} prompts, first training seed, onnxruntime-node on one thread; times on a busy machine. hits@1 compares nats per token, between titles; it is near chance (0.05) in every condition: how a title is spelled outweighs who is asked.
`;
}

const yes = (is: boolean): string => (is ? 'yes' : '**no**');

const nats = ({ mean, low, high }: Interval): string =>
  `${mean.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;

function percent({ mean, low, high }: Interval, isDifference = false): string {
  const of = (v: number) =>
    `${isDifference ? (v < 0 ? '−' : '+') : v < 0 ? '−' : ''}${(100 * Math.abs(v)).toFixed(1)}`;
  return `${of(mean)} % [${of(low)}, ${of(high)}]`;
}
