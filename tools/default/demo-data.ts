/**
 * What the demo page knows about the world: the catalogue with its factors, some readers nobody was trained on,
 * some stories nobody was trained on. With it the page does on the device what training did here: it folds clicks
 * into an embedding. The whole catalogue is shipped, because the least-squares step needs all of it.
 *
 * Beside it a sample to train a projector on in the page, of readers and stories that neither model nor projector has seen.
 *
 *   npx tsx tools/default/demo-data.ts --out public/world [--seed 1]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { DefaultReaders } from '../../src/generate/default-model.ts';
import { foldIn } from '../../src/node.ts';
import { ALS_WEIGHTS, embeddingOf, embedReaders, type ReaderEmbeddings } from '../world/embed.ts';
import { ANGLE_NAMES, ANGLES, type Angle } from '../world/lexicon-angles.ts';
import { TONES, type Tone } from '../world/lexicon-tones.ts';
import { type Random, seededRandom } from '../world/random.ts';
import { type Reader, rankedAngles, topAngle } from '../world/reader.ts';
import { drawStory, type Story, storyPrompt } from '../world/story.ts';
import { smallTalk } from '../world/telling.ts';
import { buildWorld, exampleFor, readersOf, type Task, type World } from '../world/world.ts';
import { SPACE_ID, WORLD_SEED } from './default-setup.ts';

export interface DemoItem {
  readonly text: string;
  readonly kind: Story['kind'];
}

export interface DemoReader {
  readonly name: string;
  readonly about: string;
  /** What the clicks were drawn from; the model never sees it. */
  readonly angle: Angle;
  readonly tone: Tone;
  /** Indices into `items`. */
  readonly clicks: readonly number[];
}

export interface DemoStory {
  readonly task: Task;
  readonly label: string;
  /** Worded as in training, about a story that was in no training text. */
  readonly prompt: string;
}

/** `demo.json`. Beside it lies `item-factors.bin`: float32, little-endian, [items, dim]. */
export interface DemoWorld {
  readonly version: 1;
  readonly space: string;
  readonly dim: number;
  readonly als: { readonly regularisation: number; readonly alpha: number };
  /** As many consecutive items as there are angles hold each angle once, in the order of `readers`. */
  readonly items: readonly DemoItem[];
  readonly readers: readonly DemoReader[];
  readonly stories: readonly DemoStory[];
}

const NAMES = ['Ada', 'Bruno', 'Chidi', 'Dalia', 'Elif', 'Farid', 'Greta', 'Hana'];
const STORY_COUNTS: Readonly<Record<Task, number>> = { headline: 7, recommend: 5, reply: 4 };

export function demoWorld(world: World, { dim }: Pick<ReaderEmbeddings, 'dim'>): DemoWorld {
  const random = seededRandom(world.seed, 'demo');
  return {
    version: 1,
    space: SPACE_ID,
    dim,
    als: ALS_WEIGHTS,
    items: world.catalogue.map(({ text, story }) => ({ text, kind: story.kind })),
    readers: demoReaders(world),
    stories: [
      ...distinct(STORY_COUNTS.headline, () => toldStory('headline', 'article', random)),
      ...distinct(STORY_COUNTS.recommend, () => toldStory('recommend', 'show', random)),
      ...distinct(STORY_COUNTS.reply, () => question(random)),
    ],
  };
}

/** Bytes of `item-factors.bin`. */
export function factorBytes({ items }: Pick<ReaderEmbeddings, 'items'>): Uint8Array {
  const bytes = new Uint8Array(items.length * 4);
  const view = new DataView(bytes.buffer);
  items.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return bytes;
}

/** One test reader per angle, the first there is, with the tones in turn where the world has such a reader. */
function demoReaders(world: World): DemoReader[] {
  const candidates = readersOf(world, 'test');
  return ANGLES.flatMap((angle, i) => {
    const fans = candidates.filter((reader) => topAngle(reader) === angle);
    const reader = fans.find(({ tone }) => tone === TONES[i % TONES.length]) ?? fans[0];
    if (reader === undefined) return [];
    const { index, tone } = reader;
    return [{ name: NAMES[i]!, about: aboutReader(reader), angle, tone, clicks: world.clicks[index]! }];
  });
}

