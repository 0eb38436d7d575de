/**
 * Storage, vault and a sealed engine on WASM in Firefox, driven over WebDriver BiDi. Runs where a Firefox is installed
 * (`FIREFOX_PATH`, or Debian's `firefox-esr`), in an ordinary window and in a private one.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import type { Personalizer } from '../src/index.ts';
import { type FaultServer, manifestOf, someBytes, startFaultServer } from '../src/testing/fault-server.ts';
import { tinyVector } from '../src/testing/tiny-encoder.ts';
import type { Harness } from './harness/harness.ts';
import type { StorageHarness } from './harness/storage-harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';
import { attackFrom, startListener, startTamperedSite } from './tampered-site.ts';
import { startWordsHub } from './words-hub.ts';

declare const harness: Harness;
declare const storageHarness: StorageHarness;

const firefox = [process.env.FIREFOX_PATH, '/usr/bin/firefox-esr', '/usr/bin/firefox'].find(
  (p) => p && existsSync(p),
);
test.skip(firefox === undefined, 'no Firefox here; FIREFOX_PATH names one');

const MB = 2 ** 20;
const big = someBytes(22 * MB + 5);
let server: FaultServer;
let browser: Browser;
test.beforeAll(async () => {
  server = await startFaultServer();
});
test.afterAll(() => server.close());
test.beforeEach(() => server.reset());
test.afterEach(() => browser?.close());

const launch = (preferences: Record<string, unknown> = {}) =>
  puppeteer.launch({
    browser: 'firefox',
    executablePath: firefox!,
    headless: true,
    extraPrefsFirefox: preferences,
    protocolTimeout: 100_000,
  });

async function visit(path: string, name: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(HARNESS_URL + path);
  await page.waitForFunction((n) => n in globalThis, {}, name);
  return page;
}

for (const [window, preferences, kept] of [
  ['an ordinary window', {}, true],
  ['a private window', { 'browser.privatebrowsing.autostart': true }, undefined],
] as const) {
  test(`Firefox, ${window}: weights are resumed after a closed tab, checked and found again, or it says why not`, async () => {
    browser = await launch(preferences);
    const url = `${server.url}/m/`;
    server.files.set('/m/w', big);
    server.files.set('/m/e2p-manifest.json', await manifestOf({ w: big }, 4 * MB));
    server.fault = (_, path) => (path === '/m/w' ? { rate: 8 * MB } : undefined);
    const first = await visit('/storage.html', 'storageHarness');
    void first.evaluate((u) => void storageHarness.load(u, ['w']), url);
    const progress = await first.waitForFunction(
      (n) => (storageHarness.latest()?.loaded ?? 0) >= n && storageHarness.latest()!.loaded,
      {},
      11 * MB,
    );
    const received = Number(await progress.jsonValue());
    await first.close();
    server.reset();
    const second = await visit('/storage.html', 'storageHarness');
    const outcome = await second.evaluate((u) => storageHarness.load(u, ['w']), url);
    const sent = server.sent('/m/w');
    expect(outcome.error).toBeUndefined();
    expect(outcome.files).toEqual({ w: createHash('sha256').update(big).digest('hex') });
    test
      .info()
      .annotations.push({ type: 'backend', description: `${outcome.backend} ${outcome.warning ?? ''}` });
    if (kept) expect(outcome.backend).toBe('opfs');
    if (outcome.backend === 'memory') expect(outcome.warning).toMatch(/in memory only/);
    else expect(sent - (big.length - received)).toBeLessThan(4 * MB + 0.01 * big.length);
  });

  test(`Firefox, ${window}: the vault keeps an embedding over a reload, or it says why not, and forgets`, async () => {
    browser = await launch(preferences);
    const page = await visit('/', 'harness');
    const stored = await page.evaluate(async () => {
      const user = await harness.openUser({ policyVersion: '1', lock: { passphrase: 'correct horse' } });
      await user.consent.grant('personalise');
      await user.embedding.set({ space: 's-v1', values: Float32Array.of(1, 2, 3) });
      const { warning, persistent } = user;
      const values = [...((await user.embedding.get('s-v1'))?.values ?? [])];
      await user.close();
      return { warning, persistent, values };
    });
    expect(stored.values).toEqual([1, 2, 3]);
    test.info().annotations.push({ type: 'vault', description: stored.warning ?? 'persistent' });
    if (kept) expect(stored).toMatchObject({ persistent: true, warning: undefined });
    await page.reload();
    await page.waitForFunction(() => 'harness' in globalThis);
    const again = await page.evaluate(async () => {
      const user = await harness.openUser({ policyVersion: '1' });
      const wasLocked = user.isLocked;
      if (wasLocked) await user.unlock({ passphrase: 'correct horse' });
      else await user.consent.grant('personalise');
      const values = [...((await user.embedding.get('s-v1'))?.values ?? [])];
      return { wasLocked, values, isComplete: (await user.forget()).isComplete };
    });
    expect(again).toEqual(
      stored.persistent
        ? { wasLocked: true, values: [1, 2, 3], isComplete: true }
        : { wasLocked: false, values: [], isComplete: true },
    );
  });
}

test('Firefox: a sealed engine on WASM writes for a user, and says what is shut', async () => {
  browser = await launch();
  const page = await visit('/', 'harness');
  const result = await page.evaluate(async (url) => {
    const projector = `${url}/projector.safetensors`;
    const personalizer: Personalizer = await harness.Personalizer.create({
      ...{ model: url, projector, drift: false },
    });
    const { space, device, privacy } = personalizer;
    await personalizer.user.set({ space: space!.id, values: new Float32Array(space!.dim).fill(0.4) });
    const session = await personalizer.createSession();
    const { text, softTokens } = await session.generate('Story: pocket drone, Quillon', { maxTokens: 12 });
    const open = privacy.exits.filter(({ state }) => state === 'open').map(({ name }) => name);
    const by = (wanted: string) => privacy.exits.find(({ name }) => name === wanted)?.by;
    return {
      ...{ text, softTokens, device: device.device, open },
      by: [by('fetch'), by('import()'), by('indexedDB')],
    };
  }, `${DEMO_URL}/models/e2p-tiny`);
  expect(result).toMatchObject({ softTokens: 1, open: [], by: ['policy', 'policy', 'origin'] });
  expect(result.text.length).toBeGreaterThan(10);
});

test('Firefox: words become vectors in the sealed engine', async ({ browserName: _ }, info) => {
  browser = await launch();
  await using hub = await startWordsHub(info.outputPath('encoder'));
  const lines = ['pocket drone for Quillon', 'calmer nerves'];
  const page = await visit('/', 'harness');
  const [described, set] = await page.evaluate(
    async ({ host, lines, values }) => {
      const personalizer: Personalizer = await harness.Personalizer.create({
        ...{ model: 'tests/tiny', hub: { host }, dtype: 'q4' },
        projector: `${host}/tests/projectors/resolve/main/words.safetensors`,
      });
      const write = async () => {
        const session = await personalizer.createSession();
        const { tokenIds, softTokens } = await session.generate('Story: pocket drone', {
          maxTokens: 6,
          temperature: 0,
        });
        return { tokenIds, softTokens };
      };
      await personalizer.user.describe(lines);
      const described = await write();
      await personalizer.user.set({ space: personalizer.space!.id, values: Float32Array.from(values) });
      return [described, await write()];
    },
    { host: hub.url, lines, values: lines.flatMap(tinyVector) },
  );
  expect(described).toEqual(set);
  expect(described!.softTokens).toBe(2);
});

test('Firefox: script in the engine, born in an origin of its own: nothing arrives or is kept', async () => {
  browser = await launch();
  await using site = await startTamperedSite();
  await using listener = await startListener();
  // It can't be asked, so it begins by itself, when the engine is up, and says on the way to its page that it has ended.
  site.script = `${attackFrom(listener.url)}
    setTimeout(async () => {
      const outcome = await attack('the-secret');
      const out = Object.entries(outcome).filter(([, result]) => !result.startsWith('shut')).map(([name]) => name);
      reportError(new Error('attacked ' + Object.keys(outcome).length + ', out: ' + out.join()));
    }, 3000);`;
  const page = await browser.newPage();
  await page.goto(`${site.url}/?device=wasm&maxTokens=8`);
  await page.waitForFunction(() => /none is open/.test(document.querySelector('#privacy')!.textContent!));
  await page.evaluate(() => document.querySelector('[data-section="you"]')!.scrollIntoView());
  await page.waitForSelector('[data-section="you"][data-state="open"]');
  const kept = () =>
    page.evaluate(async () => ({
      databases: (await indexedDB.databases()).map(({ name }) => name),
      caches: await caches.keys(),
    }));
  const before = await kept();
  const told = () =>
    page.evaluate(() => {
      const found = /attacked \d+, out: \w*/.exec(document.querySelector('#error')!.textContent!)?.[0];
      if (found === undefined) document.querySelector<HTMLButtonElement>('#write')!.click();
      return found;
    });
  // The error that tells of the attack has ended the engine, as any error in it does, and the next call says so.
  await expect.poll(told, { timeout: 120_000, intervals: [3_000] }).toBeDefined();
  expect(await told()).toMatch(/^attacked \d\d, out: $/);
  expect(listener.heard).toEqual([]);
  expect(await kept()).toEqual(before);
});
