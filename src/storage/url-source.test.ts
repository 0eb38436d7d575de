/** A model folder behind a server on which things go wrong: what arrives, what is fetched again, what is kept. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, manifestOf, someBytes, startFaultServer } from '../testing/fault-server.ts';
import { type FetchProgress, readJson, readRequired } from './file-source.ts';
import { CHUNK_BYTES } from './manifest.ts';
import { deleteFolder, listFolders } from './stored-folders.ts';
import { type UrlFolderOptions, withUrlFolder } from './url-source.ts';
import { type FolderRecord, folderKey } from './weight-records.ts';
import { createMemoryStore, type WeightStore } from './weight-store.ts';

const KB = 1024;
/** The least that a manifest may say. */
const CHUNK = 64 * KB;
let server: FaultServer;
let store: WeightStore;
let url = '';

beforeAll(async () => {
  server = await startFaultServer();
  url = `${server.url}/m/`;
});
afterAll(() => server.close());
beforeEach(() => {
  server.reset();
  server.files.clear();
  store = createMemoryStore();
});

/** No waiting between attempts. */
const network = { sleep: async () => undefined, attempts: 3 };
/** For a server that falls silent; elsewhere a pause of a busy machine would be one too. */
const impatient = { network: { ...network, stallMs: 1_000 } };
const text = (s: string) => new TextEncoder().encode(s);
const load = (paths: readonly string[], options: Partial<UrlFolderOptions> = {}) =>
  withUrlFolder({ url, store, network, ...options }, async (source) => {
    const found: (Uint8Array | undefined)[] = [];
    for (const path of paths) found.push(await source.read(path));
    return found;
  });
const one = async (path: string, options?: Partial<UrlFolderOptions>) => (await load([path], options))[0];
/** `toEqual` takes a minute for ten megabytes. */
const same = (a: Uint8Array | undefined, b: Uint8Array) => a !== undefined && Buffer.compare(a, b) === 0;
const asText = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);
const put = (path: string, bytes: Uint8Array | string) =>
  server.files.set(`/m/${path}`, typeof bytes === 'string' ? text(bytes) : bytes);

async function putWithManifest(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>): Promise<void> {
  for (const [path, bytes] of Object.entries(files)) put(path, bytes);
  put('e2p-manifest.json', await manifestOf(files, CHUNK));
}

describe('a folder whose server tells nothing beforehand', () => {
  it('downloads once; then asks whether the file is the same and takes the stored one', async () => {
    put('config.json', '{"a":1}');
    const progress: FetchProgress[] = [];
    for (let i = 0; i < 2; i++) {
      expect(asText(await one('config.json', { onProgress: (p) => progress.push(p) }))).toBe('{"a":1}');
    }
    expect(server.log.filter((line) => line.includes('config'))).toEqual([
      'GET /m/config.json',
      'HEAD /m/config.json',
    ]);
    expect(progress.at(-1)).toEqual({ file: 'config.json', loaded: 7, total: 7, cached: true });
    expect(progress.find(({ loaded }) => loaded === 7)?.cached).toBe(false);
  });

  it('fetches again when the file has changed on the server, and the version before goes', async () => {
    put('x', 'old');
    await one('x');
    put('x', 'new');
    expect(asText(await one('x'))).toBe('new');
    expect(await store.chunks.names()).toHaveLength(1);
  });

  it('takes what is stored when the server can not be reached', async () => {
    put('x', 'kept');
    await one('x');
    server.fault = () => ({ down: true });
    expect(asText(await one('x'))).toBe('kept');
    // What was never there is not there now.
    expect(await one('y')).toBeUndefined();
  });

  it('a missing file is undefined, also where a server answers with its start page', async () => {
    expect(await one('x')).toBeUndefined();
    server.fault = () => ({ body: '<html>', headers: { 'content-type': 'text/html' } });
    expect(await one('y')).toBeUndefined();
  });

  it('a start page in place of a stored file (a login page on a train) leaves the stored one', async () => {
    put('x', 'kept');
    await one('x');
    server.fault = () => ({ body: '<html>', headers: { 'content-type': 'text/html' } });
    expect(asText(await one('x'))).toBe('kept');
  });

  it('a load that fails leaves the version before untouched', async () => {
    put('a', 'a1');
    put('b', 'b1');
    await load(['a', 'b']);
    put('a', 'a2');
    put('b', 'b2');
    server.fault = (method, path) => (method === 'GET' && path === '/m/b' ? { status: 403 } : undefined);
    await expect(load(['a', 'b'])).rejects.toThrow(/answered 403/);
    server.fault = () => ({ down: true });
    expect((await load(['a', 'b'])).map(asText)).toEqual(['a1', 'b1']);
  });
});

