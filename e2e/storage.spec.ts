/**
 * Weights in real Chromium while things go wrong: what is fetched again, what is kept, what the person is told. The rows of
 * `docs/results/faults.md` that are about weights have their tests here.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type BrowserContext, chromium, expect, type Page, test } from '@playwright/test';
import {
  type Fault,
  type FaultServer,
  manifestOf,
  someBytes,
  startFaultServer,
} from '../src/testing/fault-server.ts';
import { launchOptions } from './chromium.ts';
import type { StorageHarness } from './harness/storage-harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const storageHarness: StorageHarness;

const MB = 2 ** 20;
const CHUNK = 4 * MB;
const big = someBytes(22 * MB + 123);
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
let server: FaultServer;
let url = '';

test.beforeAll(async () => {
  server = await startFaultServer();
  url = `${server.url}/m/`;
});
test.afterAll(() => server.close());
test.beforeEach(() => {
  server.reset();
  server.files.clear();
});

async function visit(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${HARNESS_URL}/storage.html`);
  await page.waitForFunction(() => 'storageHarness' in globalThis);
  return page;
}

const load = (page: Page, ...paths: string[]) =>
  page.evaluate(([u, p]) => storageHarness.load(u, p), [url, paths] as const);

async function put(
  files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  withManifest: boolean,
): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) server.files.set(`/m/${path}`, bytes);
  if (withManifest) server.files.set('/m/e2p-manifest.json', await manifestOf(files, CHUNK));
}

const faultOf = (path: string, fault: (n: number) => Fault | undefined) => {
  server.fault = (method, asked, n) => (method === 'GET' && asked === `/m/${path}` ? fault(n) : undefined);
};

for (const [share, withManifest] of [
  [0.1, true],
  [0.5, false],
  [0.99, true],
] as const) {
  const percent = share * 100;
  test(`tab closed at ${percent} %: the next visit fetches what is missing, and at most a chunk twice`, async ({
    context,
  }) => {
    await put({ 'w.onnx': big }, withManifest);
    faultOf('w.onnx', () => ({ rate: 10 * MB }));
    const first = await visit(context);
    void load(first, 'w.onnx').catch(() => undefined);
    const loaded = await first.waitForFunction((n) => {
      const progress = storageHarness.latest();
      return progress?.file === 'w.onnx' && progress.loaded >= n && progress.loaded;
    }, share * big.length);
    const received = Number(await loaded.jsonValue());
    await first.close();
    server.reset();
    const second = await visit(context);
    expect(await load(second, 'w.onnx')).toMatchObject({
      backend: 'opfs',
      files: { 'w.onnx': digest(big) },
      error: undefined,
    });
    const twice = server.sent('/m/w.onnx') - (big.length - received);
    expect(twice).toBeLessThan(CHUNK + 0.01 * big.length);
  });
}

const refusals: [string, Fault, string, RegExp][] = [
  [
    'a start page with status 200',
    { body: '<html>', headers: { 'content-type': 'text/html' } },
    'none',
    /^$/,
  ],
  ['a status of 503', { status: 503 }, 'network', /answered 503/],
  ['a line that is cut at once, each time', { cutAfter: 0 }, 'network', /broke off|could not be fetched/],
  ['silence', { stallAfter: 0 }, 'network', /sent nothing for 1 s/],
  ['a longer Content-Length than its body', { claimLength: 2 * big.length }, 'network', /bytes/],
];
for (const [what, fault, code, message] of refusals) {
  test(`a server that answers with ${what}: a typed error, and what was stored before is still there`, async ({
    context,
  }) => {
    const page = await visit(context);
    const other = `${server.url}/other/`;
    server.files.set('/other/x', someBytes(1000));
    await page.evaluate((u) => storageHarness.load(u, ['x']), other);
    await put({ w: someBytes(2 * MB) }, false);
    faultOf('w', () => fault);
    const outcome = await page.evaluate((u) => storageHarness.load(u, ['w'], 1000), url);
    if (code === 'none') expect(outcome).toMatchObject({ error: undefined, files: {} });
    else expect(outcome.error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(
      (await page.evaluate(() => storageHarness.list())).filter((f) => f.complete).map((f) => f.url),
    ).toContain(other);
    // Once the server is well, the same visit goes on.
    server.reset();
    expect((await load(page, 'w')).files).toEqual({ w: digest(someBytes(2 * MB)) });
  });
}

test('another origin that compresses: its length is of what it sends, and the file comes whole, is kept whole and found again', async ({
  context,
}) => {
  const text = Buffer.from(JSON.stringify({ words: Array.from({ length: 50_000 }, (_, i) => `word ${i}`) }));
  const files = { 'tokenizer.json': text };
  server.files.set('/m/tokenizer.json', text);
  const hidden = { 'access-control-expose-headers': '' };
  faultOf('tokenizer.json', () => ({
    ...{ body: gzipSync(text), noRanges: true },
    headers: { ...hidden, 'content-encoding': 'gzip', etag: 'W/"a"' },
  }));
  const expected = { 'tokenizer.json': digest(files['tokenizer.json']) };
  expect(await load(await visit(context), 'tokenizer.json')).toMatchObject({
    error: undefined,
    files: expected,
  });
  expect(await load(await visit(context), 'tokenizer.json')).toMatchObject({
    error: undefined,
    files: expected,
  });
});

test('a body that ends early and says no length is not taken for the whole', async ({ context }) => {
  await put({ w: big }, false);
  // Chunked, and ended in good order.
  faultOf('w', (n) =>
    n === 0 ? { endAfter: 9 * MB, headers: { 'access-control-expose-headers': '' } } : {},
  );
  expect(await load(await visit(context), 'w')).toMatchObject({
    error: undefined,
    files: { w: digest(big) },
  });
});

test('a file of a server without ETag and Last-Modified is fetched again when it has changed, and only then', async ({
  context,
}) => {
  const faults = { headers: { etag: '' } };
  await put({ w: big }, false);
  server.fault = () => faults;
  await load(await visit(context), 'w');
  server.reset();
  server.fault = () => faults;
  expect((await load(await visit(context), 'w')).files).toEqual({ w: digest(big) });
  expect(server.sent('/m/w')).toBeLessThan(CHUNK);
  const next = Uint8Array.from(big);
  next[next.length - 5]! ^= 1;
  await put({ w: next }, false);
  expect((await load(await visit(context), 'w')).files).toEqual({ w: digest(next) });
});

test('an object store that answers 403 for what is not there: the optional is absent, the rest loads', async ({
  context,
}) => {
  await put({ w: someBytes(1000) }, false);
  server.fault = (_, path) => (path === '/m/w' ? undefined : { status: 403 });
  expect(await load(await visit(context), 'w', 'generation_config.json')).toMatchObject({
    error: undefined,
    files: { w: digest(someBytes(1000)) },
  });
});

test('a server that cuts the line goes on with a byte range; one that knows no ranges starts again', async ({
  context,
}) => {
  const page = await visit(context);
  await put({ w: big, v: big }, false);
  server.fault = (_, path, n) => {
    if (path === '/m/w' && n < 2) return { cutAfter: 9 * MB };
    return path === '/m/v' && n < 1
      ? { cutAfter: 9 * MB, noRanges: true }
      : path === '/m/v'
        ? { noRanges: true }
        : {};
  };
  expect((await load(page, 'w', 'v')).files).toEqual({ w: digest(big), v: digest(big) });
  expect(server.log.some((line) => /GET \/m\/w bytes=\d+-/.test(line))).toBe(true);
});

test('a file that changes in the middle of its download arrives as the new one, whole', async ({
  context,
}) => {
  const page = await visit(context);
  const next = someBytes(big.length, 5);
  await put({ w: big }, false);
  faultOf('w', (n) => {
    if (n > 0) server.files.set('/m/w', next);
    return n === 0 ? { cutAfter: 9 * MB } : {};
  });
  expect(await load(page, 'w')).toMatchObject({ error: undefined, files: { w: digest(next) } });
});

test('two tabs at once: one downloads, the other waits, sees how far it is, and has it too', async ({
  context,
}) => {
  await put({ w: big }, true);
  faultOf('w', () => ({ rate: 5 * MB }));
  const [a, b] = [await visit(context), await visit(context)];
  const [first, second] = await Promise.all([load(a, 'w'), load(b, 'w')]);
  expect(first.files).toEqual({ w: digest(big) });
  expect(second.files).toEqual(first.files);
  expect(server.sent('/m/w')).toBe(big.length);
  const waited = await Promise.all(
    [a, b].map((page) => page.evaluate(() => storageHarness.seen().some((p) => p.elsewhere && p.loaded > 0))),
  );
  expect(waited.toSorted()).toEqual([false, true]);
});

test('the tab that downloads is closed: the one that waits goes on with what is there', async ({
  context,
}) => {
  await put({ w: big }, true);
  let rate = 10 * MB;
  faultOf('w', () => ({
    get rate() {
      return rate;
    },
  }));
  const a = await visit(context);
  void load(a, 'w').catch(() => undefined);
  await a.waitForFunction((n) => (storageHarness.latest()?.loaded ?? 0) > n, 9 * MB);
  // So slow that it cannot end before the other tab waits for it, however busy the machine is.
  rate = MB / 8;
  const b = await visit(context);
  const waiting = load(b, 'w');
  await b.waitForFunction(() => storageHarness.latest()?.elsewhere === true);
  const received = await a.evaluate(() => storageHarness.latest()?.loaded ?? 0);
  // Before the close, so that all that the other tab asks for is counted; what lies unread in the closed one's socket is not.
  server.reset();
  await a.close();
  expect((await waiting).files).toEqual({ w: digest(big) });
  const twice = server.sent('/m/w') - (big.length - received);
  expect(twice).toBeLessThan(CHUNK + 0.01 * big.length);
});

test('a new version beside one that is in use: both are whole, and the old one goes when its tab does', async ({
  context,
}) => {
  const old = someBytes(9 * MB, 3);
  const next = old.slice();
  next[5 * MB]! ^= 1;
  await put({ w: old }, true);
  const a = await visit(context);
  await a.evaluate((u) => storageHarness.keep(u, 'w'), url);
  await put({ w: next }, true);
  const b = await visit(context);
  server.reset();
  expect((await load(b, 'w')).files).toEqual({ w: digest(next) });
  // The chunk that differs, and no other.
  expect(server.sent('/m/w')).toBe(CHUNK);
  expect(await a.evaluate(() => storageHarness.readKept('w'))).toBe(digest(old));
  expect(await b.evaluate(() => storageHarness.chunkNames())).toHaveLength(3 + 1);
  await a.close();
  // The browser frees a closed tab's locks a moment later.
  const afterLoad = async () => {
    await load(b, 'w');
    return b.evaluate(() => storageHarness.chunkNames());
  };
  await expect.poll(afterLoad).toHaveLength(3);
});

test('disk full: told with numbers before the first byte where the size is known, else at the write; the rest stays', async ({
  context,
}) => {
  const page = await visit(context);
  const small = someBytes(MB, 8);
  server.files.set('/other/x', small);
  await page.evaluate((u) => storageHarness.load(u, ['x']), `${server.url}/other/`);
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: HARNESS_URL, quotaSize: 12 * MB });
  await put({ w: big }, true);
  // Chromium reports 10 GiB whatever there is, so that what it reports is the test's.
  await page.evaluate((n) => {
    const estimate = StorageManager.prototype.estimate;
    Object.assign(globalThis, { estimate });
    StorageManager.prototype.estimate = async () => ({ quota: n, usage: 2 ** 20 });
  }, 12 * MB);
  const told = await load(page, 'w');
  expect(told.error).toMatchObject({
    code: 'quota-exceeded',
    message: expect.stringMatching(new RegExp(`needs ${big.length} bytes, \\d+ are free`)),
  });
  expect(server.sent('/m/w')).toBe(0);
  // What it reports may be too much: then a write fails.
  await page.evaluate(() => {
    StorageManager.prototype.estimate = (
      globalThis as unknown as { estimate: typeof navigator.storage.estimate }
    ).estimate;
  });
  expect((await load(page, 'w')).error).toMatchObject({
    code: 'quota-exceeded',
    message: expect.stringMatching(/a write was refused, \d+ bytes are reported free/),
  });
  expect((await page.evaluate((u) => storageHarness.load(u, ['x']), `${server.url}/other/`)).files).toEqual({
    x: digest(small),
  });
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: HARNESS_URL });
  server.reset();
  expect((await load(page, 'w')).files).toEqual({ w: digest(big) });
  // What fitted before the disk was full is not fetched again.
  expect(server.sent('/m/w')).toBeLessThan(big.length);
});

test('an OPFS handle taken by somebody else: a typed error, and the next try goes on', async ({
  context,
}) => {
  const page = await visit(context);
  await put({ w: big }, true);
  const name = digest(big.slice(2 * CHUNK, 3 * CHUNK));
  await page.evaluate((n) => storageHarness.takeHandle(n), name);
  expect((await load(page, 'w')).error).toMatchObject({ code: 'storage-failed' });
  await page.evaluate(() => storageHarness.release());
  server.reset();
  expect((await load(page, 'w')).files).toEqual({ w: digest(big) });
  expect(server.sent('/m/w')).toBeLessThanOrEqual(big.length - 2 * CHUNK);
});

test('storage cleared while a page is open: the next load fetches the weights again', async ({ context }) => {
  const page = await visit(context);
  await put({ w: big }, true);
  await load(page, 'w');
  const cdp = await context.newCDPSession(page);
  await cdp.send('Storage.clearDataForOrigin', { origin: HARNESS_URL, storageTypes: 'all' });
  server.reset();
  expect((await load(page, 'w')).files).toEqual({ w: digest(big) });
  expect(server.sent('/m/w')).toBe(big.length);
});

test('a rotten and an evicted chunk: found by the check, fetched again alone', async ({ context }) => {
  const page = await visit(context);
  await put({ w: big }, true);
  await load(page, 'w');
  await page.evaluate((n) => storageHarness.damage(n, 'rot'), digest(big.slice(0, CHUNK)));
  await page.evaluate((n) => storageHarness.damage(n, 'evict'), digest(big.slice(3 * CHUNK, 4 * CHUNK)));
  server.reset();
  expect(await page.evaluate((u) => storageHarness.check(u), url)).toMatchObject({
    damaged: [
      { path: 'w', chunk: 0 },
      { path: 'w', chunk: 3 },
    ],
    whole: true,
  });
  expect(server.sent('/m/w')).toBe(2 * CHUNK);
  expect((await load(page, 'w')).files).toEqual({ w: digest(big) });
});

test('an evicted chunk is noticed by a load too', async ({ context }) => {
  const page = await visit(context);
  await put({ w: big }, true);
  await load(page, 'w');
  await page.evaluate((n) => storageHarness.damage(n, 'evict'), digest(big.slice(CHUNK, 2 * CHUNK)));
  server.reset();
  expect((await load(page, 'w')).files).toEqual({ w: digest(big) });
  expect(server.sent('/m/w')).toBe(CHUNK);
});

test('without OPFS the Cache API keeps the weights', async ({ context }) => {
  await context.addInitScript(() => {
    StorageManager.prototype.getDirectory = () => Promise.reject(new DOMException('no', 'SecurityError'));
  });
  await put({ w: big }, true);
  expect(await load(await visit(context), 'w')).toMatchObject({ backend: 'cache', warning: undefined });
  server.reset();
  const page = await visit(context);
  expect((await load(page, 'w')).files).toEqual({ w: digest(big) });
  expect(server.sent('/m/w')).toBe(0);
  // Deleted by a page that does not use it itself, once the one that does is gone.
  for (const other of context.pages()) await other.close();
  const last = await visit(context);
  expect(await last.evaluate((u) => storageHarness.delete(u), url)).toBe(true);
  expect(await last.evaluate(() => storageHarness.chunkNames())).toEqual([]);
});

test('IndexedDB blocked, as in some private windows: in memory, with a warning for the person', async ({
  context,
}) => {
  await context.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('no', 'SecurityError');
    };
  });
  await put({ w: big }, true);
  const outcome = await load(await visit(context), 'w');
  expect(outcome).toMatchObject({ backend: 'memory', files: { w: digest(big) }, error: undefined });
  expect(outcome.warning).toMatch(
    /kept in memory only and will be downloaded again on the next visit: IndexedDB/,
  );
});

test('in a worker as on the page, and over a restart of the browser', async ({ browserName: _ }, info) => {
  const folder = info.outputPath('profile');
  await put({ w: big }, true);
  for (const expected of [big.length, 0]) {
    server.reset();
    const context = await chromium.launchPersistentContext(folder, launchOptions());
    const page = await visit(context);
    const outcome = await page.evaluate((u) => storageHarness.loadInWorker(u, ['w']), url);
    expect(outcome).toMatchObject({ backend: 'opfs', files: { w: digest(big) }, error: undefined });
    expect(server.sent('/m/w')).toBe(expected);
    await context.close();
  }
});

test('a person sees what is stored, how much room there is, and deletes it', async ({ context }) => {
  const page = await visit(context);
  await put({ w: big }, true);
  await load(page, 'w');
  expect(await page.evaluate(() => storageHarness.list())).toMatchObject([
    { url, bytes: big.length, complete: true, held: true, files: [{ path: 'w', verified: 'manifest' }] },
  ]);
  expect((await page.evaluate(() => storageHarness.room())).used).toBeGreaterThanOrEqual(big.length);
  expect(await page.evaluate((u) => storageHarness.delete(u), url)).toBe(true);
  expect(await page.evaluate(() => storageHarness.list())).toEqual([]);
});
