/** The storage room on a page and in a worker, for tests of what a browser does to it. */
import { weights } from '../../src/index.ts';
import type { FetchProgress } from '../../src/storage/file-source.ts';
import { withUrlFolder } from '../../src/storage/url-source.ts';
import { openWeightStore } from '../../src/storage/weight-store.ts';
import { type LoadOutcome, loadFiles, sha256 } from './storage-load.ts';

/** The last word of the load under way. */
let latest: FetchProgress | undefined;
const seen: FetchProgress[] = [];
/** What a load read, as a model that is in use would have it. */
const kept = new Map<string, Blob>();

const load = (url: string, paths: readonly string[], stallMs?: number): Promise<LoadOutcome> =>
  loadFiles(
    url,
    paths,
    (progress) => {
      latest = progress;
      seen.push(progress);
    },
    stallMs,
  );

/** As `load`, in a worker. */
async function loadInWorker(url: string, paths: readonly string[]): Promise<LoadOutcome> {
  const worker = new Worker(new URL('./storage-worker.ts', import.meta.url), { type: 'module' });
  try {
    worker.postMessage({ url, paths });
    return await new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
    });
  } finally {
    worker.terminate();
  }
}

/** Loads a file and keeps it open, unread. */
async function keep(url: string, path: string): Promise<number> {
  const store = await openWeightStore();
  return withUrlFolder({ url, store }, async (source) => {
    const file = await source.open!(path);
    kept.set(path, file!.data as Blob);
    return file!.size;
  });
}

const readKept = async (path: string) => sha256(await kept.get(path)!.arrayBuffer());

const chunkNames = async () => (await openWeightStore()).chunks.names();

/** Takes a file of the store as another part of the page would, in a worker, until `release` is called. */
async function takeHandle(name: string): Promise<void> {
  const body = `onmessage = async ({ data }) => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('e2p-weights', { create: true });
    self.handle = await (await folder.getFileHandle(data, { create: true })).createSyncAccessHandle();
    postMessage('taken');
  };`;
  const worker = new Worker(URL.createObjectURL(new Blob([body], { type: 'text/javascript' })));
  await new Promise((resolve) => {
    worker.onmessage = resolve;
    worker.postMessage(name);
  });
  release = () => worker.terminate();
}
let release = () => {};

/** Writes over a chunk, or removes it. */
async function damage(name: string, how: 'rot' | 'evict'): Promise<void> {
  const { chunks } = await openWeightStore();
  const size = (await chunks.get(name))!.size;
  await chunks.delete(name);
  if (how === 'rot') await chunks.put(name, new Uint8Array(size));
}

const storageHarness = {
  load,
  loadInWorker,
  keep,
  readKept,
  chunkNames,
  takeHandle,
  release: () => release(),
  damage,
  latest: () => latest,
  seen: () => seen,
  list: () => weights.list(),
  check: (url: string) => weights.check(url),
  delete: (url: string) => weights.delete(url),
  room: () => weights.room(),
};
export type StorageHarness = typeof storageHarness;
Object.assign(globalThis, { storageHarness });
