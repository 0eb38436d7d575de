/** The result page is what its numbers say, and nothing else; and they can be measured. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { int8InNode } from './int8-node.ts';
import { int8Page } from './int8-results.ts';

it('docs/results/int8.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/int8.json', 'utf8'));
  expect(readFileSync('docs/results/int8.md', 'utf8')).toBe(int8Page(results));
});

it('a short text and a short prompt are measured in Node, each way told from the others', async () => {
  const text = 'The river runs through the valley, and people walk along it in the evening. '.repeat(5);
  const texts = [{ kind: 'dialogue', text }] as const;
  const {
    texts: scores,
    prompts,
    kernels,
  } = await int8InNode('public/models/e2p-tiny', {
    ...{ texts, window: 64, isLeast: true },
  });
  const [{ tokens, exact, stored, int8 }] = scores as [(typeof scores)[number]];
  expect(tokens).toBe(63);
  expect(new Set([exact, stored, int8]).size).toBeGreaterThan(1);
  expect(Math.abs(int8 - exact) / tokens).toBeLessThan(0.02);
  const ways = Object.fromEntries(prompts[0]!.ways.map((way) => [way.name, way]));
  expect(Object.keys(ways)).toHaveLength(4);
  expect(ways.floats!.asFloats).toBeGreaterThanOrEqual(prompts[0]!.ways[0]!.same);
  expect(ways.floats!.asFloats).toBeGreaterThan(0);
  expect(ways.int8!.apart).toBeGreaterThan(0);
  expect(ways.int8!.apart).not.toBe(ways['int8 but for down projections and head']!.apart);
  expect(kernels.every(({ ms }) => ms > 0)).toBe(true);
});
