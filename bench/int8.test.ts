/** The result page is what its numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { int8Page } from './int8-results.ts';

it('docs/results/int8.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/int8.json', 'utf8'));
  expect(readFileSync('docs/results/int8.md', 'utf8')).toBe(int8Page(results));
});
