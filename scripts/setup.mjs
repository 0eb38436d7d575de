/**
 * Set-up that a fresh clone needs, with nothing but Node's own modules: dependencies, and a Chromium for tests.
 * Each step looks first whether it is needed, so a second run costs nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Runs a command in the repository with its output shown; true if it succeeded. */
export function run(command, args, options = {}) {
  const shell = process.platform === 'win32';
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', shell, ...options }).status === 0;
}

/** As `run`, and ends the program if the command fails. */
export function must(command, args, options) {
  if (!run(command, args, options)) {
    console.error(`e2p-web: "${command} ${args.join(' ')}" failed`);
    process.exit(1);
  }
}

/** Runs a program of node_modules with this Node. */
export const tool = (path, args, options) =>
  run(process.execPath, [join('node_modules', path), ...args], options);

/** Whether packages can be fetched; says so where they can't. */
export function hasRegistry() {
  const found = spawnSync(npm, ['view', 'npm', 'version'], { timeout: 30_000 }).status === 0;
  if (!found) console.log('skipped: there is no npm registry in reach, and this installs packages');
  return found;
}

/** The last line of a program that checks, its exit code, and both for `npm test` where that runs it. */
export function tellCounts(passed, failed) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
  const { E2P_REPORT: report } = process.env;
  if (report) writeFileSync(report, JSON.stringify({ passed, failed }));
}

export function installDependencies() {
  const installed = join(root, 'node_modules/.package-lock.json');
  const wanted = join(root, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return;
  console.log('e2p-web: installing dependencies (npm ci)');
  must(npm, ['ci', '--no-audit', '--no-fund']);
}

/** Path of a Chromium that starts, or undefined. */
function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const installed = names.flatMap((n) => (process.env.PATH ?? '').split(':').map((dir) => join(dir, n)));
  const playwright = createRequire(import.meta.url)('@playwright/test').chromium.executablePath();
  const candidates = [
    process.env.CHROMIUM_PATH,
    ...installed,
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    playwright,
  ];
  return candidates.find((path) => path && existsSync(path) && starts(path));
}

const starts = (path) => spawnSync(path, ['--version', '--no-sandbox'], { timeout: 30_000 }).status === 0;

/** An installed Chromium, else the one Playwright downloads, else Debian's package when root. */
export function ensureChromium() {
  let path = findChromium();
  if (path === undefined) {
    console.log('e2p-web: no Chromium found; trying the one that Playwright downloads');
    tool('@playwright/test/cli.js', ['install', 'chromium'], { timeout: 600_000 });
    path = findChromium();
  }
  if (path === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log("e2p-web: trying Debian's chromium package");
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-qq'], { env });
    run('apt-get', ['install', '-y', '-qq', 'chromium'], { env });
    path = findChromium();
  }
  if (path === undefined) {
    console.error('e2p-web: the tests need a Chromium; install one, or set CHROMIUM_PATH to it');
    process.exit(1);
  }
  return path;
}