describe('what a server does not say, or says wrongly', () => {
  it('a stored file that does not parse is fetched anew, once', async () => {
    put('config.json', '{"a":1}');
    await one('config.json');
    // Damaged on this device in a way that no length shows.
    const [name] = await store.chunks.names();
    await store.chunks.delete(name!);
    await store.chunks.put(name!, text('{"a":1'.padEnd(7)));
    const parse = () => withUrlFolder({ url, store, network }, (source) => readJson(source, 'config.json'));
    expect(await parse()).toEqual({ a: 1 });
    put('config.json', '{"a":');
    await expect(parse()).rejects.toMatchObject({ code: 'invalid-model' });
  });

  it('a load that failed is tried anew a few times at most, whatever is left of it', async () => {
    put('config.json', '{"a":1}');
    const visit = () =>
      withUrlFolder({ url, store, network }, async (source) => {
        await readJson(source, 'config.json');
        await readRequired(source, 'tokenizer.json');
      });
    await expect(visit()).rejects.toMatchObject({ code: 'invalid-model' });
    server.reset();
    await expect(visit()).rejects.toMatchObject({ code: 'invalid-model' });
    expect(server.log.length).toBeLessThan(20);
  });

  it('a body that ends early, behind which the server is not well, is not taken for the whole', async () => {
    const big = someBytes(300 * KB);
    put('w', big);
    const hidden = { 'content-encoding': 'identity' };
    server.fault = (_, path, n) =>
      path === '/m/w' ? (n === 0 ? { endAfter: 100 * KB, headers: hidden } : { status: 503 }) : undefined;
    await expect(one('w')).rejects.toMatchObject({ code: 'network', status: 503 });
    server.reset();
    expect(same(await one('w'), big)).toBe(true);
  });

  it('a HEAD that is refused is asked as a GET of one byte', async () => {
    put('x', 'old');
    await one('x');
    put('x', 'new');
    server.fault = (method) => (method === 'HEAD' ? { status: 405 } : undefined);
    expect(asText(await one('x'))).toBe('new');
  });

  it('a server that does not answer a HEAD does not keep a stored file waiting for ever', async () => {
    put('x', 'kept');
    await one('x');
    const slow: typeof fetch = (input, init) =>
      init?.method === 'HEAD'
        ? new Promise((_, reject) =>
            init.signal?.addEventListener('abort', () => reject(init.signal!.reason)),
          )
        : fetch(input, init);
    expect(asText(await one('x', { network: { ...network, stallMs: 100, fetch: slow } }))).toBe('kept');
  });

  it('a 403 for the manifest of a stored folder is no reason to forget its digests', async () => {
    await putWithManifest({ w: someBytes(CHUNK) });
    await one('w');
    server.reset();
    server.fault = (_, path) => (path.endsWith('e2p-manifest.json') ? { status: 403 } : undefined);
    expect(same(await one('w'), someBytes(CHUNK))).toBe(true);
    expect(server.sent('/m/w')).toBe(0);
    expect(await listFolders(store)).toMatchObject([{ files: [{ verified: 'manifest' }] }]);
  });

  it('an empty file is a file', async () => {
    put('x', '');
    expect(asText(await one('x'))).toBe('');
  });

  it('a 403 for a required file is told with it', async () => {
    server.fault = () => ({ status: 403 });
    const read = withUrlFolder({ url, store, network }, (source) => readRequired(source, 'config.json'));
    await expect(read).rejects.toThrow(/config\.json is missing \(the server answered 403/);
  });

  it('a strong tag that has become weak is the same version; bytes behind a weak one are not joined', async () => {
    const big = someBytes(1.5 * CHUNK_BYTES);
    put('w', big);
    const weak = { headers: { etag: 'W/"v1"' } };
    server.fault = (_, path, n) =>
      path === '/m/w' ? (n === 0 ? { cutAfter: CHUNK_BYTES, ...weak } : weak) : {};
    expect(same(await one('w'), big)).toBe(true);
    expect(server.log.filter((line) => line.startsWith('GET /m/w'))).toEqual(['GET /m/w', 'GET /m/w']);
    server.reset();
    server.fault = () => ({ headers: { etag: '"v1"' } });
    expect(same(await one('w'), big)).toBe(true);
    expect(server.sent('/m/w')).toBe(0);
  });

  it('a server that drips is given up', async () => {
    put('w', someBytes(CHUNK));
    server.fault = (_, path) => (path === '/m/w' ? { rate: 16 * KB } : undefined);
    const slow = { network: { ...network, attempts: 2, least: { bytes: 1_000 * KB, ms: 500 } } };
    await expect(one('w', slow)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/sent \d+ bytes in \d s, expected 1024000 at least/),
    });
  });

  it('a config.json without end is not read without end', async () => {
    server.fault = (_, path) =>
      path === '/m/config.json'
        ? { body: Buffer.alloc(65 * KB * KB, 32), endAfter: 65 * KB * KB }
        : undefined;
    await expect(one('config.json')).rejects.toThrow(/config\.json has more than 67108864 bytes/);
  });

  it('names with characters that mean something in an address are files like others', async () => {
    await putWithManifest({ 'onnx/a b#c?d%20e.onnx': someBytes(100) });
    expect(same(await one('onnx/a b#c?d%20e.onnx'), someBytes(100))).toBe(true);
  });
});

