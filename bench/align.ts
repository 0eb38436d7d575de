/**
 * What a new embedding space costs a projector that reads the old one: as it is, mapped by `e2p align`, and with a projector trained anew; and up to which
 * residual a map may be used. The default model and its readers, as ALS embeds their clicks and as sentence encoders embed words about them.
 * `npm run bench align [-- --steps 400] [--encoder <folder>] [--only geometry|als|curve|text|llm]` writes docs/results/align.json and .md; `llm` is SmolLM2.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { evaluate, type Interval, pairedDifference } from '../src/evaluate/index.ts';
import { createRuntime, loadModel, mapEmbedding } from '../src/node.ts';
import { fitWithHeldOut } from '../src/train/fit-space-map.ts';
import { readResidual } from '../src/train/read-residual.ts';
import { fitSpaceMap, type Projector, train, type Users } from '../src/train.ts';
import { WORLD_SEED } from '../tools/default/default-setup.ts';
import { embedReaders } from '../tools/world/embed.ts';
import { seededRandom } from '../tools/world/random.ts';
import type { Reader } from '../tools/world/reader.ts';
import { buildWorld, readersOf, type World } from '../tools/world/world.ts';
import { changedClicks, foldedIn, readersAsPeople } from './ablate/readers.ts';
import {
  type AlignPart,
  type AlignResults,
  alignPage,
  type CurvePoint,
  type Geometry,
  type Swap,
} from './align-results.ts';
import {
  type AlsOptions,
  alsSpace,
  LINES,
  miniSpace,
  noisySpace,
  personas,
  type Space,
  useSpace,
} from './drift/align-spaces.ts';
import { movielensSpaces } from './drift/populations.ts';
import { commandOf } from './results.ts';
import type { People } from './study.ts';

const MODEL = 'public/models/e2p-tiny';
const CACHE = '.cache/align';
const JSON_FILE = 'docs/results/align.json';
const [TRAIN_PER_TASK, TEST_PER_TASK] = [700, 100];
const BATCH = 16;
const TEST_READERS = 400;
/** Variance of noise that is added to a rotated space, as a share of its own. */
const NOISES = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6];
const [OLD, NEW] = ['old', 'new'];

const PARTS = ['als', 'curve', 'text'] as const;

export async function benchAlign(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      steps: { type: 'string', default: '120' },
      encoder: { type: 'string', default: '../shared/models/all-minilm-l6-v2' },
      data: { type: 'string', default: '../shared/data/movielens-latest-small' },
      only: { type: 'string' },
    },
  });
  mkdirSync(CACHE, { recursive: true });
  const world = buildWorld({ seed: WORLD_SEED });
  if (values.only === undefined || values.only === 'geometry')
    keep(values.steps, { geometry: geometry(world, values.data) });
  if (values.only === undefined || values.only === 'llm') {
    const { llmSwaps } = await import('./drift/llm.ts');
    keep(values.steps, { llm: await llmSwaps() });
  }
  for (const part of PARTS) {
    if (values.only !== undefined && values.only !== part) continue;
    const began = process.cpuUsage();
    const bench = await openBench(world, Number(values.steps));
    const found = await MEASURE[part](bench, world, values.encoder);
    const { user, system } = process.cpuUsage(began);
    keep(values.steps, { parts: { [part]: { ...found, cpuSeconds: Math.round((user + system) / 1e6) } } });
  }
  console.log(readFileSync('docs/results/align.md', 'utf8'));
}

/** Beside what was found before. */
function keep(
  steps: string,
  { parts, ...found }: Partial<Pick<AlignResults, 'parts' | 'geometry' | 'llm'>>,
): void {
  const old: Partial<AlignResults> = existsSync(JSON_FILE) ? JSON.parse(readFileSync(JSON_FILE, 'utf8')) : {};
  const { geometry, llm } = { ...old, ...found };
  const results: AlignResults = {
    ...{ command: commandOf('align', []), steps: Number(steps), batch: BATCH, lines: LINES },
    ...{ readers: TEST_READERS, examples: 3 * TEST_PER_TASK },
    ...(geometry && { geometry }),
    ...(llm && { llm }),
    parts: { ...old.parts, ...parts },
  };
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('docs/results/align.md', alignPage(results));
}

