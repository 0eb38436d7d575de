/** The result page is what its numbers say, and the numbers are what the documentation promises. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type PocResults, pocPage } from './poc-results.ts';

const results: PocResults = JSON.parse(readFileSync('docs/results/poc.json', 'utf8'));

it('docs/results/poc.md is made from the JSON beside it', () => {
  expect(readFileSync('docs/results/poc.md', 'utf8')).toBe(pocPage(results));
});

it('keeps what is promised: coverage 95 ± 1 %, at most 5 % false alarms under peeking, nobody moved', () => {
  for (const { difference, ofLift } of results.coverage) {
    expect(Math.abs(difference - 0.95)).toBeLessThanOrEqual(0.01);
    expect(Math.abs(ofLift - 0.95)).toBeLessThanOrEqual(0.01);
  }
  for (const { difference, lift, ratio } of results.peeking)
    expect([difference <= 0.05, lift <= 0.05, ratio <= 0.001]).toEqual([true, true, true]);
  expect(results.assignment).toMatchObject({ movedByRamp: 0, movedBack: 0 });
  expect(results.experiments).toBeGreaterThanOrEqual(10_000);
});
