/**
 * Where weights are kept on this device: chunks and the records that say what they are. The best place that works is
 * taken: OPFS, the Cache API, or memory for the life of the page, which is said with a warning. Nothing personal is here.
 */
import { type ChunkStore, createCacheChunks, createMemoryChunks, createOpfsChunks } from './chunk-store.ts';
import { createIndexedDbRecords, createMemoryRecords, type RecordStore } from './weight-records.ts';

/** Where weights are kept: origin private file system, Cache API, or the memory of the tab. */
export type StorageBackend = 'opfs' | 'cache' | 'folder' | 'memory';

export interface WeightStore {
  readonly backend: StorageBackend;
  /** Why nothing is kept, in a sentence for the person in front of the page. */
  readonly warning?: string | undefined;
  readonly chunks: ChunkStore;
  readonly records: RecordStore;
}

export function createMemoryStore(warning?: string): WeightStore {
  return { backend: 'memory', warning, chunks: createMemoryChunks(), records: createMemoryRecords() };
}

/** The best place that works here; each is tried by writing to it and reading back. */
export async function openWeightStore(): Promise<WeightStore> {
  const records = createIndexedDbRecords();
  const failed = await obstacle(() => records.entries());
  if (failed !== undefined) return createMemoryStore(sentence(`IndexedDB refuses (${failed})`));
  const opfs = await obstacle(async () => {
    await tryOut(createOpfsChunks());
  });
  if (opfs === undefined) return { backend: 'opfs', chunks: createOpfsChunks(), records };
  const cache = await obstacle(async () => {
    await tryOut(createCacheChunks());
  });
  if (cache === undefined) return { backend: 'cache', chunks: createCacheChunks(), records };
  return createMemoryStore(sentence(`OPFS refuses (${opfs}), and so does the Cache API (${cache})`));
}

const sentence = (why: string): string =>
  `The model is kept in memory only and will be downloaded again on the next visit: ${why}.`;

/** Firefox and Safari have `getDirectory` in private windows and refuse only when it is used. */
async function tryOut(chunks: ChunkStore): Promise<void> {
  const name = `probe-${crypto.randomUUID()}`;
  try {
    await chunks.put(name, new Uint8Array([1]));
    if ((await chunks.get(name))?.size !== 1) throw new Error('what was written is not there');
  } catch (error) {
    // A full disk is no reason to forget that there is one: reading still works.
    if (error instanceof DOMException && error.name === 'QuotaExceededError') return;
    throw error;
  } finally {
    await chunks.delete(name).catch(() => undefined);
  }
}

async function obstacle(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}
