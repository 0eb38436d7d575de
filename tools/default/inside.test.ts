import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { DefaultReaders } from '../../src/generate/default-model.ts';
import { ANGLE_NAMES } from '../world/lexicon-angles.ts';
import { TONE_WORDING } from '../world/lexicon-tones.ts';
import type { DemoWorld } from './demo-data.ts';
import { type Inside, lookInside } from './inside.ts';

const path = (name: string) => fileURLToPath(new URL(`../../public/${name}`, import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(path(`world/${name}`), 'utf8')) as unknown;
const readers = read('readers.json') as DefaultReaders;
const demo = read('demo.json') as DemoWorld;
const shipped = read('inside.json') as Inside;

describe('what the soft tokens of the demo are near', () => {
  it('is what the shipped model and projector give', async () => {
    const found = await lookInside(path('models/e2p-tiny'), readers, demo);
    expect(found.personas).toEqual(shipped.personas);
    expect(found.near.length).toBe(1 + readers.readers.length);
    for (const [i, words] of found.near.entries())
      for (const [j, { word, cosine }] of words.entries()) {
        expect(word).toBe(shipped.near[i]![j]!.word);
        expect(cosine).toBeCloseTo(shipped.near[i]![j]!.cosine, 2);
      }
  });

  it("names most readers' interest or tone, though the projector was never told to point at words", () => {
    const told = demo.readers.filter(({ angle, tone }, i) => {
      const names = [...ANGLE_NAMES[angle], ...TONE_WORDING[tone].names];
      return shipped.near[i + 1]!.some(({ word }) => names.includes(word));
    });
    expect(told.length).toBeGreaterThanOrEqual(6);
  });
});
