/** The result page is what its numbers say. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { embeddingPage } from './page.ts';

it('docs/results/ablate-embedding.md is made from the JSON beside it', () => {
  const parts = JSON.parse(readFileSync('docs/results/ablate-embedding.json', 'utf8'));
  expect(readFileSync('docs/results/ablate-embedding.md', 'utf8')).toBe(embeddingPage(parts));
});
