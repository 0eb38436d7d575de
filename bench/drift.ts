/**
 * Interests that move for 60 days while the projector stays: embeddings of today, of day 0, and a projector trained on. On the default model
 * and its world. `npm run bench drift` writes docs/results/drift.json, .md and .svg.
 */
import { writeFileSync } from 'node:fs';
import { DRIFT_RULE, fitOf } from '../src/user/user-fit.ts';
import { type Projector, train } from '../src/train.ts';
import { makeWorld, SPACE_ID } from '../tools/default/default-setup.ts';
import { seededRandom } from '../tools/world/random.ts';
import { type Example, exampleFor, readersOf, TASKS } from '../tools/world/world.ts';
import { asked, foldedIn } from './ablate/readers.ts';
import { type Life, lifeOf, WINDOW } from './drift/lives.ts';
import { gain, openScorer, type Scored } from './drift/score.ts';
import { DAYS, type DriftResults, driftPage, driftPlot, LAST_DAY } from './drift-results.ts';

const READERS = 150;
/** Of the trainings, and their texts of each task. */
const [TRAINED, PER_TASK, STEPS, BATCH] = [600, 4, 200, 32] as const;

export async function benchDrift(): Promise<void> {
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
  const [before, after] = [await trainedAt(0), await trainedAt(LAST_DAY)];

  const lives = livesOf('test', READERS);
  const days: DriftResults['days'][number][] = [];
  for (const day of DAYS) {
    const scores = { none: [], fresh: [], stale: [], before: [], after: [] } as Record<string, Scored[]>;
    const levels = { fine: 0, unusual: 0, alien: 0, unknown: 0 };
    let leaps = 0;
    for (const life of lives) {
      const texts = textsAt(life, day, 'test');
      const [fresh, stale] = [embeddingAt(life, day), embeddingAt(life, 0)];
      const fit = fitOf(projector, fresh, DRIFT_RULE, embeddingAt(life, Math.max(0, day - 1)));
      levels[fit.level]++;
      leaps += Number(fit.change === 'leap');
      scores.none!.push(await score(texts));
      scores.fresh!.push(await score(texts, fresh));
      scores.stale!.push(await score(texts, stale));
      scores.before!.push(await score(texts, fresh, { by: before }));
      scores.after!.push(await score(texts, fresh, { by: after }));
    }
    const { none, fresh, stale } = scores as Record<'none' | 'fresh' | 'stale', Scored[]>;
    days.push({
      ...{ day, levels, leaps },
      ...{ fresh: gain(none, fresh), stale: gain(none, stale), freshness: gain(stale, fresh) },
      ...{ before: gain(none, scores.before!), after: gain(none, scores.after!) },
      retrained: gain(scores.before!, scores.after!),
    });
    console.log(JSON.stringify(days.at(-1)));
  }
  const results = {
    ...{ readers: READERS, window: WINDOW, trained: { readers: TRAINED, steps: STEPS, batch: BATCH }, days },
    minutes: Number(((performance.now() - started) / 60_000).toFixed(1)),
  };
  writeFileSync('docs/results/drift.json', `${JSON.stringify(results, null, 1)}\n`);
  writeFileSync('docs/results/drift.md', driftPage(results));
  writeFileSync('docs/results/drift.svg', driftPlot(results));
  console.log(driftPage(results));
}
