/** Models that Node fetched, in a folder: used again, gone on with, checked, and whole where a process or a disk was not. */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadModel, Personalizer, weightsIn } from '../node.ts';
import { type FaultServer, manifestOf, someBytes, startFaultServer } from '../testing/fault-server.ts';
import { zooFolder } from '../testing/zoo/zoo-folder.ts';
import { createFolderStore } from './folder-store.ts';
import type { LoadProgress } from './load-progress.ts';
import { CHUNK_BYTES } from './manifest.ts';
import { withUrlFolder } from './url-source.ts';

const model = zooFolder({ name: 'genai' });
let server: FaultServer;
let url = '';
let cache = '';
beforeAll(async () => {
  server = await startFaultServer();
  url = `${server.url}/m/`;
});
afterAll(() => server.close());
beforeEach(async () => {
  server.reset();
  server.files.clear();
  for (const [path, bytes] of model) server.files.set(`/m/${path}`, bytes);
  const files = Object.fromEntries(model) as Record<string, Uint8Array<ArrayBuffer>>;
  server.files.set('/m/e2p-manifest.json', await manifestOf(files, 64 * 1024));
  cache = mkdtempSync(join(tmpdir(), 'cache-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const fetched = () => server.log.filter((asked) => asked.startsWith('GET') && !asked.includes('manifest'));
const chunks = () => readdirSync(join(cache, 'chunks')).map((name) => join(cache, 'chunks', name));

describe('a model that was fetched', () => {
  it('is used again, also without its server, and says where it is', async () => {
    const visit = async () => {
      const told: LoadProgress[] = [];
      const onProgress = (progress: LoadProgress) => told.push(progress);
      await using personalizer = await Personalizer.create({ model: url, cache, onProgress });
      expect(personalizer.storage).toEqual({ backend: 'folder', warning: undefined });
      expect(told[0]).toMatchObject({ stage: 'storage', backend: 'folder' });
      const bytes = told.flatMap((progress) => ('all' in progress ? progress.all : []));
      expect(bytes.at(-1)!.loaded).toBe(bytes.at(-1)!.total);
      return new Set(told.flatMap((progress) => ('cached' in progress ? progress.cached : [])));
    };
    expect(await visit()).toEqual(new Set([false]));
    expect(fetched().length).toBeGreaterThan(3);
    server.reset();
    expect(await visit()).toEqual(new Set([true]));
    expect(fetched()).toEqual([]);
    server.fault = () => ({ down: true });
    expect(await visit()).toEqual(new Set([true]));
  });

  it('is in memory only where no cache was named', async () => {
    await using personalizer = await Personalizer.create({ model: url });
    const warning = expect.stringContaining('downloaded again');
    expect(personalizer.storage).toEqual({ backend: 'memory', warning });
    expect(readdirSync(cache)).toEqual([]);
    await expect(loadModel({ model: url, cache: '' })).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('is listed, checked, repaired and deleted', async () => {
    await loadModel({ model: url, cache });
    const weights = weightsIn(cache);
    const bytes = [...model.values()].reduce((sum, { length }) => sum + length, 0);
    expect(await weights.list()).toMatchObject([{ url, bytes, complete: true }]);
    const [some] = chunks();
    const right = readFileSync(some!);
    writeFileSync(
      some!,
      right.map((byte) => byte ^ 1),
    );
    expect(await weights.check(url)).toMatchObject({ damaged: [{}], whole: true });
    expect(readFileSync(some!)).toEqual(right);
    expect(await weights.delete(url)).toBe(true);
    expect(await weights.list()).toEqual([]);
    expect(chunks()).toEqual([]);
  });

  it('is made whole where a disk lost the end of a chunk, or the records', async () => {
    await loadModel({ model: url, cache });
    const [largest] = chunks().toSorted((a, b) => statSync(b).size - statSync(a).size);
    truncateSync(largest!, 100);
    server.reset();
    await loadModel({ model: url, cache });
    expect(fetched()).toHaveLength(1);
    for (const name of readdirSync(join(cache, 'records')))
      writeFileSync(join(cache, 'records', name), '["x');
    await loadModel({ model: url, cache });
    expect(await weightsIn(cache).list()).toHaveLength(1);
  });

  it('is fetched by two at once, and whole', async () => {
    await Promise.all([loadModel({ model: url, cache }), loadModel({ model: url, cache })]);
    server.fault = () => ({ down: true });
    await loadModel({ model: url, cache });
  });
});

it('a download that broke off goes on behind what is kept', async () => {
  const big = someBytes(3 * CHUNK_BYTES);
  server.files.set('/big/w', big);
  server.fault = (method, path, n) => {
    if (method !== 'GET' || path !== '/big/w') return undefined;
    return n === 0 ? { cutAfter: 2.5 * CHUNK_BYTES } : { down: true };
  };
  const network = { sleep: async () => undefined };
  const load = () =>
    withUrlFolder({ url: `${server.url}/big/`, store: createFolderStore(cache), network }, (source) =>
      source.read('w'),
    );
  await expect(load()).rejects.toMatchObject({ code: 'network' });
  expect(await weightsIn(cache).list()).toMatchObject([{ complete: false, bytes: 2 * CHUNK_BYTES }]);
  server.reset();
  expect(Buffer.compare((await load())!, big)).toBe(0);
  expect(server.sent('/big/w')).toBe(CHUNK_BYTES);
});

it('what a process left that died while it wrote goes after an hour', async () => {
  await loadModel({ model: url, cache });
  const [fresh, old] = ['fresh.tmp', 'old.tmp'].map((name) => join(cache, 'chunks', name));
  for (const path of [fresh!, old!]) writeFileSync(path, 'half');
  const before = new Date(Date.now() - 2 * 3_600_000);
  utimesSync(old!, before, before);
  await loadModel({ model: url, cache });
  expect(chunks().filter((path) => path.endsWith('.tmp'))).toEqual([fresh]);
});

it('a folder that can not be written is an error that names it', async () => {
  writeFileSync(join(cache, 'file'), '');
  await expect(loadModel({ model: url, cache: join(cache, 'file') })).rejects.toMatchObject({
    code: 'storage-failed',
    message: expect.stringContaining(join(cache, 'file')),
  });
});
