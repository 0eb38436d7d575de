/** A catalogue of items in OPFS, in real Chromium: read in slices, and what a person does becomes an embedding in their vault. */
import { readFileSync } from 'node:fs';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { writeRaw } from '../src/projector/safetensors.ts';
import { type FaultServer, startFaultServer } from '../src/testing/fault-server.ts';
import { foldIn } from '../src/user/als.ts';
import { CATALOGUE_KEY, ID_BLOCK, openCatalogue } from '../src/user/catalogue.ts';
import { writeCatalogue } from '../src/user/write-catalogue.ts';
import type { UserHarness } from './harness/user-harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const harness: UserHarness;

const MB = 2 ** 20;
const SPACE = 'films-v1';
const weights = { regularisation: 2, alpha: 5 };
let server: FaultServer;

test.beforeAll(async () => {
  server = await startFaultServer();
});
test.afterAll(() => server.close());

async function visit(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${HARNESS_URL}/user.html`);
  await page.waitForFunction(() => 'harness' in globalThis);
  return page;
}

/** Downloads it in a page that is closed then, so that what that held is gone. */
async function store(context: BrowserContext, bytes: Uint8Array): Promise<void> {
  server.files.set('/items', bytes);
  const page = await visit(context);
  await page.evaluate((url) => harness.storeCatalogue(url), `${server.url}/items`);
  await page.close();
  server.files.clear();
  server.reset();
}

test('what a person does becomes the embedding that a backend computes, and taken back it leaves nothing', async ({
  context,
}) => {
  const [count, dim] = [2000, 16];
  const ids = Array.from({ length: count }, (_, i) => `film ${(i * 7919) % count} é`);
  const items = Float32Array.from({ length: count * dim }, (_, i) => Math.sin(i * i + 1));
  const bytes = writeCatalogue({ items, dim, ids, space: SPACE, ...weights }).slice();
  await store(context, bytes);
  const page = await visit(context);
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const liked = ids.slice(0, 12);
  const { before, embedding, after, history, ms } = await page.evaluate(async (names) => {
    const user = await harness.openUser({ policyVersion: '1' });
    await user.consent.grant('personalise');
    await user.consent.grant('learn-from-activity');
    const connection = await harness.embedFromActivity(user, await harness.storedCatalogue());
    const now = async () => [...((await user.embedding.get('films-v1'))?.values ?? [])];
    for (const item of names) await user.events.add({ type: 'like', item });
    await connection.settled();
    const earlier = await now();
    const started = performance.now();
    const id = await user.events.add({ type: 'skip', item: names[3]! });
    await connection.settled();
    const spent = performance.now() - started;
    const values = await now();
    await user.events.delete(id);
    await connection.settled();
    const versions = await user.embedding.history('films-v1');
    return { before: earlier, embedding: values, after: await now(), history: versions.length, ms: spent };
  }, liked);
  test.info().annotations.push({ type: 'event', description: `${ms.toFixed(1)} ms, the vault included` });
  const catalogue = await openCatalogue(new Blob([bytes]));
  const clicks = (await catalogue.find(liked)).map((row) => row!);
  const rows = await catalogue.rows(Array.from({ length: count }, (_, i) => i));
  const counts = clicks.map((_, i) => (i === 3 ? 4 - 1 : 4));
  const expected = foldIn({ items: rows, dim, clicks, counts, ...weights });
  const size = Math.hypot(...expected);
  for (const [k, value] of embedding.entries())
    expect(Math.abs(value - expected[k]!) / size).toBeLessThan(1e-6);
  expect(embedding).not.toEqual(before);
  expect(after).toEqual(before);
  expect(history).toBeGreaterThanOrEqual(3);
  expect(requests).toEqual([]);
});

test('a million items in OPFS: rows come by id, and memory does not hold the file', async ({
  context,
  browser,
}) => {
  test.skip(!process.env.CI, 'writes 80 MB: CI only');
  const [count, dim, asked] = [1_000_000, 64, 500];
  const { bytes, rowOf } = millionItems(count, dim);
  expect(bytes.length).toBeGreaterThan(75 * MB);
  await store(context, bytes);
  const page = await visit(context);
  const cdp = await browser.newBrowserCDPSession();
  const heap = await context.newCDPSession(page);
  const memory = async () => {
    await heap.send('HeapProfiler.collectGarbage');
    const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
    return processInfo.reduce((sum, { id }) => sum + heldBytes(id), 0) / MB;
  };
  const some = Array.from({ length: asked }, (_, i) => (i * 19_937 + 5) % count);
  // What reading itself needs is there before anything is measured.
  await page.evaluate(async (names) => {
    const catalogue = await harness.storedCatalogue();
    for (const name of names) await catalogue.find([name]);
  }, some.slice(0, 50).map(idOf));
  const before = await memory();
  const { found, rows, openMs, ms } = await page.evaluate(
    async (names) => {
      const started = performance.now();
      const catalogue = await harness.storedCatalogue();
      const opened = performance.now();
      const all: number[] = [];
      const indices: (number | undefined)[] = [];
      for (const name of names) {
        const [row] = await catalogue.find([name]);
        indices.push(row);
        if (row !== undefined) all.push(...(await catalogue.rows([row])));
      }
      Object.assign(globalThis, { catalogue });
      const spent = (performance.now() - opened) / names.length;
      return { found: indices, rows: all, openMs: opened - started, ms: spent };
    },
    [...some.map(idOf), 'item-x', 'item-1000000'],
  );
  const grown = (await memory()) - before;
  const told = `opened in ${openMs.toFixed(0)} ms, ${ms.toFixed(2)} ms an item, ${grown.toFixed(0)} MB more`;
  test.info().annotations.push({ type: 'catalogue', description: told });
  expect(found).toEqual([...some, null, null].map((row) => row ?? undefined));
  expect(rows).toEqual(some.flatMap((row) => [...rowOf(row)]));
  // Far less than the file has, where other things grow too.
  expect(grown).toBeLessThan(45);
});

const idOf = (row: number) => `item-${String(row).padStart(7, '0')}`;

/** As `writeCatalogue` lays it out, of numbers at random, without the minute that sorting and summing a million rows take. */
function millionItems(count: number, dim: number) {
  const items = new Int8Array(count * dim);
  for (let i = 0, state = 1; i < items.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    items[i] = state >> 24;
  }
  const scales = Float32Array.from({ length: count }, (_, row) => (1 + (row % 7)) / 512);
  const gram = Float64Array.from({ length: dim * dim }, (_, i) => Number(i % (dim + 1) === 0));
  const ids = new TextEncoder().encode(Array.from({ length: count }, (_, row) => `${idOf(row)}\n`).join(''));
  const width = ids.length / count;
  const starts = Uint32Array.from({ length: Math.ceil(count / ID_BLOCK) }, (_, b) => b * ID_BLOCK * width);
  const facts = { version: 1, space: SPACE, ...weights };
  const bytes = writeRaw(
    new Map([
      ['gram', { dtype: 'F64', shape: [dim, dim], data: gram }],
      ['scales', { dtype: 'F32', shape: [count], data: scales }],
      ['ids.blocks', { dtype: 'U32', shape: [starts.length], data: starts }],
      ['ids', { dtype: 'U8', shape: [ids.length], data: ids }],
      ['items', { dtype: 'I8', shape: [count, dim], data: items }],
    ]),
    { [CATALOGUE_KEY]: JSON.stringify(facts) },
  );
  const rowOf = (row: number) =>
    Float32Array.from(items.subarray(row * dim, (row + 1) * dim), (value) => value * scales[row]!);
  return { bytes, rowOf };
}

/** What a process holds for itself or shares with others in memory, files that are mapped left out. */
function heldBytes(id: number): number {
  let status = '';
  try {
    status = readFileSync(`/proc/${id}/status`, 'utf8');
  } catch {
    // It has just ended.
  }
  return [...status.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB/gm)].reduce((sum, m) => sum + +m[1]! * 1024, 0);
}
