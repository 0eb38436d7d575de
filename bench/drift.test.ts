/** The result pages are what their numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { driftLevelsPage } from './drift-levels-results.ts';
import { driftPage, driftPlot } from './drift-results.ts';

const read = (name: string) => readFileSync(`docs/results/${name}`, 'utf8');

it('docs/results/drift.md and its plot are made from the JSON beside them', () => {
  const results = JSON.parse(read('drift.json'));
  expect(read('drift.md')).toBe(driftPage(results));
  expect(read('drift.svg')).toBe(driftPlot(results));
});

it('docs/results/drift-levels.md is made from the JSON beside it', () => {
  expect(read('drift-levels.md')).toBe(driftLevelsPage(JSON.parse(read('drift-levels.json'))));
});
