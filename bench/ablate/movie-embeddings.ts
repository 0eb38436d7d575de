/**
 * On MovieLens: people as what they liked first, asked for a film by a genre or a decade. Films are sentence-encoder vectors of their title, genres and
 * decade, as a device would have them, and items of a factorisation; what differs is how a person's films become an embedding.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Condition } from '../../src/evaluate/index.ts';
import { fuseEmbeddings, loadSentenceEncoder } from '../../src/node.ts';
import { weighByQuestion } from '../../src/projector/weigh-by-question.ts';
import type { Example, Users } from '../../src/train.ts';
import { type Random, seededRandom } from '../../tools/world/random.ts';
import { createEmbedder } from '../movielens/als-people.ts';
import { CONFIG, makeMovieModel } from '../movielens/base-model.ts';
import { earlier, later, type Person, readMovieLens, splitPeople } from '../movielens/ratings.ts';
import { chooseAls } from '../movielens/reference.ts';
import { askByWord, wordsOf } from '../movielens/texts.ts';
import { openStudy, type People } from '../study.ts';
import { type ComparedVariant, compareVariants } from './compare.ts';
import { type Budget, CACHE, FUSED_SPACE, fitFusionOf, withFusion } from './fusion.ts';

const DATA = '../shared/data/movielens-latest-small';
const ENCODER = '../shared/models/all-minilm-l6-v2';
const [SPLIT, SEED] = [3, 1];
const [BATCH, DROPOUT] = [32, 0.3];
/** Of training people parts of their likes, and targets of each part; titles of each test person. */
const [VIEWS, TARGETS, TITLES] = [4, 4, 8];
/** Films of a person, the latest: as many vectors as a set may have. */
const MOST = 64;
const TEMPERATURES = [0.03, 0.1];
const PEERS = { clusters: 16 };
/** What suits the validation people of this split best (`bench movielens`). */
const ALS = { dim: 32, alpha: 30, regularisation: 20 };
const FOLDS = 3;
export const MOVIE_CONFIG = {
  ...CONFIG,
  ...{ vocabSize: 2048, hiddenSize: 96, intermediateSize: 192, layers: 3, heads: 6, kvHeads: 3 },
};
export const MOVIE_CHATS = { search: 4000, tastes: 6400, between: 13_600 };

export interface MovieEmbeddings {
  readonly people: { readonly train: number; readonly validation: number; readonly test: number };
  readonly titles: number;
  readonly steps: number;
  readonly batch: number;
  readonly seeds: number;
  readonly dropout: number;
  readonly clusters: number;
  /** Held-out nats per token of the first seed, on the validation people. */
  readonly temperatures?: readonly { readonly temperature: number; readonly nats: number }[];
  readonly question?: readonly ComparedVariant[];
  readonly peers?: readonly ComparedVariant[];
  readonly fusion?: readonly { readonly known: string; readonly variants: readonly ComparedVariant[] }[];
}

/** Somebody at one moment: what is known of them, and one film that they liked later. */
interface Moment {
  readonly user: string;
  readonly group: string;
  readonly known: readonly number[];
  /** By the factorisation. */
  readonly clicks: Float32Array;
  readonly title: number;
  readonly asked: string;
}

