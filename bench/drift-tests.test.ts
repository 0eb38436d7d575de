/** The result page is what its numbers say, and the numbers keep what docs/drift.md promises. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type DriftTestsResults, driftTestsPage, NOTHING, SHIFTED, wilson } from './drift-tests-results.ts';

const results: DriftTestsResults = JSON.parse(readFileSync('docs/results/drift-tests.json', 'utf8'));

it('docs/results/drift-tests.md is made from the JSON beside it', () => {
  expect(readFileSync('docs/results/drift-tests.md', 'utf8')).toBe(driftTestsPage(results));
});

it('nothing is called drift more often than the level, over 500 draws', () => {
  const quiet = results.trials.filter(({ change }) => change === NOTHING);
  const rounds = quiet.reduce((sum, trial) => sum + trial.rounds, 0);
  expect(rounds).toBeGreaterThanOrEqual(500);
  expect(quiet.reduce((sum, trial) => sum + trial.alarms, 0) / rounds).toBeLessThanOrEqual(results.level);
});

it('a shift of 0.3 σ, a rotation, a dead feature and an encoder swap are seen nine times of ten', () => {
  const changes = results.trials.filter(({ change }) =>
    [SHIFTED, 'rotation', 'dead feature', 'encoder swap'].includes(change),
  );
  expect(changes.length).toBe(12);
  for (const { population, change, alarms, rounds } of changes)
    expect([population, change, alarms / rounds >= 0.9]).toEqual([population, change, true]);
});

it('the interval of a share is that of Wilson (R: prop.test(81, 263, correct = FALSE))', () => {
  const [low, high] = wilson(81, 263);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
});
