/** The result page is what its numbers say, and an event costs what docs/embeddings.md says. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ActivityResults, activityPage } from './activity-results.ts';

const results: ActivityResults = JSON.parse(readFileSync('docs/results/activity.json', 'utf8'));

it('docs/results/activity.md is made from the JSON beside it', () => {
  expect(readFileSync('docs/results/activity.md', 'utf8')).toBe(activityPage(results));
});

it('an event costs less than 5 ms, and gives what the whole log gives', () => {
  for (const { add, undo, apart } of results.steps) {
    for (const { p95 } of [add, undo]) expect(p95).toBeLessThan(5);
    expect(apart).toBeLessThan(1e-6);
  }
});
