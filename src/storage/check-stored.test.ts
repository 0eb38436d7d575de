/** A disk on which bytes rot: what the check finds, what it fetches again, what it says where it can't. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, manifestOf, someBytes, startFaultServer } from '../testing/fault-server.ts';
import { checkFolder } from './check-stored.ts';
import { withUrlFolder } from './url-source.ts';
import { type FolderRecord, folderKey } from './weight-records.ts';
import { createMemoryStore, type WeightStore } from './weight-store.ts';

const CHUNK = 64 * 1024;
const bytes = someBytes(3 * CHUNK + 9);
let server: FaultServer;
let store: WeightStore;
let url = '';
const network = { sleep: async () => undefined, attempts: 2 };
const read = () => withUrlFolder({ url, store, network }, (source) => source.read('w'));
const check = () => checkFolder({ store, url, network });
const chunks = async () => (await store.records.get<FolderRecord>(folderKey(url)))!.files.w!.chunks;

beforeAll(async () => {
  server = await startFaultServer();
  url = `${server.url}/m/`;
});
afterAll(() => server.close());
beforeEach(async () => {
  server.reset();
  store = createMemoryStore();
  server.files.set('/m/w', bytes);
  server.files.set('/m/e2p-manifest.json', await manifestOf({ w: bytes }, CHUNK));
  await read();
  server.reset();
});

describe('the check of what is stored', () => {
  it('finds nothing wrong, asks the server nothing, and notes when it was', async () => {
    expect(await check()).toEqual({ url, checked: bytes.length, damaged: [], whole: true });
    expect(server.log).toEqual([]);
    expect((await store.records.get<FolderRecord>(folderKey(url)))?.checkedAt).toBeGreaterThan(0);
  });

  it('fetches a rotten and a missing chunk again, and nothing else', async () => {
    const names = await chunks();
    await store.chunks.put(names[1]!, someBytes(CHUNK, 7));
    await store.chunks.delete(names[3]!);
    expect(await check()).toMatchObject({
      damaged: [
        { path: 'w', chunk: 1 },
        { path: 'w', chunk: 3 },
      ],
      whole: true,
    });
    expect(server.sent('/m/w')).toBe(CHUNK + 9);
    expect(await read()).toEqual(bytes);
  });

  it('without a network says so; a rotten chunk is never read, and the next load repairs it', async () => {
    const names = await chunks();
    await store.chunks.put(names[0]!, someBytes(CHUNK, 7));
    server.fault = () => ({ down: true });
    expect(await check()).toMatchObject({ damaged: [{ path: 'w', chunk: 0 }], whole: false });
    await expect(read()).rejects.toMatchObject({ code: 'network' });
    server.reset();
    expect(await read()).toEqual(bytes);
    expect(server.sent('/m/w')).toBe(CHUNK);
  });

  it('knows no folder that is not stored', async () => {
    expect(await checkFolder({ store, url: `${url}other/` })).toBeUndefined();
  });
});
