/** The shipped people of the demo are those of the source, with the vectors that the encoder gives. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hasShared, sharedNote, sharedPath } from '../../src/testing/shared.ts';
import { type DemoPeople, encodePeople, PEOPLE, QUESTIONS } from './demo-people.ts';

const read = (name: string) => readFileSync(new URL(`../../public/world/${name}`, import.meta.url));
const shipped = JSON.parse(read('llm-people.json').toString()) as DemoPeople;
const vectors = new Float32Array(Uint8Array.from(read('llm-people.bin')).buffer);

describe('the people of the demo', () => {
  it('are shipped as they stand in the source, one vector of length 1 for each line', () => {
    expect(shipped).toMatchObject({ people: PEOPLE, questions: QUESTIONS });
    const { dim, people } = shipped;
    expect(vectors.length).toBe(people.flatMap(({ lines }) => lines).length * dim);
    for (let at = 0; at < vectors.length; at += dim) {
      expect(Math.hypot(...vectors.subarray(at, at + dim))).toBeCloseTo(1, 4);
    }
  });

  it.skipIf(!hasShared)(`have the vectors of the encoder${sharedNote}`, async () => {
    const made = await encodePeople(sharedPath('models/all-minilm-l6-v2'));
    expect(made.json).toEqual(shipped);
    for (let at = 0; at < vectors.length; at += shipped.dim) {
      const [a, b] = [made.vectors, vectors].map((v) => v.subarray(at, at + shipped.dim));
      // Threads and processors add in another order.
      expect(a!.reduce((sum, v, i) => sum + v * b![i]!, 0)).toBeGreaterThan(0.999);
    }
  });
});