describe('a connection that breaks', () => {
  const big = someBytes(2.5 * CHUNK_BYTES);

  it('goes on behind the last byte, and nothing is fetched twice', async () => {
    put('w', big);
    server.fault = (method, path, n) =>
      method === 'GET' && path === '/m/w' && n < 4 ? { cutAfter: 1000 * KB } : undefined;
    expect(same(await one('w'), big)).toBe(true);
    // What was sent and had not arrived when the line was cut is lost, and no more.
    expect(server.sent('/m/w') - big.length).toBeLessThan(4 * 256 * KB);
    expect(server.log.filter((line) => line.includes('bytes=')).length).toBeGreaterThanOrEqual(4);
  });

  it('gives up after some attempts without a byte, and the next load goes on with what came', async () => {
    put('w', big);
    const downAfter = 9 * 1000 * KB;
    server.fault = (method, path, n) =>
      method === 'GET' && path === '/m/w' ? (n === 0 ? { cutAfter: downAfter } : { status: 503 }) : undefined;
    await expect(one('w')).rejects.toMatchObject({ code: 'network', message: expect.stringMatching(/503/) });
    expect(await listFolders(store)).toMatchObject([{ complete: false, bytes: 2 * CHUNK_BYTES }]);
    server.reset();
    expect(same(await one('w'), big)).toBe(true);
    expect(server.log).toContain(`GET /m/w bytes=${2 * CHUNK_BYTES}-`);
    expect(server.sent('/m/w')).toBe(big.length - 2 * CHUNK_BYTES);
  });

  it('gives up on a server that sends a piece each time', async () => {
    put('w', big);
    server.fault = (method, path) =>
      method === 'GET' && path === '/m/w' ? { cutAfter: 16 * KB } : undefined;
    await expect(one('w')).rejects.toMatchObject({ code: 'network' });
    expect(server.log.filter((line) => line.includes('/m/w')).length).toBeLessThan(6);
  });

  it('starts over where the file has changed since', async () => {
    put('w', big);
    server.fault = (_, path, n) =>
      path === '/m/w' ? (n === 0 ? { cutAfter: 9e6 } : { status: 503 }) : undefined;
    await expect(one('w')).rejects.toThrow();
    const other = someBytes(big.length, 2);
    server.reset();
    put('w', other);
    expect(same(await one('w'), other)).toBe(true);
  });

  it('starts over where the file changes in the middle', async () => {
    const other = someBytes(big.length, 3);
    put('w', big);
    server.fault = (_, path, n) => {
      if (path !== '/m/w') return undefined;
      if (n > 0) put('w', other);
      return n === 0 ? { cutAfter: 5e6 } : undefined;
    };
    expect(same(await one('w'), other)).toBe(true);
  });

  it('a silent server counts as a broken line', async () => {
    put('w', big);
    server.fault = (method, path, n) =>
      method === 'GET' && path === '/m/w' && n === 0 ? { stallAfter: 5e6 } : undefined;
    expect(same(await one('w', impatient), big)).toBe(true);
  });

  it('a server without ranges sends all again, of which only the missing part is stored', async () => {
    put('w', big);
    server.fault = (_, path, n) =>
      path === '/m/w' ? { noRanges: true, ...(n === 0 && { cutAfter: 5e6 }) } : undefined;
    expect(same(await one('w'), big)).toBe(true);
  });

  it('a server that claims a longer body than there is is refused', async () => {
    put('w', 'four');
    server.fault = (_, path) => (path === '/m/w' ? { claimLength: 100 } : undefined);
    await expect(one('w', impatient)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/bytes/),
    });
    expect(await store.records.get(folderKey(url))).toBeUndefined();
  });

  it('a server that sends another range than was asked for is refused', async () => {
    put('w', big);
    server.fault = (_, path, n) =>
      path === '/m/w' ? (n === 0 ? { cutAfter: 5e6 } : { shiftRange: -1 }) : undefined;
    await expect(one('w')).rejects.toThrow(/sent bytes from \d+ on, expected \d+/);
    expect(await store.records.get(folderKey(url))).toBeUndefined();
  });

  it('an abort ends a download with the reason of the signal, and keeps what came', async () => {
    put('w', big);
    const controller = new AbortController();
    const stopped = one('w', {
      signal: controller.signal,
      onProgress: ({ loaded }) => loaded > 1.5 * CHUNK_BYTES && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    const [kept] = await listFolders(store);
    expect(kept?.bytes).toBeGreaterThanOrEqual(CHUNK_BYTES);
    server.reset();
    expect(same(await one('w'), big)).toBe(true);
    expect(server.sent('/m/w')).toBe(big.length - kept!.bytes);
  });
});

