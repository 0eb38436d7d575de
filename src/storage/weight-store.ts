/**
 * Files kept on this device by URL. Nothing personal: weights, tokenizers, projectors. A file appears only when
 * it is complete; an interrupted download leaves nothing behind.
 */
import { createStore, del, get, set } from 'idb-keyval';
import { E2PError } from '../error.ts';

/** What the server said about the file when it was stored. */
export interface StoredRecord {
  readonly url: string;
  /** Bytes. */
  readonly size: number;
  /** `ETag`, else `Last-Modified`; undefined where the server sends neither. */
  readonly version: string | undefined;
  /** The server said that there is no such file, which must be known offline too. */
  readonly absent?: true;
}

export interface StoredFile {
  readonly record: StoredRecord;
  /** In OPFS a `File`: on disk, and read piece by piece. */
  readonly blob: Blob;
}

export interface WeightStore {
  /** The file, `absent` if the server is known to have none, or undefined if it is not stored. */
  get(url: string): Promise<StoredFile | 'absent' | undefined>;
  putAbsent(url: string): Promise<void>;
  /**
   * Stores a stream under its URL; the old file stays until the new one is complete.
   * @throws E2PError `quota-exceeded` with the numbers, `storage-failed`.
   */
  put(url: string, version: string | undefined, body: ReadableStream<Uint8Array>): Promise<StoredFile>;
  delete(url: string): Promise<void>;
}

/** The origin-private file system, with a record per file in IndexedDB. */
export function createOpfsStore(): WeightStore {
  const records = createStore('e2p-web', 'files');
  const folder = async () => {
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle('e2p-web', { create: true });
  };
  const open = async (name: string): Promise<Blob> => (await (await folder()).getFileHandle(name)).getFile();
  return {
    get: async (url) => {
      const record = await get<StoredRecord>(url, records);
      if (record === undefined) return undefined;
      if (record.absent) return 'absent';
      // The browser may have evicted the file and kept the record.
      const blob = await open(await fileName(url)).catch(() => undefined);
      return blob?.size === record.size ? { record, blob } : undefined;
    },
    putAbsent: (url) => set(url, { url, size: 0, version: undefined, absent: true }, records),
    put: async (url, version, body) => {
      const name = await fileName(url);
      const handle = await (await folder()).getFileHandle(name, { create: true });
      try {
        // A writable is a swap file until it is closed, so readers never see half a file.
        await body.pipeTo((await handle.createWritable()) as WritableStream<Uint8Array>);
      } catch (cause) {
        throw await storageError(cause, url);
      }
      const blob = await open(name);
      const record = { url, size: blob.size, version };
      await set(url, record, records);
      return { record, blob };
    },
    delete: async (url) => {
      await del(url, records);
      const name = await fileName(url);
      await (await folder()).removeEntry(name).catch(() => undefined);
    },
  };
}

/** Keeps files for the life of the page: private windows and browsers without OPFS. */
export function createMemoryStore(): WeightStore {
  const files = new Map<string, StoredFile | 'absent'>();
  return {
    get: async (url) => files.get(url),
    putAbsent: async (url) => {
      files.set(url, 'absent');
    },
    put: async (url, version, body) => {
      const blob = await new Response(body as BodyInit).blob();
      const file = { record: { url, size: blob.size, version }, blob };
      files.set(url, file);
      return file;
    },
    delete: async (url) => {
      files.delete(url);
    },
  };
}

/** OPFS where it works, else memory. */
export async function openWeightStore(): Promise<WeightStore> {
  try {
    await navigator.storage.getDirectory();
    return createOpfsStore();
  } catch {
    return createMemoryStore();
  }
}

/** URLs may be longer than file names and hold any character; a digest is neither. */
async function fileName(url: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(url)));
  return Array.from(digest.subarray(0, 16), (b) => b.toString(16).padStart(2, '0')).join('');
}

async function storageError(cause: unknown, url: string): Promise<unknown> {
  if (!(cause instanceof DOMException)) return cause;
  if (cause.name === 'AbortError') return cause;
  if (cause.name !== 'QuotaExceededError') {
    return new E2PError('storage-failed', `${url} could not be stored: ${cause.message}`, { cause });
  }
  const { usage, quota } = await navigator.storage.estimate();
  return new E2PError(
    'quota-exceeded',
    `${url} does not fit the browser's storage: ${usage} of ${quota} bytes are used`,
    { cause },
  );
}
