/** The result page is what its numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { batchPage } from './batch-results.ts';

it('docs/results/batch.md is made from the JSON beside it', () => {
  const results = JSON.parse(readFileSync('docs/results/batch.json', 'utf8'));
  expect(readFileSync('docs/results/batch.md', 'utf8')).toBe(batchPage(results));
});
