/** The result page is what its numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { trainingPage } from './training-results.ts';

it('docs/results/training.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/training.json', 'utf8'));
  expect(readFileSync('docs/results/training.md', 'utf8')).toBe(trainingPage(results));
});