/** Gain by share of clicks since a change, from docs/results/ablations.md. */
const GAINS = [
  [1, 0.09],
  [0.75, 0.075],
  [0.5, 0.037],
  [0.25, -0.026],
  [0.1, -0.047],
  [0, -0.058],
] as const;

function geometry(world: World, data: string): Geometry {
  const own = alsSpace(world, {});
  const measure = (name: string, old: Users, fresh: Users) => {
    const { residual, anchors } = fitSpaceMap({ old, fresh, oldSpace: OLD, newSpace: NEW });
    console.error(name, residual);
    return { name, from: fresh.dim, to: old.dim, anchors, residual };
  };
  const other = (name: string, options: AlsOptions) =>
    measure(name, own.anchors, alsSpace(world, { label: name, ...options }).anchors);
  const [movies, again] = movielensSpaces(data, WORLD_SEED).map((rows) => ({
    rows: new Map(rows.map((row, i) => [`${i}`, row])),
    dim: rows[0]!.length,
  }));
  const readers = readersOf(world, 'test');
  const mean = Float64Array.from({ length: own.dim }, (_, i) =>
    readers.reduce((sum, r) => sum + own.of(r)[i]! / readers.length, 0),
  );
  const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
    return sum;
  };
  const embeddings = embedReaders(world);
  const outdated = GAINS.map(([share, gain]) => {
    const random = seededRandom(WORLD_SEED, `outdated ${share}`);
    let [missed, all] = [0, 0];
    for (const reader of readers) {
      missed += distance(foldedIn(embeddings, changedClicks(world, reader, share, random)), own.of(reader));
      all += distance(own.of(reader), mean);
    }
    return { share, gain, residual: missed / all };
  });
  return {
    fits: [
      measure('MovieLens: ALS of the same likes, another seed', movies!, again!),
      other('readers: ALS of the same clicks, another seed', {}),
      other('readers: ALS fitted on 10 % of them', { share: 0.1 }),
      other('readers: ALS with 16 numbers', { dim: 16 }),
    ],
    outdated,
  };
}

type Bench = Awaited<ReturnType<typeof openBench>>;
type Part = Pick<AlignPart, 'swaps' | 'curve'>;

async function withClicks(bench: Bench, world: World): Promise<Part> {
  const own = alsSpace(world, {});
  const again = alsSpace(world, { label: 'als again' });
  const projector = await bench.trainOn(own);
  return {
    swaps: [await bench.swap('ALS of the same clicks, another seed', own, again, projector)],
    curve: [],
  };
}

/** Worse and worse spaces. */
async function withLess(bench: Bench, world: World): Promise<Part> {
  const own = alsSpace(world, {});
  const projector = await bench.trainOn(own);
  const whole = await bench.score(projector, own);
  const random = seededRandom(WORLD_SEED, 'align noise');
  const als = (name: string, options: AlsOptions) =>
    [name, () => alsSpace(world, { label: name, ...options })] as const;
  const spaces: readonly (readonly [string, () => Space])[] = [
    ...NOISES.map(
      (noise) =>
        [
          `turned, and noise of ${noise} times the variance`,
          () => noisySpace(own, world, noise, random),
        ] as const,
    ),
    als('ALS fitted on 3 % of the readers', { share: 0.03 }),
    als(`ALS with 8 numbers instead of ${own.dim}`, { dim: 8 }),
  ];
  const curve: CurvePoint[] = [];
  for (const [name, space] of spaces) curve.push(await bench.point(name, own, space(), projector, whole));
  return { swaps: [], curve };
}

async function withWords(bench: Bench, world: World, encoder: string): Promise<Part> {
  const lines = personas(world);
  const mini = await miniSpace(encoder, 'mean', lines);
  const projector = await bench.trainOn(mini);
  const name = 'all-MiniLM-L6-v2 → Universal Sentence Encoder';
  const swaps = [await bench.swap(name, mini, await useSpace(lines), projector)];
  const pooled = 'all-MiniLM-L6-v2 → the same with CLS pooling';
  swaps.push(await bench.swap(pooled, mini, await miniSpace(encoder, 'cls', lines), projector));
  return { swaps, curve: [] };
}

