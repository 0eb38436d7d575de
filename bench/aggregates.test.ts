/** The result page is what its numbers say, and the numbers are those of theory. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type AggregateResults, aggregatesPage } from './aggregates-results.ts';

const results: AggregateResults = JSON.parse(readFileSync('docs/results/aggregates.json', 'utf8'));

it('docs/results/aggregates.md is made from the JSON beside it', () => {
  expect(readFileSync('docs/results/aggregates.md', 'utf8')).toBe(aggregatesPage(results));
});

it('has errors as theory has them, no bias, and no more than the ε that is said', () => {
  for (const { devices, error, theory, bias } of [...results.million, ...results.thousands]) {
    // Of 100 fleets of six answers the root mean square itself varies, by 3 %.
    expect(Math.abs(error / theory - 1)).toBeLessThan(devices === 1_000_000 ? 0.12 : 0.03);
    expect(bias).toBeLessThan(4);
  }
  expect(results.exact.above).toBeLessThan(0);
});
