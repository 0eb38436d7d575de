/** On the default model: readers whom two services know, each by clicks on half of the items; and difference to peers of those embeddings. */
import { fuseEmbeddings } from '../../src/node.ts';
import { WORLD_SEED } from '../../tools/default/default-setup.ts';
import { embeddingOf, embedReaders } from '../../tools/world/embed.ts';
import type { Reader } from '../../tools/world/reader.ts';
import { buildWorld, readersOf } from '../../tools/world/world.ts';
import { openStudy, type Variant } from '../study.ts';
import { type ComparedVariant, compareVariants } from './compare.ts';
import { type Budget, CACHE, FUSED_SPACE, fitFusionOf, withFusion } from './fusion.ts';
import { foldedIn, readersAsPeople, type Views } from './readers.ts';

const [TRAIN_PER_TASK, TEST_PER_TASK] = [800, 100];
const DROPOUT = 0.3;

export interface FusedWorld {
  readonly steps: number;
  readonly seeds: number;
  readonly dropout: number;
  readonly readers: number;
  readonly peers: readonly ComparedVariant[];
  /** By what is known of a reader: each way of training. */
  readonly fusion: readonly { readonly known: string; readonly variants: readonly ComparedVariant[] }[];
}

export async function fusedWorld({ steps, seeds: count }: Budget): Promise<FusedWorld> {
  const seeds = Array.from({ length: count }, (_, i) => i + 1);
  const world = buildWorld({ seed: WORLD_SEED });
  const embeddings = embedReaders(world);
  const people = (views: Views) => {
    const of = (split: 'train' | 'test') =>
      readersAsPeople({ world, split, perTask: split === 'train' ? TRAIN_PER_TASK : TEST_PER_TASK, views });
    return { train: of('train'), test: of('test') };
  };
  const trained = readersOf(world, 'train');
  const usersBy = (vectorOf: (reader: Reader) => Float32Array) => ({
    dim: embeddings.dim,
    rows: new Map(trained.map((reader) => [reader.id, vectorOf(reader)])),
  });

  // Two services: one has the items of even rows, the other those of odd ones.
  const half = (parity: number) => (reader: Reader) =>
    foldedIn(
      embeddings,
      world.clicks[reader.index]!.filter((item) => item % 2 === parity),
    );
  const sources = { one: half(0), other: half(1) };
  const fusion = fitFusionOf({ one: usersBy(sources.one), other: usersBy(sources.other) });
  const fused =
    (known: readonly (keyof typeof sources)[]): Views =>
    (reader) => [
      fuseEmbeddings(
        fusion,
        known.map((space) => ({ space, values: sources[space](reader) })),
      ).values,
    ];
  const both = people(fused(['one', 'other']));

  const plainOf = (reader: Reader) => embeddingOf(embeddings, reader.index);
  const withPeers = (beside: boolean | undefined) => {
    const made = fitFusionOf({ all: usersBy(plainOf) }, beside === undefined ? {} : { peers: { beside } });
    return people((reader) => [fuseEmbeddings(made, [{ space: 'all', values: plainOf(reader) }]).values]);
  };
  const peers = [
    { name: 'plain', label: 'plain vector', people: withPeers(undefined) },
    { name: 'difference', label: 'difference to peers alone', people: withPeers(false) },
    { name: 'beside', label: 'difference beside the vector', people: withPeers(true) },
  ];

  const study = openStudy({
    ...{ folder: `${CACHE}/world`, model: 'public/models/e2p-tiny', ...both, seeds, lanes: 1 },
    recipe: [
      '--steps',
      `${steps}`,
      '--batch',
      '32',
      '--held-out',
      '0',
      '--space',
      FUSED_SPACE,
      '--no-reference',
    ],
    evaluation: ['--shuffles', '1', '--ranked', '0', '--generated', '0', '--batch', '32', '--by-group'],
  });
  const ways: readonly (Variant & { readonly label: string })[] = [
    { name: 'fused', label: 'fused, neither', flags: [] },
    { name: 'dropout', label: 'source dropout', flags: withFusion(fusion, DROPOUT, '--no-gate') },
    { name: 'gate', label: 'gates', flags: withFusion(fusion, 0) },
    { name: 'gate-dropout', label: 'gates and source dropout', flags: withFusion(fusion, DROPOUT) },
  ];
  const files = await study.train([
    ...ways,
    ...peers.map(({ name, people: { train } }) => ({ name, flags: [], train })),
  ]);
  const known = [
    { name: 'both', label: 'both sources', test: both.test },
    { name: 'one', label: 'the first alone', test: people(fused(['one'])).test },
    { name: 'other', label: 'the second alone', test: people(fused(['other'])).test },
  ];
  const reports = await study.evaluate([
    ...peers.map(({ name, people: { test } }) => ({
      ...{ name, projectors: files.get(name)!, test },
      conditions: ['none', 'shuffled', 'true'] as const,
    })),
    ...ways.flatMap((way) =>
      known.map(({ name, test }) => ({
        ...{ name: `${way.name}-${name}`, projectors: files.get(way.name)!, test },
        // Nobody set is the same for all, and the mean user is known by nothing.
        conditions: name === 'both' ? (['none', 'mean', 'true'] as const) : (['true'] as const),
      })),
    ),
  ]);
  const by = (name: string, condition?: 'mean') =>
    compareVariants(
      ways.map((way) => ({ label: way.label, report: reports.get(`${way.name}-${name}`)! })),
      condition,
      reports.get('fused-both')!,
    );
  return {
    ...{ steps, seeds: count, dropout: DROPOUT, readers: reports.get('plain')!.users },
    peers: compareVariants(peers.map(({ name, label }) => ({ label, report: reports.get(name)! }))),
    fusion: [
      ...known.map(({ name, label }) => ({ known: label, variants: by(name) })),
      { known: 'no source: the mean user', variants: by('both', 'mean') },
    ],
  };
}
