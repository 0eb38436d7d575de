/** The result page is what its numbers say. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { inversionPage } from './inversion-results.ts';

it('docs/results/inversion.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/inversion.json', 'utf8'));
  expect(readFileSync('docs/results/inversion.md', 'utf8')).toBe(inversionPage(results));
});
