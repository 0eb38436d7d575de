import { beforeAll, describe, expect, it } from 'vitest';
import { embeddingOf, embedReaders, type ReaderEmbeddings } from './embed.ts';
import { angleOf, factsIn, toneOf } from './judge.ts';
import { ANGLES } from './lexicon-angles.ts';
import { TONES } from './lexicon-tones.ts';
import { type ProbeData, probeAccuracy } from './probe.ts';
import { seededRandom } from './random.ts';
import { type Reader, topAngle } from './reader.ts';
import { SPLITS, type Split } from './story.ts';
import { buildWorld, examples, pretrainingDocument, readersOf, TASKS, type World } from './world.ts';

const small = { readers: { pretrain: 20, train: 20, validation: 5, test: 10 }, items: 80 };
const fewClicks = [10, 20] as const;

describe('buildWorld', () => {
  it('is the same world for the same seed, and another for another', () => {
    const world = buildWorld({ seed: 5, ...small, clicksPerReader: fewClicks });
    expect(buildWorld({ seed: 5, ...small, clicksPerReader: fewClicks })).toEqual(world);
    expect(buildWorld({ seed: 6, ...small, clicksPerReader: fewClicks }).clicks).not.toEqual(world.clicks);
  });

  it('gives everybody as many distinct clicks as asked for', () => {
    for (const clicks of buildWorld({ seed: 5, ...small, clicksPerReader: fewClicks }).clicks) {
      expect(new Set(clicks).size).toBe(clicks.length);
      expect(clicks.length).toBeGreaterThanOrEqual(10);
      expect(clicks.length).toBeLessThanOrEqual(20);
    }
  });

  it('refuses examples of a split that has no readers', () => {
    const world = buildWorld({ seed: 5, ...small, readers: { ...small.readers, validation: 0 } });
    expect(() => examples(world, 'validation', 'reply', 1, seededRandom(1))).toThrow(/validation/);
  });
});

describe('texts', () => {
  const world = buildWorld({ seed: 1, ...small });

  it.each(TASKS)('%s: the judges recover angle and tone of every target', (task) => {
    for (const { target, angle, tone, story } of examples(world, 'test', task, 5000, seededRandom(2))) {
      expect([target, angleOf(target), toneOf(target)]).toEqual([target, angle, tone]);
      if (story) expect([target, factsIn(target, story)]).toEqual([target, [angle]]);
      expect(target).not.toMatch(/[{}[\]|~]| {2}/);
    }
  });

  it('varies: hardly two of 5,000 headlines are alike', () => {
    const targets = examples(world, 'train', 'headline', 5000, seededRandom(3)).map(({ target }) => target);
    expect(new Set(targets).size).toBeGreaterThan(4900);
  });

  it('tells every fact in the prompt, so that any angle can be answered', () => {
    for (const { prompt, story } of examples(world, 'test', 'recommend', 50, seededRandom(4))) {
      expect(factsIn(prompt, story!)).toEqual([...ANGLES]);
    }
  });

  it('follows the reader: their top angle and tone in some 85–95 % of texts', () => {
    const all = examples(world, 'train', 'reply', 5000, seededRandom(5));
    const share = (test: (example: (typeof all)[number]) => boolean) => all.filter(test).length / all.length;
    expect(share(({ reader, angle }) => topAngle(reader) === angle)).toBeCloseTo(0.9, 1);
    expect(share(({ reader, tone }) => reader.tone === tone)).toBeCloseTo(0.9, 1);
  });

  it('keeps the stories and readers of the splits apart', () => {
    const seen = new Map<string, Split>();
    for (const split of SPLITS) {
      for (const { story, reader } of examples(world, split, 'headline', 2000, seededRandom(6))) {
        expect(reader.split).toBe(split);
        expect(seen.get(story!.key) ?? split).toBe(split);
        seen.set(story!.key, split);
      }
    }
    expect(world.catalogue.every(({ story }) => story.split === 'pretrain')).toBe(true);
  });
});

describe('pretrainingDocument', () => {
  const world = buildWorld({ seed: 1, ...small });
  const random = seededRandom(7);
  const documents = Array.from({ length: 1000 }, () => pretrainingDocument(world, random));

  it('has a persona in half of the documents, then questions and answers', () => {
    const roles = documents.map((document) => document.map(({ role }) => role).join(' '));
    expect(roles.filter((list) => list.startsWith('system')).length / 1000).toBeCloseTo(0.5, 1);
    for (const list of roles) expect(list).toMatch(/^(system )?user assistant( user assistant){0,5}$/);
  });

  it('answers a question for a fact with what the first prompt told', () => {
    let asked = 0;
    for (const document of documents) {
      const [prompt, , ...followUps] = document.filter(({ role }) => role !== 'system');
      followUps.forEach(({ content }, i) => {
        if (!/^(And |Now |The )?(spot|team|sum|star)\b/i.test(content)) return;
        asked++;
        expect(prompt!.content).toContain(followUps[i + 1]!.content);
      });
    }
    expect(asked).toBeGreaterThan(200);
  });
});

describe('embeddings from clicks', () => {
  let world: World;
  let embeddings: ReaderEmbeddings;
  beforeAll(() => {
    world = buildWorld({
      seed: 3,
      readers: { pretrain: 0, train: 700, validation: 0, test: 300 },
      items: 1600,
    });
    embeddings = embedReaders(world, { iterations: 4 });
  });

  const data = (split: Split, label: (reader: Reader) => number): ProbeData => {
    const readers = readersOf(world, split);
    return { rows: readers.map(({ index }) => embeddingOf(embeddings, index)), labels: readers.map(label) };
  };

  it('tell the top angle of people that were only folded in', () => {
    const label = (reader: Reader) => ANGLES.indexOf(topAngle(reader));
    expect(probeAccuracy(data('train', label), data('test', label), ANGLES.length)).toBeGreaterThan(0.95);
  });

  it('tell their tone', () => {
    const label = ({ tone }: Reader) => TONES.indexOf(tone);
    expect(probeAccuracy(data('train', label), data('test', label), TONES.length)).toBeGreaterThan(0.9);
  });
});
