/** The result page is what its numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { reportSmollm2, type SmollmReport } from './report-smollm2.ts';

it('docs/results/smollm2.md is made from the JSON beside it', () => {
  const report = JSON.parse(readFileSync('docs/results/smollm2.json', 'utf8')) as SmollmReport;
  expect(readFileSync('docs/results/smollm2.md', 'utf8')).toBe(reportSmollm2(report));
});