function aboutReader(reader: Reader): string {
  const [top, next] = rankedAngles(reader);
  return `mostly ${ANGLE_NAMES[top!][0]}, some ${ANGLE_NAMES[next!][0]}, ${reader.tone}`;
}

function toldStory(task: 'headline' | 'recommend', kind: Story['kind'], random: Random): DemoStory {
  const story = drawStory(kind, 'test', random);
  return { task, label: story.key, prompt: storyPrompt(story, random) };
}

/** The prompt of small talk says nothing of the angle and tone it is drawn with. */
function question(random: Random): DemoStory {
  const { prompt } = smallTalk({ angle: ANGLES[0], tone: TONES[0] }, random);
  return { task: 'reply', label: prompt, prompt };
}

/** `count` draws with different labels. */
function distinct(count: number, draw: () => DemoStory): DemoStory[] {
  const byLabel = new Map<string, DemoStory>();
  while (byLabel.size < count) {
    const story = draw();
    if (!byLabel.has(story.label)) byLabel.set(story.label, story);
  }
  return [...byLabel.values()];
}

/** `readers.json`, which is part of the package: the same readers as embeddings, and stories to write for them. */
export function defaultReaders(world: World, embeddings: ReaderEmbeddings): DefaultReaders {
  const { items, dim } = embeddings;
  const demo = demoWorld(world, embeddings);
  return {
    readers: demo.readers.map(({ name, about, clicks }) => ({
      ...{ name, about, space: demo.space },
      values: [...foldIn({ ...demo.als, items, dim, clicks })],
    })),
    stories: demo.stories.filter(({ task }) => task === 'headline').map(({ prompt }) => prompt),
  };
}

/** How many readers the sample has, and headlines of each: 40 kB compressed. */
const SAMPLE = { readers: 120, each: 4, digits: 4 } as const;

/** `sample-users.jsonl` and `sample-train.jsonl`, as `e2p train` and the page read them. */
export function sampleData(
  world: World,
  embeddings: ReaderEmbeddings,
): { readonly users: string; readonly examples: string } {
  const random = seededRandom(world.seed, 'sample');
  const readers = readersOf(world, 'validation').slice(0, SAMPLE.readers);
  const nameOf = ({ index }: Reader) => `r${index}`;
  const users = readers.map((reader) => ({
    user: nameOf(reader),
    embedding: [...embeddingOf(embeddings, reader.index)].map((x) => Number(x.toFixed(SAMPLE.digits))),
  }));
  const examples = Array.from({ length: SAMPLE.each }, () => readers)
    .flat()
    .map((reader) => {
      const { prompt, target } = exampleFor(reader, 'validation', 'headline', random);
      return { user: nameOf(reader), prompt, target };
    });
  const lines = (values: readonly unknown[]) => `${values.map((each) => JSON.stringify(each)).join('\n')}\n`;
  return { users: lines(users), examples: lines(examples) };
}

export async function writeDemoData(
  folder: string,
  world: World,
  embeddings: ReaderEmbeddings,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'demo.json'), JSON.stringify(demoWorld(world, embeddings)));
  await writeFile(join(folder, 'item-factors.bin'), factorBytes(embeddings));
  await writeFile(join(folder, 'readers.json'), JSON.stringify(defaultReaders(world, embeddings)));
  const sample = sampleData(world, embeddings);
  await writeFile(join(folder, 'sample-users.jsonl'), sample.users);
  await writeFile(join(folder, 'sample-train.jsonl'), sample.examples);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: 'public/world' }, seed: { type: 'string' } },
  });
  const world = buildWorld({ seed: Number(values.seed ?? WORLD_SEED) });
  await writeDemoData(values.out, world, embedReaders(world));
  console.log(`${values.out}: ${world.catalogue.length} items`);
}
