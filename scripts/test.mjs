/**
 * `npm test`: sets up what is missing, then types, lint, unit tests and browser tests. Every stage runs even if
 * one before it failed; the last line counts tests. In CI five minutes of soak go on beside the stages that install and bundle.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSealed } from './build-sealed.mjs';
import { checkFaults } from './faults.mjs';
import { ensureChromium, hasRegistry, installDependencies, root } from './setup.mjs';
import { beside, run, tool } from './stages.mjs';
import { testsOf, troubles } from './test-report.mjs';

installDependencies();
await buildSealed();
const env = { ...process.env, CHROMIUM_PATH: ensureChromium(), FORCE_COLOR: '0' };
const reports = join(root, '.cache/test');
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const report = (name) => join(reports, name);

/** Playwright's tests, reported into a file of that name. */
const playwright = (name, more = {}) => ({
  env: { ...env, ...more, PLAYWRIGHT_JSON_OUTPUT_FILE: report(`${name}.json`) },
});
const PLAYWRIGHT = ['@playwright/test/cli.js', 'test', '--reporter=list,json'];
const SOAK = 'soak.spec.ts';
const PACKED = ['check-package', 'examples', 'first-hour', 'api'];
// With a registry at hand: the packed package in small apps and old compilers.
const isPacked = Boolean(process.env.E2P_PACKAGE) && hasRegistry();
const soaksBeside = isPacked && Boolean(process.env.CI);

const failed = [];
await inTurn({
  types: () => tool(['typescript/bin/tsc', '--noEmit']),
  lint: () => tool(['@biomejs/biome/bin/biome', 'ci', '--error-on-warnings']),
  build: () => run(['scripts/build.mjs']),
  unit: () =>
    tool(
      [
        ...['vitest/vitest.mjs', 'run', '--reporter=dot'],
        ...['--reporter=json', `--outputFile.json=${report('unit.json')}`],
      ],
      { env },
    ),
  e2e: () => tool([...PLAYWRIGHT, ...(soaksBeside ? ['--grep-invert', SOAK] : [])], playwright('e2e')),
});
if (isPacked) {
  // Which mostly wait for one core or the registry. A soak that fails is not tried again: nobody has five minutes more.
  const soak =
    soaksBeside &&
    beside([...PLAYWRIGHT, SOAK, '--retries=0'], report('soak.txt'), {
      ...playwright('soak', { E2P_SOAK: '300', E2P_PORT: String(Number(process.env.E2P_PORT ?? 5173) + 3) }),
    });
  const script = (name) => () => run([`scripts/${name}.mjs`], { env: { ...env, E2P_REPORT: report(name) } });
  await inTurn({
    ...Object.fromEntries(PACKED.map((name) => [name, script(name)])),
    ...(soak && { soak }),
  });
}

async function inTurn(stages) {
  for (const [name, stage] of Object.entries(stages)) {
    console.log(`\n== ${name}`);
    const started = Date.now();
    if (!(await stage())) failed.push(name);
    console.log(
      `== ${name} ${failed.includes(name) ? 'FAILED' : 'done'} in ${((Date.now() - started) / 1000).toFixed(0)} s`,
    );
  }
}

const unit = readReport('unit.json');
const browser = ['e2e.json', 'soak.json'].map(readReport);
const tests = testsOf(unit, { suites: browser.flatMap(({ suites = [] }) => suites) });
const faults = checkFaults(tests);
for (const line of [...faults, ...troubles(tests)]) console.log(line);
if (faults.length > 0) failed.push('faults');
const packed = PACKED.map(readReport);
const e2e = browser.map(({ stats }) => stats);
const sum = (numbers) => numbers.reduce((total, number) => total + (number ?? 0), 0);
const passed = sum([
  unit.numPassedTests,
  ...e2e.flatMap((each) => [each?.expected, each?.flaky]),
  ...packed.map((each) => each.passed),
]);
const failures = sum([
  unit.numFailedTests,
  ...e2e.map((each) => each?.unexpected),
  ...packed.map((each) => each.failed),
]);
const skipped = sum([unit.numPendingTests, ...e2e.map((each) => each?.skipped)]);
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
