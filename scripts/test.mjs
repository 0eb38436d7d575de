/**
 * `npm test`: sets up what is missing, then types, lint, unit tests and browser tests. Every stage runs even if
 * one before it failed; the last line counts tests.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSealed } from './build-sealed.mjs';
import { checkFaults } from './faults.mjs';
import { ensureChromium, installDependencies, root, tool } from './setup.mjs';

installDependencies();
await buildSealed();
const env = { ...process.env, CHROMIUM_PATH: ensureChromium(), FORCE_COLOR: '0' };
const reports = join(root, '.cache/test');
mkdirSync(reports, { recursive: true });
const report = (name) => join(reports, name);

const stages = {
  types: () => tool('typescript/bin/tsc', ['--noEmit']),
  lint: () => tool('@biomejs/biome/bin/biome', ['ci', '--error-on-warnings']),
  build: () => tool('typescript/bin/tsc', ['-p', 'tsconfig.build.json']),
  unit: () =>
    tool(
      'vitest/vitest.mjs',
      ['run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report('unit.json')}`],
      { env },
    ),
  e2e: () =>
    tool('@playwright/test/cli.js', ['test', '--reporter=list,json'], {
      env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: report('e2e.json') },
    }),
};

const failed = [];
for (const [name, stage] of Object.entries(stages)) {
  console.log(`\n== ${name}`);
  const started = Date.now();
  if (!stage()) failed.push(name);
  console.log(
    `== ${name} ${failed.includes(name) ? 'FAILED' : 'done'} in ${((Date.now() - started) / 1000).toFixed(0)} s`,
  );
}

const unit = readReport('unit.json');
const { stats: e2e, ...e2eReport } = readReport('e2e.json');
const faults = checkFaults(unit, e2eReport);
for (const fault of faults) console.log(fault);
if (faults.length > 0) failed.push('faults');
const passed = (unit.numPassedTests ?? 0) + (e2e?.expected ?? 0) + (e2e?.flaky ?? 0);
const failures = (unit.numFailedTests ?? 0) + (e2e?.unexpected ?? 0);
const skipped = (unit.numPendingTests ?? 0) + (e2e?.skipped ?? 0);
if (failed.length > 0) console.log(`\nfailed: ${failed.join(', ')}`);
// A stage that failed without a failing test (types, lint, a crash) still counts.
const count = failed.length > 0 ? Math.max(failures, 1) : failures;
console.log(`\n${passed} passed, ${count} failed, ${skipped} skipped`);
process.exitCode = failed.length > 0 ? 1 : 0;

function readReport(name) {
  try {
    return JSON.parse(readFileSync(report(name), 'utf8'));
  } catch {
    return {};
  }
}
