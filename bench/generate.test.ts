/** The result page is what its numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { speedPage } from './generate-page.ts';

it('docs/results/speed.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/speed.json', 'utf8'));
  expect(readFileSync('docs/results/speed.md', 'utf8')).toBe(speedPage(results));
});
