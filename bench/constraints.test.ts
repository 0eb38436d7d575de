/** The result page is what its numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { constraintsPage } from './constraints-results.ts';

it('docs/results/constraints.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/constraints.json', 'utf8'));
  expect(readFileSync('docs/results/constraints.md', 'utf8')).toBe(constraintsPage(results));
});
