/** The result page is what its numbers say. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { alignPage } from './align-results.ts';

it('docs/results/align.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/align.json', 'utf8'));
  expect(readFileSync('docs/results/align.md', 'utf8')).toBe(alignPage(results));
});