const MEASURE = { als: withClicks, curve: withLess, text: withWords } as const;

/** Nats per token of each reader. */
interface Scores {
  readonly own: readonly number[];
  readonly weights: readonly number[];
  readonly nll: number;
  readonly mean: number;
}

async function openBench(world: World, steps: number) {
  const [model, runtime] = [await loadModel({ model: MODEL, dtype: 'q4' }), createRuntime()];
  const people = (split: 'train' | 'test', of: (reader: Reader) => Float32Array): People =>
    readersAsPeople({
      ...{ world, split, perTask: split === 'train' ? TRAIN_PER_TASK : TEST_PER_TASK },
      views: (reader) => [of(reader)],
    });
  const trainOn = async ({ of }: Space): Promise<Projector> => {
    const { users, examples } = people('train', of);
    const { projector } = await train({
      ...{ model, runtime, users, examples, space: OLD, steps, batch: BATCH, heldOut: 0, slot: 'after-bos' },
      onProgress: ({ step, loss }) => step % 20 === 0 && console.error(`step ${step}: ${loss.toFixed(4)}`),
    });
    return projector;
  };
  const score = async (projector: Projector, { of }: Pick<Space, 'of'>): Promise<Scores> => {
    const { users, examples } = people('test', of);
    const { byGroup, conditions } = await evaluate({
      ...{ model, runtime, projectors: [projector], users, examples, conditions: ['true', 'mean'] },
      ...{ ranked: 0, generated: 0, batch: 32, byGroup: true },
    });
    return {
      own: byGroup!.map(({ nll, targetTokens }) => nll.true![0]! / targetTokens),
      weights: byGroup!.map(({ targetTokens }) => targetTokens),
      nll: conditions.true!.nll.mean,
      mean: conditions.mean!.nll.mean,
    };
  };
  const mapped = (old: Space, fresh: Space, projector: Projector) => {
    const found = fitWithHeldOut({ old: old.anchors, fresh: fresh.anchors, oldSpace: OLD, newSpace: NEW });
    const { map } = found;
    const of = (reader: Reader) => mapEmbedding(map, { space: NEW, values: fresh.of(reader) }).values;
    return { map, of, read: readResidual(projector, found) };
  };
  const minus = (a: Scores, b: Scores): Interval => pairedDifference(a.own, b.own, b.weights);
  return {
    trainOn,
    score,
    /** All three ways to go on with a new space. */
    swap: async (name: string, old: Space, fresh: Space, projector: Projector): Promise<Swap> => {
      const { map, of, read } = mapped(old, fresh, projector);
      const own = await score(projector, old);
      const before = fresh.dim === old.dim ? await score(projector, fresh) : undefined;
      const aligned = await score(projector, { of });
      const retrained = await score(await trainOn(fresh), fresh);
      console.error(name, map.residual, read, own.nll, before?.nll, aligned.nll, retrained.nll, own.mean);
      return {
        ...{ name, from: fresh.dim, to: old.dim, anchors: map.anchors, residual: map.residual, read },
        nats: {
          ...{ own: own.nll, mean: own.mean, aligned: aligned.nll, retrained: retrained.nll },
          ...(before && { before: before.nll }),
        },
        alignedMinusOwn: minus(aligned, own),
        retrainedMinusOwn: minus(retrained, own),
      };
    },
    /** A map only. */
    point: async (
      name: string,
      old: Space,
      fresh: Space,
      projector: Projector,
      own: Scores,
    ): Promise<CurvePoint> => {
      const { map, of, read } = mapped(old, fresh, projector);
      const aligned = await score(projector, { of });
      const kept = (own.mean - aligned.nll) / (own.mean - own.nll);
      console.error(name, map.residual, read, kept);
      return { name, residual: map.residual, read, nats: aligned.nll, minusOwn: minus(aligned, own), kept };
    },
  };
}
