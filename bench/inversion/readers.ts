/** The default model, its readers, and what is known of them: whom the bench of inversion attacks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attribute } from '../../src/evaluate/audit/attributes.ts';
import { createRuntime, loadModel } from '../../src/node.ts';
import { readProjector } from '../../src/projector/projector.ts';
import type { Example, Users } from '../../src/train.ts';
import { makeWorld } from '../../tools/default/default-setup.ts';
import { embeddingOf } from '../../tools/world/embed.ts';
import { seededRandom } from '../../tools/world/random.ts';
import { rankedAngles, topAngle } from '../../tools/world/reader.ts';
import type { Split } from '../../tools/world/story.ts';
import { exampleFor, readersOf, TASKS } from '../../tools/world/world.ts';

const MODEL = 'public/models/e2p-tiny';
/** Of the readers; items that fewer clicked tell too little. */
const READERS = 600;
const ITEMS = 100;
export const SEED = 1;

export type Attacked = Awaited<ReturnType<typeof attackedReaders>>;

export async function attackedReaders() {
  const runtime = createRuntime();
  const model = await loadModel({ model: MODEL, dtype: 'q4' });
  const projector = readProjector(readFileSync(join(MODEL, 'projector.safetensors')));
  const { world, embeddings } = makeWorld(false);
  const readers = [
    ...readersOf(world, 'test'),
    ...readersOf(world, 'validation'),
    ...readersOf(world, 'train'),
  ].slice(0, READERS);
  const users: Users = {
    dim: embeddings.dim,
    rows: new Map(readers.map((reader) => [reader.id, embeddingOf(embeddings, reader.index)])),
  };
  const answers = <T>(of: (index: number) => T) => new Map(readers.map((reader, i) => [reader.id, of(i)]));
  const clicks = new Map<number, number>();
  for (const { index } of readers)
    for (const item of new Set(world.clicks[index])) clicks.set(item, (clicks.get(item) ?? 0) + 1);
  const frequent = new Set(
    [...clicks]
      .sort((a, b) => b[1] - a[1])
      .slice(0, ITEMS)
      .map(([item]) => item),
  );
  const attributes: Attribute[] = [
    { name: 'top angle', kind: 'class', answers: answers((i) => topAngle(readers[i]!)) },
    { name: 'second angle', kind: 'class', answers: answers((i) => rankedAngles(readers[i]!)[1]!) },
    { name: 'tone', kind: 'class', answers: answers((i) => readers[i]!.tone) },
    {
      ...{ name: 'clicked items', kind: 'set' },
      answers: answers(
        (i) => new Set(world.clicks[readers[i]!.index]!.filter((item) => frequent.has(item)).map(String)),
      ),
    },
  ];
  /** Of readers `from` to `to` of a split, one for each task. */
  const examplesOf = (split: Split, each: number, from = 0, to = from + 200): Example[] => {
    const random = seededRandom(world.seed, `inversion-${split}`);
    return readersOf(world, split)
      .slice(from, to)
      .flatMap((reader, r) =>
        TASKS.slice(0, each).map((task, t) => {
          const { prompt, target } = exampleFor(reader, split, task, random);
          return {
            user: reader.id,
            messages: [{ role: 'user' as const, content: prompt }],
            target,
            persona: undefined,
            line: (from + r) * each + t + 1,
          };
        }),
      );
  };
  const allUsers: Users = {
    dim: embeddings.dim,
    rows: new Map(world.readers.map((reader) => [reader.id, embeddingOf(embeddings, reader.index)])),
  };
  const test = examplesOf('test', 3);
  const common = { model, runtime, projector, users, attributes, seed: SEED };
  const prompts = test.slice(0, 2).map((e) => e.messages);
  return { ...common, world, embeddings, allUsers, examplesOf, test, prompts };
}

export const note = (text: string): void =>
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
