/**
 * What the three levels of drift are worth: vectors of every kind of fault, personalised by as they are and as the levels have it. On the
 * default model. `npm run bench drift-levels` writes docs/results/drift-levels.json and .md; `-- --llm` adds SmolLM2.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Projector } from '../src/train.ts';
import { DRIFT_RULE, fitOf, type UserFit } from '../src/user/user-fit.ts';
import { makeWorld } from '../tools/default/default-setup.ts';
import { embeddingOf } from '../tools/world/embed.ts';
import { type Random, seededRandom } from '../tools/world/random.ts';
import { exampleFor, readersOf, TASKS } from '../tools/world/world.ts';
import { MODEL, PROJECTOR } from './ablate/llm-lines.ts';
import { foldedIn, someClicks } from './ablate/readers.ts';
import { peopleOfOneLine } from './drift/llm.ts';
import { gain, openScorer, type Scored } from './drift/score.ts';
import { type DriftLevelsResults, driftLevelsPage, LEVELS, type Levels } from './drift-levels-results.ts';

const READERS = 200;
/** Readers of a row at least: of fewer an interval says nothing. */
const LEAST = 10;

/** What a person's vector becomes, by what happened to it. */
type Ways = Readonly<Record<string, (vector: Float32Array, i: number) => Float32Array>>;
type Score = Awaited<ReturnType<typeof openScorer>>['score'];

const FILE = 'docs/results/drift-levels';

export async function benchDriftLevels(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { llm: { type: 'boolean' } } });
  const before: Partial<DriftLevelsResults> = existsSync(`${FILE}.json`)
    ? JSON.parse(readFileSync(`${FILE}.json`, 'utf8'))
    : {};
  const found = values.llm ? { llm: await ofLines() } : await ofReaders();
  const results = { ...before, ...found } as DriftLevelsResults;
  writeFileSync(`${FILE}.json`, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync(`${FILE}.md`, driftLevelsPage(results));
  console.log(driftLevelsPage(results));
}

async function ofReaders(): Promise<Levels> {
  const { world, embeddings } = makeWorld(false);
  const { projector, score } = await openScorer();
  const random = seededRandom(world.seed, 'drift-levels');
  const readers = readersOf(world, 'test').slice(0, READERS);
  const own = readers.map(({ index }) => embeddingOf(embeddings, index).slice());
  const texts = readers.map((reader) => TASKS.map((task) => exampleFor(reader, 'test', task, random)));
  const { dim } = projector.contract.space;
  const turn = rotation(dim, random);
  const few = (count: number) => (_: Float32Array, i: number) =>
    foldedIn(embeddings, someClicks(world.clicks[readers[i]!.index]!, count, random));
  const { longer, noisy } = faults(projector, random);
  const ways: Ways = {
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
    'turned around at random': turned(turn),
    'all numbers 0.2': (v) => v.map(() => 0.2),
    "another reader's": (_, i) => own[(i + 1) % own.length]!,
  };
  return levelsOf(projector, score, { own, texts, ways });
}

/** People of one line, who ask about its topic: SmolLM2 with the projector that ships. */
async function ofLines(): Promise<Levels> {
  const { own, cls, questions, texts } = await peopleOfOneLine();
  const { projector, score } = await openScorer(MODEL, PROJECTOR);
  const random = seededRandom(1, 'drift-levels');
  const turn = rotation(projector.contract.space.dim, random);
  const { longer, noisy } = faults(projector, random);
  const ways: Ways = {
    'as it is': (v) => v,
    'noise of 0.01': noisy(0.01),
    'noise of 0.02': noisy(0.02),
    'noise of 0.04': noisy(0.04),
    '1.25 times as far from the mean': longer(1.25),
    '1.5 times as far': longer(1.5),
    'of the same encoder with CLS pooling': (_, i) => cls[i]!,
    'of the question in place of the line': (_, i) => questions[i]!,
    'turned around at random': turned(turn),
    'all numbers 0.05': (v) => v.map(() => 0.05),
    "another person's": (_, i) => own[(i + 1) % own.length]!,
  };
  return levelsOf(projector, score, { own, texts: texts.map((text) => [text]), ways });
}

function faults({ contract }: Projector, random: Random) {
  const { mean } = contract.space;
  return {
    longer: (factor: number) => (v: Float32Array) => v.map((x, k) => mean[k]! + factor * (x - mean[k]!)),
    noisy: (deviation: number) => (v: Float32Array) => v.map((x) => x + deviation * normal(random)),
  };
}

const turned = (turn: readonly (readonly number[])[]) => (v: Float32Array) =>
  Float32Array.from(turn, (row) => row.reduce((sum, x, k) => sum + x * v[k]!, 0));

async function levelsOf(
  projector: Projector,
  score: Score,
  given: { own: readonly Float32Array[]; texts: readonly Parameters<Score>[0][]; ways: Ways },
): Promise<Levels> {
  const { own, texts, ways } = given;
  const each = (of: (i: number) => Promise<Scored>) => inTurn(own.length, of);
  const none = await each((i) => score(texts[i]!));
  const atMean = await each((i) => score(texts[i]!, Float32Array.from(projector.contract.space.mean)));
  const rows: Levels['rows'][number][] = [];
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
      const theirs = own.flatMap((_, i) => (fits[i]!.level === level ? [i] : []));
      const of = (scores: readonly Scored[]) => theirs.map((i) => scores[i]!);
      const told = theirs.length >= LEAST && {
        ...{ asIs: gain(of(none), of(asIs)), ruled: gain(of(none), of(ruled)) },
        ...{ mean: gain(of(none), of(atMean)), rule: gain(of(asIs), of(ruled)) },
      };
      if (theirs.length > 0) rows.push({ way, level, readers: theirs.length, ...told });
    }
    const found = rows.filter((row) => row.way === way).map((row) => `${row.level} ${row.readers}`);
    console.log(new Date().toISOString().slice(11, 19), way, found.join());
  }
  const tokens = none.reduce((sum, scored) => sum + scored.tokens, 0);
  return { readers: own.length, tokens, rule: DRIFT_RULE, mean: gain(none, atMean), rows };
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