describe('a folder with a manifest', () => {
  const a = someBytes(3 * CHUNK + 5, 1);
  const b = someBytes(CHUNK, 2);

  it('asks only for what is listed, and after that only for the manifest', async () => {
    await putWithManifest({ 'onnx/a b.onnx': a });
    expect(await load(['onnx/a b.onnx', 'no.json'])).toEqual([a, undefined]);
    expect(server.log).toEqual(['GET /m/e2p-manifest.json', 'GET /m/onnx/a b.onnx']);
    server.reset();
    expect(await one('onnx/a b.onnx')).toEqual(a);
    expect(server.log).toEqual(['GET /m/e2p-manifest.json']);
  });

  it('of a new version fetches only the chunks that are new', async () => {
    await putWithManifest({ w: a });
    await one('w');
    const changed = a.slice();
    changed[CHUNK + 7]! ^= 1;
    await putWithManifest({ w: changed });
    server.reset();
    expect(await one('w')).toEqual(changed);
    expect(server.log).toContain(`GET /m/w bytes=${CHUNK}-${2 * CHUNK - 1}`);
    expect(server.sent('/m/w')).toBe(CHUNK);
  });

  it('a chunk that came damaged is fetched again, alone', async () => {
    await putWithManifest({ w: a });
    const damaged = a.slice();
    damaged[2 * CHUNK]! ^= 1;
    server.fault = (_, path, n) => (path === '/m/w' && n === 0 ? { body: damaged } : undefined);
    expect(await one('w')).toEqual(a);
    expect(server.sent('/m/w')).toBe(a.length + CHUNK);
  });

  it('bytes that are not those of the manifest are refused by chunk, with nothing published', async () => {
    await putWithManifest({ w: a, v: b });
    put('w', someBytes(a.length, 9));
    await expect(load(['v', 'w'])).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringMatching(/bytes 0 to 65536 \(chunk 1 of 4\)/),
    });
    expect(await listFolders(store)).toMatchObject([{ complete: false }]);
    // Repaired on the server, the load goes on with what was right.
    put('w', a);
    server.reset();
    expect(await load(['v', 'w'])).toEqual([b, a]);
    expect(server.sent('/m/v')).toBe(0);
  });

  it.each([
    ['shorter', a.slice(0, 100)],
    ['longer', someBytes(a.length + 1, 1)],
  ])('a file that is %s than the manifest says is refused', async (_, bytes) => {
    await putWithManifest({ w: a });
    put('w', bytes);
    await expect(one('w')).rejects.toThrow(`has ${bytes.length} bytes, expected ${a.length}`);
  });

  it('a version that is put up while it is downloaded is taken from the start', async () => {
    await putWithManifest({ w: a });
    const next = someBytes(a.length, 4);
    const manifest = await manifestOf({ w: next }, CHUNK);
    server.fault = (_, path) => {
      if (path === '/m/w') {
        put('w', next);
        put('e2p-manifest.json', manifest);
      }
      return undefined;
    };
    expect(await one('w')).toEqual(next);
  });

  it('pinned by its SHA-256, another manifest is refused, online and off', async () => {
    await putWithManifest({ w: a });
    const digest = await crypto.subtle.digest(
      'SHA-256',
      server.files.get('/m/e2p-manifest.json') as BufferSource,
    );
    const manifestSha256 = Buffer.from(digest).toString('hex');
    expect(await one('w', { manifestSha256 })).toEqual(a);
    await putWithManifest({ w: b });
    await expect(one('w', { manifestSha256 })).rejects.toMatchObject({ code: 'integrity' });
    expect(await one('w')).toEqual(b);
    server.fault = () => ({ down: true });
    await expect(one('w', { manifestSha256 })).rejects.toThrow();
    server.reset();
    server.files.clear();
    await expect(one('w', { manifestSha256 })).rejects.toThrow(/has no e2p-manifest.json/);
  });

  it('a chunk that the browser evicted is noticed and fetched again, alone', async () => {
    await putWithManifest({ w: a });
    await one('w');
    const record = await store.records.get<FolderRecord>(folderKey(url));
    await store.chunks.delete(record!.files.w!.chunks[1]!);
    server.reset();
    expect(await one('w')).toEqual(a);
    expect(server.sent('/m/w')).toBe(CHUNK);
  });
});

