/** A file that is made on the device of one that was downloaded: when it is made, and when what is kept is taken. */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../testing/fault-server.ts';
import { checkFolder } from './check-stored.ts';
import { type FetchProgress, makeFile } from './file-source.ts';
import { listFolders } from './stored-folders.ts';
import { type UrlFolderOptions, withUrlFolder } from './url-source.ts';
import { createMemoryStore, type WeightStore } from './weight-store.ts';

let server: FaultServer;
let store: WeightStore;
let url = '';
let made = 0;

beforeAll(async () => {
  server = await startFaultServer();
  url = `${server.url}/m/`;
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  server.files.clear();
  server.files.set('/m/x', Uint8Array.of(1, 2, 3));
  store = createMemoryStore();
  made = 0;
});

const network = { sleep: async () => undefined, attempts: 1 };

interface Making {
  readonly recipe?: string;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Called between the two pieces. */
  readonly between?: () => void;
}

/** Every byte of x twice, in two pieces. */
const load = (
  { recipe = 'double', onProgress, between }: Making = {},
  options: Partial<UrlFolderOptions> = {},
) =>
  withUrlFolder({ url, store, network, ...options }, async (source) => {
    const bytes = (await source.read('x'))!;
    async function* pieces() {
      made++;
      yield Uint8Array.from(bytes);
      between?.();
      yield Uint8Array.from(bytes);
    }
    const file = await makeFile(
      source,
      { path: 'x.double', from: ['x'], recipe, size: async () => 2 * bytes.length, pieces },
      { ...(onProgress && { onProgress }), signal: options.signal },
    );
    return [...(await file.read(0, file.size))];
  });

it('is made once, and taken from then on, without a server too', async () => {
  const progress: FetchProgress[] = [];
  const onProgress = (p: FetchProgress) => progress.push(p);
  expect(await load({ onProgress })).toEqual([1, 2, 3, 1, 2, 3]);
  expect(progress).toEqual([{ file: 'x.double', loaded: 6, total: 6, cached: false }]);
  expect(await load({ onProgress })).toEqual([1, 2, 3, 1, 2, 3]);
  server.files.clear();
  await server.close();
  expect(await load({ onProgress })).toEqual([1, 2, 3, 1, 2, 3]);
  expect(made).toBe(1);
  expect(progress).toHaveLength(1);
  const [folder] = await listFolders(store);
  expect(folder!.files).toContainEqual({ path: 'x.double', bytes: 6, verified: 'made' });
  server = await startFaultServer();
  url = `${server.url}/m/`;
});

it('is made anew of a new version, and by another recipe; what it was goes', async () => {
  await load();
  server.files.set('/m/x', Uint8Array.of(7));
  expect(await load()).toEqual([7, 7]);
  await load({ recipe: 'otherwise' });
  expect(made).toBe(3);
  expect(await store.chunks.names()).toHaveLength(2);
});

it('stays, with its folder as it is, where a load does not ask for it', async () => {
  await load();
  const [before] = await listFolders(store);
  await withUrlFolder({ url, store, network }, (source) => source.read('x'));
  const [after] = await listFolders(store);
  expect([after!.revision, after!.files]).toEqual([before!.revision, before!.files]);
  await load();
  expect(made).toBe(1);
});

it('is not there after an abort in the middle, and the next load makes it', async () => {
  const abort = new AbortController();
  const between = () => abort.abort();
  await expect(load({ between }, { signal: abort.signal })).rejects.toThrow(/abort/);
  expect(await load()).toEqual([1, 2, 3, 1, 2, 3]);
  expect(made).toBe(2);
});

it('is made anew where a check found it damaged; the server is not asked for it', async () => {
  await load();
  const [x] = (await listFolders(store)).flatMap(({ files }) => files).filter(({ path }) => path === 'x');
  expect(x).toBeDefined();
  const name = (await store.records.entries()).flatMap(([, r]) =>
    'files' in r ? r.files['x.double']!.chunks : [],
  )[0]!;
  await store.chunks.put(name, Uint8Array.of(0, 0, 0, 0, 0, 0));
  const report = await checkFolder({ store, url, network });
  expect(report).toMatchObject({ damaged: [{ path: 'x.double', chunk: 0 }], whole: false });
  expect(server.log.some((line) => line.includes('double'))).toBe(false);
  expect(await load()).toEqual([1, 2, 3, 1, 2, 3]);
  expect(made).toBe(2);
});

it('is in memory where a source keeps nothing', async () => {
  const pieces = async function* () {
    yield Uint8Array.of(5);
  };
  const source = { name: 'memory', read: async () => undefined };
  const file = await makeFile(source, { path: 'y', from: [], recipe: '', size: async () => 1, pieces });
  expect(await file.read(0, 1)).toEqual(Uint8Array.of(5));
});
