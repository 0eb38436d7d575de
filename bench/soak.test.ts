/** The result page is what its numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { soakPage } from './soak-results.ts';

it('docs/results/soak.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/soak.json', 'utf8'));
  expect(readFileSync('docs/results/soak.md', 'utf8')).toBe(soakPage(results));
});
