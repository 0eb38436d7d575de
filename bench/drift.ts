/**
 * Interests that move for 60 days while the projector stays: embeddings of today, of day 0, and a projector trained on. On the default model
 * and its world. `npm run bench drift` writes docs/results/drift.json, .md and .svg; `npm run bench drift -- --llm` adds SmolLM2 (`drift/llm.ts`), or one part of it (`--part moves|retrained`).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Projector, train } from '../src/train.ts';
import { DRIFT_RULE, fitOf } from '../src/user/user-fit.ts';
import { makeWorld, SPACE_ID } from '../tools/default/default-setup.ts';
import { seededRandom } from '../tools/world/random.ts';
import { type Example, exampleFor, readersOf, TASKS } from '../tools/world/world.ts';
import { asked, foldedIn } from './ablate/readers.ts';
import { type Life, lifeOf, WINDOW } from './drift/lives.ts';
import { gain, openScorer, type Scored } from './drift/score.ts';
import { DAYS, type DriftResults, driftPage, driftPlot, LAST_DAY } from './drift-results.ts';

const READERS = 60;
/** Of the trainings, and their texts of each task. */
const [TRAINED, PER_TASK, STEPS, BATCH] = [600, 4, 50, 32] as const;

const JSON_FILE = 'docs/results/drift.json';

export async function benchDrift(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { llm: { type: 'boolean' }, part: { type: 'string' } },
  });
  const before: DriftResults | undefined = existsSync(JSON_FILE)
    ? JSON.parse(readFileSync(JSON_FILE, 'utf8'))
    : undefined;
  const { llm, llmRetrained: retrained } = before ?? {};
  if (!values.llm)
    return keep({
      ...(await defaultModel()),
      ...(llm && { llm }),
      ...(retrained && { llmRetrained: retrained }),
    });
  if (before === undefined)
    throw new Error(`${JSON_FILE}: found nothing, expected \`npm run bench drift\` before it`);
  const { llmDrift, llmRetrained } = await import('./drift/llm.ts');
  const isAsked = (part: string) => (values.part ?? part) === part;
  const moved = isAsked('moves') ? { ...before, llm: await llmDrift() } : before;
  keep(isAsked('retrained') ? { ...moved, llmRetrained: await llmRetrained() } : moved);
}

function keep(results: DriftResults): void {
  writeFileSync(JSON_FILE, `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('docs/results/drift.md', driftPage(results));
  writeFileSync('docs/results/drift.svg', driftPlot(results));
  console.log(driftPage(results));
}

async function defaultModel(): Promise<DriftResults> {
  const started = performance.now();
  const { world, embeddings } = makeWorld(false);
  const { model, runtime, projector, score } = await openScorer();
  const random = seededRandom(world.seed, 'drift');
  const livesOf = (split: 'train' | 'test', count: number): Life[] =>
    readersOf(world, split)
      .slice(0, count)
      .map((reader) => lifeOf(reader, world.catalogue, random));
  const embeddingAt = (life: Life, day: number) => foldedIn(embeddings, life.clicksUntil(day));
  const textsAt = (life: Life, day: number, split: 'train' | 'test'): Example[] =>
    TASKS.map((task) => exampleFor(life.readerAt(day), split, task, random));

  const people = livesOf('train', TRAINED);
  /** The shipped projector, trained on with embeddings and texts of a day. */
  const trainedAt = async (day: number): Promise<Projector> => {
    const rows = new Map(people.map((life) => [life.reader.id, embeddingAt(life, day)]));
    const texts = people.flatMap((life) =>
      Array.from({ length: PER_TASK }, () => textsAt(life, day, 'train')).flat(),
    );
    const examples = texts.map(({ reader, prompt, target, persona }, i) => ({
      ...{ user: reader.id, messages: asked(prompt), target, persona, line: i + 1 },
    }));
    const { projector: trained } = await train({
      ...{ model, runtime, users: { dim: embeddings.dim, rows }, examples, space: SPACE_ID },
      ...{ init: projector, steps: STEPS, batch: BATCH, heldOut: 0, learningRate: 3e-4, reference: false },
      canaries: [],
    });
    console.log(`trained on with day ${day}: ${Math.round((performance.now() - started) / 1000)} s`);
    return trained;
  };
  const lives = livesOf('test', READERS);
  const days: DriftResults['days'][number][] = [];
  let last: { readonly texts: readonly Example[]; readonly vector: Float32Array }[] = [];
  let nobody: Scored[] = [];
  for (const day of DAYS) {
    const [none, fresh, stale]: Scored[][] = [[], [], []];
    last = lives.map((life) => ({ texts: textsAt(life, day, 'test'), vector: embeddingAt(life, day) }));
    const levels = { fine: 0, unusual: 0, alien: 0, unknown: 0 };
    let leaps = 0;
    for (const [i, life] of lives.entries()) {
      const { texts, vector } = last[i]!;
      const fit = fitOf(projector, vector, DRIFT_RULE, embeddingAt(life, Math.max(0, day - 1)));
      levels[fit.level]++;
      leaps += Number(fit.change === 'leap');
      none!.push(await score(texts));
      fresh!.push(await score(texts, vector));
      stale!.push(await score(texts, embeddingAt(life, 0)));
    }
    nobody = none!;
    days.push({
      ...{ day, levels, leaps },
      ...{ fresh: gain(none!, fresh!), stale: gain(none!, stale!), freshness: gain(stale!, fresh!) },
    });
    console.log(JSON.stringify(days.at(-1)));
  }
  const by: Scored[][] = [];
  for (const day of [0, LAST_DAY]) {
    const trained = await trainedAt(day);
    const scores: Scored[] = [];
    for (const { texts, vector } of last) scores.push(await score(texts, vector, { by: trained }));
    by.push(scores);
  }
  const [before, after] = by as [Scored[], Scored[]];
  return {
    ...{ readers: READERS, window: WINDOW, days },
    trained: {
      ...{ readers: TRAINED, steps: STEPS, batch: BATCH },
      ...{ before: gain(nobody, before), after: gain(nobody, after), retrained: gain(before, after) },
    },
    minutes: Number(((performance.now() - started) / 60_000).toFixed(1)),
  };
}
