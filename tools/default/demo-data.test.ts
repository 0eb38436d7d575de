import { describe, expect, it } from 'vitest';
import { foldIn } from '../../src/node.ts';
import { readExamples, readUsers } from '../../src/train.ts';
import { embeddingOf, embedReaders } from '../world/embed.ts';
import { ANGLES } from '../world/lexicon-angles.ts';
import { splitOfKey } from '../world/story.ts';
import { buildWorld, readersOf } from '../world/world.ts';
import { demoWorld, factorBytes, sampleData } from './demo-data.ts';

const world = buildWorld({
  seed: 3,
  readers: { pretrain: 20, train: 40, validation: 2, test: 60 },
  items: 160,
  clicksPerReader: [20, 40],
});
const embeddings = embedReaders(world, { dim: 8, iterations: 2 });
const demo = demoWorld(world, embeddings);

describe('demo data', () => {
  it('lets a device fold in exactly the embedding that training would have seen', () => {
    const bytes = factorBytes(embeddings);
    const items = new Float32Array(bytes.buffer);
    for (const { clicks } of demo.readers) {
      const index = world.clicks.indexOf(clicks);
      const folded = foldIn({ ...demo.als, items, dim: demo.dim, clicks });
      expect(folded).toEqual(new Float32Array(embeddingOf(embeddings, index)));
    }
  });

  it('shows one reader per angle, all of the test split', () => {
    expect(demo.readers.map(({ angle }) => angle)).toEqual(ANGLES);
    expect(new Set(demo.readers.map(({ tone }) => tone)).size).toBeGreaterThan(2);
    expect(new Set(demo.readers.map(({ name }) => name)).size).toBe(ANGLES.length);
    const held = new Set(readersOf(world, 'test').map(({ index }) => world.clicks[index]));
    for (const { clicks } of demo.readers) expect(held.has(clicks)).toBe(true);
  });

  it('tells only stories of the test split, each under its own label', () => {
    for (const { task, label } of demo.stories) {
      if (task !== 'reply') expect(splitOfKey(label)).toBe('test');
    }
    expect(demo.stories.map(({ task }) => task).join()).toBe(
      [...Array(7).fill('headline'), ...Array(5).fill('recommend'), ...Array(4).fill('reply')].join(),
    );
    expect(new Set(demo.stories.map(({ label }) => label)).size).toBe(demo.stories.length);
  });

  it('has every angle once in any run of as many items as there are angles', () => {
    for (let start = 0; start + ANGLES.length <= world.catalogue.length; start += ANGLES.length) {
      const angles = world.catalogue.slice(start, start + ANGLES.length).map(({ angle }) => angle);
      expect(new Set(angles).size).toBe(ANGLES.length);
    }
    // The page finds a topic's items by that: they come in the order of the readers.
    for (const [i, { angle }] of world.catalogue.entries())
      expect(angle).toBe(demo.readers[i % demo.readers.length]!.angle);
  });

  it('has a sample to train on, of readers and stories that are in no training text', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const { users: usersFile, examples: examplesFile } = sampleData(world, embeddings);
    const users = readUsers(bytes(usersFile), 'users');
    const found = readExamples(bytes(examplesFile), 'examples', users);
    const held = readersOf(world, 'validation').map(({ index }) => `r${index}`);
    expect([...users.rows.keys()]).toEqual(held);
    expect(users.dim).toBe(embeddings.dim);
    expect(found).toHaveLength(4 * held.length);
    expect(new Set(found.map(({ user }) => user)).size).toBe(held.length);
  });

  it('is the same for the same seed and fits 200 kB at the size of the default world', () => {
    expect(demoWorld(world, embeddings)).toEqual(demo);
    const perItem = JSON.stringify(demo.items).length / demo.items.length;
    expect(perItem * 1600).toBeLessThan(170_000);
  });
});