describe('room on the device', () => {
  const bytes = someBytes(CHUNK);
  const onDisk = (): WeightStore => ({ ...store, backend: 'opfs' });
  /** A device with so many bytes, of which the stored chunks use some. */
  const device = (quota: number) => {
    const estimate = async () => {
      const blobs = await Promise.all((await store.chunks.names()).map((name) => store.chunks.get(name)));
      return { quota, usage: blobs.reduce((sum, blob) => sum + (blob?.size ?? 0), 0) };
    };
    return { estimate };
  };

  it('is asked for before the first byte of the weights, for the graph and what lies beside it', async () => {
    await putWithManifest({ 'model.onnx': bytes, 'model.onnx_data': someBytes(CHUNK, 2) });
    const tried = load(['model.onnx'], { store: onDisk(), ...device(CHUNK + 10) });
    await expect(tried).rejects.toMatchObject({
      code: 'quota-exceeded',
      message: expect.stringMatching(/needs 131072 bytes, 65546 are free and 0 could be freed/),
    });
    expect(server.sent('/m/model.onnx')).toBe(0);
  });

  it('is made by deleting what the app allowed, the least recently used first, and nothing else', async () => {
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      server.files.set(`/${name}/w`, someBytes(CHUNK, 10 + i));
      const options = { url: `${server.url}/${name}/`, store: onDisk(), network, ...device(1e9) };
      await withUrlFolder(options, (source) => source.read('w'));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    put('w', bytes);
    const room = { store: onDisk(), ...device(3 * CHUNK + 10) };
    await expect(one('w', room)).rejects.toMatchObject({ code: 'quota-exceeded' });
    expect(await listFolders(store)).toHaveLength(3);
    await one('w', { ...room, evict: [`${server.url}/b/`, `${server.url}/c/`] });
    expect((await listFolders(store)).map((f) => new URL(f.url).pathname).sort()).toEqual([
      '/a/',
      '/c/',
      '/m/',
    ]);
  });
});

it('a folder is listed with its files, and deleted with its bytes', async () => {
  await putWithManifest({ w: someBytes(CHUNK + 1) });
  await one('w');
  expect(await listFolders(store)).toMatchObject([
    { url, bytes: CHUNK + 1, complete: true, held: false, files: [{ path: 'w', verified: 'manifest' }] },
  ]);
  expect(await deleteFolder(url, store)).toBe(true);
  expect(await deleteFolder(url, store)).toBe(false);
  expect(await store.chunks.names()).toEqual([]);
  expect(await store.records.entries()).toEqual([]);
});

describe('what is asked of a file before it is read', () => {
  const peek = (path: string) =>
    withUrlFolder({ url, store, network }, async ({ size, head }) => {
      return [await size!(path), asText(await head!(path, 3))];
    });

  it('is its length and its first bytes, from the server, a listing or what is stored', async () => {
    put('a', 'abcdef');
    expect(await peek('a')).toEqual([6, 'abc']);
    expect(server.log.filter((asked) => asked.includes('/m/a'))).toEqual(['HEAD /m/a', 'GET /m/a bytes=0-2']);
    expect(await peek('b')).toEqual(['absent', '']);
    await one('a');
    server.files.delete('/m/a');
    expect(await peek('a')).toEqual([6, 'abc']);
    await putWithManifest({ c: text('ghijklm') });
    expect([await peek('c'), await peek('d')]).toEqual([
      [7, 'ghi'],
      ['absent', ''],
    ]);
  });
});
