/**
 * What is known of the weights on this device: a record for each complete folder, one for each folder that was replaced
 * while somebody still used it, and one for each file that is being downloaded. A record is written before the chunks it names, so
 * that no chunk ever looks unused while it is wanted.
 */
import { delMany, entries, get, setMany, update } from 'idb-keyval';
import { createKeptStore } from './kept-store.ts';
import { WEIGHTS } from './weights-name.ts';

/** How far the bytes of a file were checked: against digests from the server, or its length only; `made` on this device, of others of its folder. */
export type Verified = 'manifest' | 'hub' | 'length' | 'made';

export interface FileRecord {
  /** Bytes. */
  readonly size: number;
  /** `ETag`, else `Last-Modified`; undefined where the server sends neither. Of a file made here, what it was made of and how. */
  readonly version: string | undefined;
  readonly chunkBytes: number;
  /** SHA-256 of each chunk in order, which is its name in the chunk store. */
  readonly chunks: readonly string[];
  readonly verified: Verified;
  /** Of the whole file, where it was told. */
  readonly sha256?: string | undefined;
}

/** A folder all of whose files that were asked for are here and checked. */
export interface FolderRecord {
  /** Random; the name under which its users hold it. */
  readonly id: string;
  /** Of the folder, or of a single file. */
  readonly url: string;
  /** Where its files were fetched from, ends in a slash; of a single file its URL. */
  readonly base: string;
  /** Digest of the manifest, commit on the Hub, or digest of what the server said of the files. */
  readonly revision: string;
  readonly files: Readonly<Record<string, FileRecord>>;
  /** Milliseconds since 1970. */
  readonly storedAt: number;
  readonly usedAt: number;
  /** When its bytes were last compared with their digests. */
  readonly checkedAt?: number;
}

/** A file that is not complete: how far it came, and on which version of it. */
export interface PartRecord {
  readonly url: string;
  /** Of the folder it belongs to. */
  readonly folder: string;
  /** Bytes; undefined where the server does not say. */
  readonly size: number | undefined;
  readonly version: string | undefined;
  readonly chunkBytes: number;
  /** From the first on; all of them where they are known beforehand. */
  readonly chunks: readonly string[];
  /** Milliseconds since 1970. */
  readonly touchedAt: number;
}

/** Keys: `folder <url>`, `old <id>`, `part <url>`. */
export type WeightRecord = FolderRecord | PartRecord;

export interface RecordStore {
  get<T extends WeightRecord>(key: string): Promise<T | undefined>;
  entries(): Promise<readonly (readonly [string, WeightRecord])[]>;
  /** All of it or nothing. */
  set(changes: readonly (readonly [string, WeightRecord])[]): Promise<void>;
  /** Changes one record in place, if it is there, with nobody in between. */
  update<T extends WeightRecord>(key: string, change: (record: T) => T): Promise<void>;
  delete(keys: readonly string[]): Promise<void>;
}

export const folderKey = (url: string): string => `folder ${url}`;
export const oldKey = (id: string): string => `old ${id}`;
export const partKey = (url: string): string => `part ${url}`;

export const isFolder = (record: WeightRecord): record is FolderRecord => 'files' in record;

/** The chunks that a record names. */
export function chunksOf(record: WeightRecord): readonly string[] {
  return isFolder(record) ? Object.values(record.files).flatMap(({ chunks }) => chunks) : record.chunks;
}

/** Bytes of the chunk at `index` of a file. */
export function chunkLength({ size, chunkBytes }: Pick<FileRecord, 'size' | 'chunkBytes'>, index: number) {
  return Math.min(chunkBytes, size - index * chunkBytes);
}

/** Records in IndexedDB. */
export function createIndexedDbRecords(): RecordStore {
  const store = createKeptStore(WEIGHTS, 'records');
  return {
    get: (key) => get(key, store),
    entries: () => entries<string, WeightRecord>(store),
    set: (changes) =>
      setMany(
        changes.map(([key, value]) => [key, value]),
        store,
      ),
    update: async (key, change) => {
      // `update` would write undefined where there is nothing, so look first; a record is never made here.
      if ((await get(key, store)) === undefined) return;
      await update(key, (record) => record && change(record), store);
    },
    delete: (keys) => delMany([...keys], store),
  };
}

/** For the life of the page. */
export function createMemoryRecords(): RecordStore {
  const records = new Map<string, WeightRecord>();
  return {
    get: async <T extends WeightRecord>(key: string) => records.get(key) as T | undefined,
    entries: async () => [...records],
    set: async (changes) => {
      for (const [key, record] of changes) records.set(key, record);
    },
    update: async <T extends WeightRecord>(key: string, change: (record: T) => T) => {
      const record = records.get(key);
      if (record !== undefined) records.set(key, change(record as T));
    },
    delete: async (keys) => {
      for (const key of keys) records.delete(key);
    },
  };
}
