/**
 * The bytes of weights on this device, in chunks named by their own SHA-256. A chunk is there or not, never half; the same
 * chunk in two versions of a model is stored once; and a chunk never changes, so a reader is never surprised.
 * Which chunks make up which file is the business of `weight-records.ts`.
 */
import { WEIGHTS } from './weights-name.ts';

export interface ChunkStore {
  /** The chunk's bytes, on disk where there is one; undefined if it is not stored (or was evicted). */
  get(name: string): Promise<Blob | undefined>;
  /** @throws DOMException `QuotaExceededError`, or another where the browser refuses. What was there stays. */
  put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Nothing happens if it is not there. */
  delete(name: string): Promise<void>;
  names(): Promise<readonly string[]>;
}

/** A file for each chunk in the origin-private file system. */
export function createOpfsChunks(storage: StorageManager = navigator.storage): ChunkStore {
  const folder = async () => (await storage.getDirectory()).getDirectoryHandle(WEIGHTS, { create: true });
  return {
    get: async (name) => {
      try {
        return await (await (await folder()).getFileHandle(name)).getFile();
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    put: async (name, bytes) => {
      const handle = await (await folder()).getFileHandle(name, { create: true });
      try {
        await writeWhole(handle, bytes);
      } catch (error) {
        // `create` leaves an empty file behind, which is no chunk.
        await (await folder()).removeEntry(name).catch(() => undefined);
        throw error;
      }
    },
    delete: async (name) => {
      await (await folder()).removeEntry(name).catch((error) => {
        if (!isNotFound(error)) throw error;
      });
    },
    names: async () => {
      const names: string[] = [];
      for await (const name of (await folder()).keys()) names.push(name);
      return names;
    },
  };
}

/** Safari before 26 has no `createWritable`; its synchronous handles exist in workers only. */
async function writeWhole(handle: FileSystemFileHandle, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if ('createWritable' in handle) {
    // A swap file until it is closed.
    const writable = await handle.createWritable();
    try {
      await writable.write(bytes);
      await writable.close();
    } catch (error) {
      await writable.abort().catch(() => undefined);
      throw error;
    }
    return;
  }
  const access = await (handle as FileSystemFileHandle).createSyncAccessHandle();
  try {
    access.truncate(0);
    for (let at = 0; at < bytes.length; ) at += access.write(bytes.subarray(at), { at });
    access.flush();
  } finally {
    access.close();
  }
}

/** The Cache API, for browsers without OPFS. The addresses are made up and never fetched. */
export function createCacheChunks(storage: CacheStorage = caches): ChunkStore {
  const cache = () => storage.open(WEIGHTS);
  const address = (name: string) => `https://e2p-web.invalid/${name}`;
  return {
    get: async (name) => (await (await cache()).match(address(name)))?.blob(),
    put: async (name, bytes) => (await cache()).put(address(name), new Response(bytes)),
    delete: async (name) => {
      await (await cache()).delete(address(name));
    },
    names: async () => (await (await cache()).keys()).map(({ url }) => url.slice(address('').length)),
  };
}

/** For the life of the page: private windows, Node. */
export function createMemoryChunks(): ChunkStore {
  const chunks = new Map<string, Blob>();
  return {
    get: async (name) => chunks.get(name),
    put: async (name, bytes) => {
      chunks.set(name, new Blob([bytes]));
    },
    delete: async (name) => {
      chunks.delete(name);
    },
    names: async () => [...chunks.keys()],
  };
}

const isNotFound = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'NotFoundError';
