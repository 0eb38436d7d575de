/**
 * What the three levels of drift are worth: vectors of every kind of fault, personalised by as they are and as the levels have it. On the
 * default model. `npm run bench drift-levels` writes docs/results/drift-levels.json and .md.
 */
import { writeFileSync } from 'node:fs';
import { DRIFT_RULE, fitOf, type UserFit } from '../src/user/user-fit.ts';
import { makeWorld } from '../tools/default/default-setup.ts';
import { embeddingOf } from '../tools/world/embed.ts';
import { type Random, seededRandom } from '../tools/world/random.ts';
import { exampleFor, readersOf, TASKS } from '../tools/world/world.ts';
import { foldedIn, someClicks } from './ablate/readers.ts';
import { gain, openScorer, type Scored } from './drift/score.ts';
import { type DriftLevelsResults, driftLevelsPage, LEVELS } from './drift-levels-results.ts';

const READERS = 200;
/** Readers of a row at least: of fewer an interval says nothing. */
const LEAST = 10;

export async function benchDriftLevels(): Promise<void> {
  const { world, embeddings } = makeWorld(false);
  const { projector, score } = await openScorer();
  const random = seededRandom(world.seed, 'drift-levels');
  const readers = readersOf(world, 'test').slice(0, READERS);
  const own = readers.map(({ index }) => embeddingOf(embeddings, index).slice());
  const texts = readers.map((reader) => TASKS.map((task) => exampleFor(reader, 'test', task, random)));
  const { mean, dim } = projector.contract.space;
  const turn = rotation(dim, random);
  const few = (count: number) => (_: Float32Array, i: number) =>
    foldedIn(embeddings, someClicks(world.clicks[readers[i]!.index]!, count, random));
  const longer = (factor: number) => (v: Float32Array) => v.map((x, k) => mean[k]! + factor * (x - mean[k]!));
  const noisy = (deviation: number) => (v: Float32Array) => v.map((x) => x + deviation * normal(random));
  const ways: Readonly<Record<string, (vector: Float32Array, i: number) => Float32Array>> = {
    'as it is': (v) => v,
    'of 60 clicks': few(60),
    'of 30 clicks': few(30),
    'of 10 clicks': few(10),
    'of 3 clicks': few(3),
    'noise of 0.05': noisy(0.05),
    'noise of 0.1': noisy(0.1),
    'noise of 0.2': noisy(0.2),
    '1.25 times as far from the mean': longer(1.25),
    '1.5 times as far': longer(1.5),
    '2 times as far': longer(2),
    'turned around at random': (v) =>
      Float32Array.from(turn, (row) => row.reduce((sum, x, k) => sum + x * v[k]!, 0)),
    'all numbers 0.2': (v) => v.map(() => 0.2),
    "another reader's": (_, i) => own[(i + 1) % own.length]!,
  };
  const each = (of: (i: number) => Promise<Scored>) => inTurn(readers.length, of);
  const none = await each((i) => score(texts[i]!));
  const atMean = await each((i) => score(texts[i]!, Float32Array.from(mean)));
  const rows: DriftLevelsResults['rows'][number][] = [];
  for (const [way, change] of Object.entries(ways)) {
    const vectors = own.map((vector, i) => Float32Array.from(change(vector, i)));
    const fits: UserFit[] = vectors.map((vector) =>
      fitOf(projector, vector, { ...DRIFT_RULE, apply: 'shrink' }, undefined),
    );
    const asIs = await each((i) => score(texts[i]!, vectors[i]));
    const ruled = await each(async (i) => {
      const { strength } = fits[i]!;
      return strength === 1
        ? asIs[i]!
        : strength === 0
          ? none[i]!
          : score(texts[i]!, vectors[i], { strength });
    });
    for (const level of LEVELS) {
      const theirs = readers.flatMap((_, i) => (fits[i]!.level === level ? [i] : []));
      const of = (scores: readonly Scored[]) => theirs.map((i) => scores[i]!);
      const told = theirs.length >= LEAST && {
        ...{ asIs: gain(of(none), of(asIs)), ruled: gain(of(none), of(ruled)) },
        ...{ mean: gain(of(none), of(atMean)), rule: gain(of(asIs), of(ruled)) },
      };
      if (theirs.length > 0) rows.push({ way, level, readers: theirs.length, ...told });
    }
    console.log(
      way,
      rows
        .filter((row) => row.way === way)
        .map((row) => `${row.level} ${row.readers}`)
        .join(),
    );
  }
  const tokens = none.reduce((sum, scored) => sum + scored.tokens, 0);
  const results = { readers: READERS, tokens, rule: DRIFT_RULE, mean: gain(none, atMean), rows };
  writeFileSync('docs/results/drift-levels.json', `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('docs/results/drift-levels.md', driftLevelsPage(results));
  console.log(driftLevelsPage(results));
}

async function inTurn<T>(count: number, of: (i: number) => Promise<T>): Promise<T[]> {
  const found: T[] = [];
  for (let i = 0; i < count; i++) found.push(await of(i));
  return found;
}

/** Box and Muller. */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** Rows of an orthogonal matrix, by Gram and Schmidt. */
function rotation(dim: number, random: Random): number[][] {
  const rows: number[][] = [];
  for (let i = 0; i < dim; i++) {
    let row = Array.from({ length: dim }, () => normal(random));
    for (const other of rows) {
      const along = row.reduce((sum, v, k) => sum + v * other[k]!, 0);
      row = row.map((v, k) => v - along * other[k]!);
    }
    const length = Math.hypot(...row);
    rows.push(row.map((v) => v / length));
  }
  return rows;
}