/** @param sections which comparisons are made; default all */
export async function movieEmbeddings(
  { steps, seeds }: Budget,
  sections: readonly string[] = ['question', 'peers', 'fusion'],
): Promise<MovieEmbeddings> {
  const all = Array.from({ length: seeds }, (_, i) => i + 1);
  const { movies, people: everybody } = readMovieLens(DATA);
  const people = splitPeople(everybody, SPLIT);
  const folder = `${CACHE}/base`;
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'tokenizer_config.json'))) {
    const ask = askByWord(movies, seededRandom(SEED, 'asked'));
    await makeMovieModel({
      ...{ folder, movies, people, als: chooseAls(people, movies.titles.length, SEED), seed: SEED, ask },
      ...{ workers: 1, config: MOVIE_CONFIG, chats: MOVIE_CHATS, log: (line) => console.log(line) },
    });
  }
  const embedder = createEmbedder({
    ...{ people: people.train, titles: movies.titles.length, setting: ALS, seed: SEED, folds: FOLDS },
  });

  const random = seededRandom(SEED, 'moments');
  const asks = askByWord(movies, random, 1);
  const moment =
    (user: string, person: Person, known: readonly number[], clicks: Float32Array) =>
    (title: number): Moment => ({
      ...{ user, group: person.id, known: known.slice(-MOST), clicks, title, asked: asks(title, 0) },
    });
  const later10 = (who: readonly Person[]) =>
    who.flatMap((person) =>
      random
        .shuffled(later(person))
        .slice(0, TITLES)
        .map(moment(person.id, person, earlier(person), embedder.embed(earlier(person)))),
    );
  const train = people.train.flatMap((person, index) =>
    partsOf(person, random).flatMap(({ user, known, targets }) =>
      targets.map(moment(user, person, known, embedder.embedKnown(index, known))),
    ),
  );
  const [validation, test] = [later10(people.validation), later10(people.test)];

  const textOf = (title: number) => `${movies.titles[title]}: ${wordsOf(movies, title).join(', ')}`;
  const texts = [
    ...new Set(
      [...train, ...validation, ...test].flatMap(({ known, asked }) => [...known.map(textOf), asked]),
    ),
  ];
  const vectors = sections.some((name) => name !== 'peers')
    ? await readAll(texts)
    : new Map<string, Float32Array>();
  const read = (text: string) => vectors.get(text)!;
  const words = ({ known }: Moment) =>
    weighByQuestion(
      known.map((t) => read(textOf(t))),
      undefined,
      { temperature: 1 },
    );
  const weighed =
    (temperature: number) =>
    ({ known, asked }: Moment) =>
      weighByQuestion(
        known.map((t) => read(textOf(t))),
        read(asked),
        { temperature },
      );

  const usersBy = (way: (m: Moment) => Float32Array): Users => {
    const rows = new Map(train.map((m) => [m.user, way(m)]));
    return { rows, dim: rows.values().next().value!.length };
  };
  const peopleBy = (moments: readonly Moment[], way: (m: Moment) => Float32Array): People => {
    const rows = new Map<string, Float32Array>();
    const examples = moments.map((m, i): Example => {
      const user = `${m.user} ${m.asked}`;
      rows.set(user, rows.get(user) ?? way(m));
      const messages = [{ role: 'user' as const, content: m.asked }];
      return {
        user,
        group: m.group,
        messages,
        target: movies.titles[m.title]!,
        persona: undefined,
        line: i + 1,
      };
    });
    return { users: { rows, dim: rows.values().next().value!.length }, examples };
  };
  const parts = (way: (m: Moment) => Float32Array) => ({
    ...{ train: peopleBy(train, way), validation: peopleBy(validation, way), test: peopleBy(test, way) },
  });

  const alone = (beside: boolean | undefined) => {
    const made = fitFusionOf(
      { clicks: usersBy(({ clicks }) => clicks) },
      beside === undefined ? {} : { peers: { ...PEERS, beside } },
    );
    return (m: Moment) => fuseEmbeddings(made, [{ space: 'clicks', values: m.clicks }]).values;
  };

  const studyOf = (way: (m: Moment) => Float32Array, of = all) =>
    openStudy({
      ...{ folder: `${CACHE}/movielens`, model: folder, dtype: 'fp32', ...parts(way), seeds: of, lanes: 1 },
      recipe: [
        ...[
          '--steps',
          `${steps}`,
          '--batch',
          `${BATCH}`,
          '--lr',
          '0.003',
          '--hidden',
          '256',
          '--patience',
          `${steps}`,
        ],
        ...['--looked', '512', '--space', FUSED_SPACE, '--no-reference', '--prefix-dropout', '0.05'],
      ],
      evaluation: ['--shuffles', '1', '--ranked', '0', '--generated', '0', '--batch', '32', '--by-group'],
    });
  /** One way of making embeddings, trained and measured. */
  const measured = async (
    name: string,
    label: string,
    way: (m: Moment) => Float32Array,
    conditions: readonly Condition[] = ['true'],
  ) => {
    const study = studyOf(way);
    const projectors = (await study.train([{ name, flags: [] }])).get(name)!;
    return { label, report: (await study.evaluate([{ name, projectors, conditions }])).get(name)! };
  };

  const none = ['none', 'shuffled', 'true'] as const;
  const comparedPeers = async () =>
    compareVariants([
      await measured('clicks', 'plain vector (factorisation)', alone(undefined), none),
      await measured('difference', 'difference to peers alone', alone(false)),
      await measured('beside', 'difference beside the vector', alone(true)),
    ]);
  const comparedQuestion = async () => {
    const temperatures: { temperature: number; nats: number }[] = [];
    for (const temperature of TEMPERATURES) {
      const name = `tried-${temperature}`;
      const study = studyOf(weighed(temperature), [1]);
      const projectors = (await study.train([{ name, flags: [] }])).get(name)!;
      const found = await study.evaluate([
        { name, projectors, conditions: ['true'], test: peopleBy(validation, weighed(temperature)) },
      ]);
      temperatures.push({ temperature, nats: found.get(name)!.conditions.true!.nll.mean });
    }
    const { temperature } = temperatures.reduce((best, each) => (each.nats < best.nats ? each : best));
    const label = `weighed by the question, τ = ${temperature}`;
    const question = compareVariants([
      await measured('words', 'plain vector (mean of the films)', words, none),
      await measured('weighed', label, weighed(temperature)),
    ]);
    return { temperatures, question };
  };
  const comparedFusion = async () => {
    const sources = { clicks: ({ clicks }: Moment) => clicks, words };
    const fusion = fitFusionOf({ clicks: usersBy(sources.clicks), words: usersBy(words) });
    const fused = (known: readonly (keyof typeof sources)[]) => (m: Moment) =>
      fuseEmbeddings(
        fusion,
        known.map((space) => ({ space, values: sources[space](m) })),
      ).values;
    const ways = [
      { name: 'fused', label: 'fused, neither', flags: [] },
      { name: 'dropout', label: 'source dropout', flags: withFusion(fusion, DROPOUT, '--no-gate') },
      { name: 'gate', label: 'gates', flags: withFusion(fusion, 0) },
      { name: 'gate-dropout', label: 'gates and source dropout', flags: withFusion(fusion, DROPOUT) },
    ];
    const study = studyOf(fused(['clicks', 'words']));
    const files = await study.train(ways);
    const known = [
      { name: 'both', label: 'both sources', test: peopleBy(test, fused(['clicks', 'words'])) },
      { name: 'clicks', label: 'the factorisation alone', test: peopleBy(test, fused(['clicks'])) },
      { name: 'words', label: 'the words alone', test: peopleBy(test, fused(['words'])) },
    ];
    const reports = await study.evaluate(
      ways.flatMap((way) =>
        known.map(({ name, test: who }) => ({
          ...{ name: `${way.name}-${name}`, projectors: files.get(way.name)!, test: who },
          conditions: name === 'both' ? (['none', 'mean', 'true'] as const) : (['true'] as const),
        })),
      ),
    );
    const by = (name: string, condition?: 'mean') =>
      compareVariants(
        ways.map((way) => ({ label: way.label, report: reports.get(`${way.name}-${name}`)! })),
        condition,
        reports.get('fused-both')!,
      );
    return [
      ...known.map(({ name, label }) => ({ known: label, variants: by(name) })),
      { known: 'no source: the mean user', variants: by('both', 'mean') },
    ];
  };
  return {
    people: { train: people.train.length, validation: people.validation.length, test: people.test.length },
    ...{ titles: test.length, steps, batch: BATCH, seeds, dropout: DROPOUT, clusters: PEERS.clusters },
    ...(sections.includes('question') && (await comparedQuestion())),
    ...(sections.includes('peers') && { peers: await comparedPeers() }),
    ...(sections.includes('fusion') && { fusion: await comparedFusion() }),
  };
}

async function readAll(texts: readonly string[]): Promise<ReadonlyMap<string, Float32Array>> {
  const encoder = await loadSentenceEncoder({ id: ENCODER });
  const flat = await encoder.encode(texts);
  const { dim } = encoder;
  await encoder.release();
  return new Map(texts.map((text, i) => [text, flat.subarray(i * dim, (i + 1) * dim)]));
}

/** Parts of a training person's likes, what came first and any, and films that are not among them. */
function partsOf({ id, likes }: Person, random: Random) {
  return Array.from({ length: VIEWS }, (_, view) => {
    const order = view % 2 === 0 ? likes : random.shuffled(likes);
    const cut = Math.round(likes.length * (0.3 + 0.4 * random.next()));
    return {
      user: `${id}.${view}`,
      known: order.slice(0, cut),
      targets: random.shuffled(order.slice(cut)).slice(0, TARGETS),
    };
  });
}
