/** The result page is what its numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { prefillPage } from './prefill-results.ts';

it('docs/results/prefill.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/prefill.json', 'utf8'));
  expect(readFileSync('docs/results/prefill.md', 'utf8')).toBe(prefillPage(results));
});
