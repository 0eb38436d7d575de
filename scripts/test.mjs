/**
 * `npm test`: sets up what is missing, then types, lint, unit tests and browser tests. Every stage runs even if
 * one before it failed; the last line counts tests.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSealed } from './build-sealed.mjs';
import { checkFaults } from './faults.mjs';
import { ensureChromium, hasRegistry, installDependencies, root, run, tool } from './setup.mjs';
import { testsOf, troubles } from './test-report.mjs';

installDependencies();
await buildSealed();
const env = { ...process.env, CHROMIUM_PATH: ensureChromium(), FORCE_COLOR: '0' };
const reports = join(root, '.cache/test');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const report = (name) => join(reports, name);

const stages = {
  types: () => tool('typescript/bin/tsc', ['--noEmit']),
  lint: () => tool('@biomejs/biome/bin/biome', ['ci', '--error-on-warnings']),
  build: () => run(process.execPath, ['scripts/build.mjs']),
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

const PACKED = ['check-package', 'examples', 'first-hour', 'api'];
// With a registry at hand: the packed package in small apps and old compilers.
if (process.env.E2P_PACKAGE && hasRegistry()) {
  for (const script of PACKED) {
    stages[script] = () =>
      run(process.execPath, [`scripts/${script}.mjs`], { env: { ...env, E2P_REPORT: report(script) } });
  }
}

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
const tests = testsOf(unit, e2eReport);
const faults = checkFaults(tests);
for (const line of [...faults, ...troubles(tests)]) console.log(line);
if (faults.length > 0) failed.push('faults');
const packed = PACKED.map(readReport);
const sum = (numbers) => numbers.reduce((total, number) => total + (number ?? 0), 0);
const passed = sum([unit.numPassedTests, e2e?.expected, e2e?.flaky, ...packed.map((each) => each.passed)]);
const failures = sum([unit.numFailedTests, e2e?.unexpected, ...packed.map((each) => each.failed)]);
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
