/**
 * Conversations in real Chromium with the sealed engine while things go wrong: `E2P_SOAK` seconds, or a minute where `CI` is set, in which it is a project of
 * its own that begins first (playwright.config.ts). `.ci/run` has five, beside what installs and bundles (scripts/test.mjs). `E2P_SOAK=300` without
 * `CI` writes docs/results/soak.json and .md.
 */
import { readFileSync } from 'node:fs';
import { expect, test, type Worker } from '@playwright/test';
import { growth, keepSoak, type MemorySample, machine } from '../bench/soak-results.ts';
import { INJECTED } from '../src/testing/faulty-runtime.ts';
import type { SoakReport } from '../src/testing/soak.ts';
import { launchOptions } from './chromium.ts';
import type { Harness } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: Harness;
declare const gc: () => void;
declare const letRunsFail: () => Promise<void>;

const GIVEN = process.env.E2P_SOAK;
const SECONDS = Number(GIVEN ?? 60);
const SAMPLES = 40;
/** Of the tensors that a run is given. */
const FAILING = 1 / 10_000;
/** A leak of a cache for each text would be several times that. */
const MOST_GROWTH_MB = 30;

test.skip(process.env.CI === undefined && GIVEN === undefined, 'takes a minute: set CI or E2P_SOAK');
const options = launchOptions();
// What waits for a collection goes up and down by 90 MB within minutes.
test.use({
  baseURL: HARNESS_URL,
  launchOptions: { ...options, args: [...(options.args ?? []), '--js-flags=--expose-gc'] },
});

test('a soak with engines that crash, runs that fail, aborts, destroyed sessions, users replaced and consent withdrawn: no wrong text, flat memory', async ({
  page,
  browser,
}) => {
  test.setTimeout(1000 * SECONDS + 180_000);
  const engines: Worker[] = [];
  page.on('worker', (worker) => engines.push(worker));
  let failedRuns = 0;
  const said: string[] = [];
  page.on('console', (message) => {
    if (message.text() === INJECTED) failedRuns++;
    else said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('crash', () => said.push('the page crashed'));
  // Of engines that are gone nothing can be asked.
  await page.exposeFunction('letRunsFail', () =>
    Promise.all(
      engines.map((engine) => engine.evaluate(failRuns, [INJECTED, FAILING] as const).catch(() => undefined)),
    ),
  );
  await page.goto('/');
  await page.waitForFunction(() => 'harness' in globalThis);
  const cdp = await browser.newBrowserCDPSession();
  const started = performance.now();
  const elapsed = () => Math.round((performance.now() - started) / 1000);
  const sampled: MemorySample[] = [];
  const sample = async () => {
    const alive: readonly { evaluate: Worker['evaluate'] }[] = [page, ...page.workers()];
    await Promise.all(alive.map((each) => each.evaluate(() => gc()).catch(() => undefined)));
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer');
    const pages = renderers.map(({ id }) => Number(readFileSync(`/proc/${id}/statm`, 'utf8').split(' ')[1]));
    const megabytes = Math.round((pages.reduce((sum, count) => sum + count, 0) * 4096) / 2 ** 20);
    sampled.push({ seconds: elapsed(), megabytes });
  };
  const timer = setInterval(() => void sample().catch(() => undefined), (1000 * SECONDS) / SAMPLES);
  const tell = (found: object) =>
    `soak: ${JSON.stringify({ ...found, failedRuns, memory: sampled.map(({ megabytes }) => megabytes), said })}\n`;
  const {
    report,
    crashed,
    frames,
  }: { readonly report: SoakReport; readonly crashed: number; readonly frames: number } = await page
    .evaluate(([url, seconds]) => harness.soakPublic(url, seconds, letRunsFail), [
      `${DEMO_URL}/models/e2p-tiny`,
      SECONDS,
    ] as const)
    .catch((error) => {
      process.stdout.write(tell({ seconds: elapsed(), error: String(error) }));
      throw error;
    })
    .finally(() => clearInterval(timer));
  const wall = elapsed();
  // Before, the texts to compare with were written, which takes a busy machine long.
  const memory = sampled.filter(({ seconds }) => seconds >= wall - SECONDS);
  const { early, late } = growth(memory);
  const told = tell({ ...report, crashed, frames, early, late });
  process.stdout.write(told);
  if (GIVEN !== undefined && process.env.CI === undefined) {
    keepSoak('Chromium', {
      ...machine(`Chromium ${browser.version()}`),
      report,
      injected: { crashed, failedRuns },
      memory,
      wall,
    });
  }
  expect(report.unexpected, told).toEqual([]);
  expect(report.wrong, told).toBe(0);
  expect(report.right, told).toBeGreaterThan(10);
  expect(report.aborted, told).toBeGreaterThan(0);
  expect(Object.keys(report.failed), told).toEqual(expect.arrayContaining(['no-user', 'runtime-failed']));
  expect(crashed, told).toBeGreaterThan(0);
  expect(failedRuns, told).toBeGreaterThan(0);
  expect(frames, told).toBe(0);
  // Of other systems nothing is known.
  if (process.platform === 'linux') expect(late - early, told).toBeLessThan(MOST_GROWTH_MB);
});

/** In an engine: what onnxruntime is given now and then fails to be copied into the memory of its WebAssembly, upon which the run throws. */
function failRuns([message, failing]: readonly [string, number]): void {
  const heap = 2 ** 24;
  if (Object.hasOwn(Uint8Array.prototype, 'set')) return;
  const { set } = Uint8Array.prototype;
  Uint8Array.prototype.set = function (...args) {
    if (this.length >= heap && Math.random() < failing) {
      // biome-ignore lint/suspicious/noConsole: the way to the test
      console.log(message);
      throw new Error(message);
    }
    set.apply(this, args);
  };
}
