/** The model folders on this device: list them, see their size, delete one, and clear away what no record names. */
import { heldNames, holdName, ifNobodyHolds } from './tab-locks.ts';
import {
  chunksOf,
  type FolderRecord,
  folderKey,
  isFolder,
  oldKey,
  type PartRecord,
  partKey,
  type Verified,
} from './weight-records.ts';
import type { WeightStore } from './weight-store.ts';

/** A model or projector on this device. */
export interface StoredFolder {
  /** Of the folder, or of a file that was loaded alone. */
  readonly url: string;
  /** Undefined for a download that was interrupted. */
  readonly revision: string | undefined;
  /** On this device; chunks that two folders share count for both. */
  readonly bytes: number;
  /** Complete or not. */
  readonly files: readonly StoredFolderFile[];
  /** The last load. */
  readonly usedAt: Date;
  /** False: interrupted; the next load goes on with it. */
  readonly complete: boolean;
  /** Somebody, in this tab or another, has it loaded. */
  readonly held: boolean;
}

/** A file of it, and how it was checked on its way in. */
export interface StoredFolderFile {
  /** In its folder. */
  readonly path: string;
  /** On this device. */
  readonly bytes: number;
  /** How its bytes were checked; undefined while it is not complete. */
  readonly verified: Verified | undefined;
}

/** A download that nobody went on with for that long is given up, in milliseconds. */
const ABANDONED_MS = 30 * 24 * 3600 * 1000;

/** The most recently used first. */
export async function listFolders(store: WeightStore): Promise<readonly StoredFolder[]> {
  const records = await store.records.entries();
  const held = await heldNames();
  const there = new Set(await store.chunks.names());
  const complete = records.flatMap(([key, record]): StoredFolder[] => {
    if (!isFolder(record) || key !== folderKey(record.url)) return [];
    return [describeFolder(record, held.has(holdName(record.id)))];
  });
  const isComplete = new Set(complete.map(({ url }) => url));
  const parts = records.flatMap(([, record]) => (isFolder(record) ? [] : [record]));
  const begun = new Set(parts.map(({ folder }) => folder).filter((folder) => !isComplete.has(folder)));
  const partial = [...begun].map((url) =>
    describePartial(
      url,
      parts.filter(({ folder }) => folder === url),
      there,
    ),
  );
  return [...complete, ...partial].toSorted((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
}

function describeFolder({ url, revision, files, usedAt }: FolderRecord, held: boolean): StoredFolder {
  const list = Object.entries(files).map(([path, { size: bytes, verified }]) => ({ path, bytes, verified }));
  return { url, revision, ...totals(list), usedAt: new Date(usedAt), complete: true, held };
}

function describePartial(
  url: string,
  parts: readonly PartRecord[],
  there: ReadonlySet<string>,
): StoredFolder {
  const list = parts.map(({ url: file, chunks, chunkBytes, size = Number.POSITIVE_INFINITY }) => ({
    path: file.startsWith(url) && file !== url ? file.slice(url.length) : (file.split('/').at(-1) ?? file),
    bytes: Math.min(size, chunks.filter((name) => there.has(name)).length * chunkBytes),
    verified: undefined,
  }));
  const usedAt = new Date(Math.max(...parts.map(({ touchedAt }) => touchedAt)));
  return { url, revision: undefined, ...totals(list), usedAt, complete: false, held: false };
}

const totals = (files: readonly StoredFolderFile[]) => ({
  files,
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
});

/**
 * Deletes a folder, complete or not. Whoever has it loaded keeps it until the end; its bytes go when nobody holds it.
 * @returns whether there was such a folder
 */
export async function deleteFolder(url: string, store: WeightStore): Promise<boolean> {
  const records = await store.records.entries();
  const folder = await store.records.get<FolderRecord>(folderKey(url));
  const parts = records.flatMap(([, r]) => (!isFolder(r) && r.folder === url ? [partKey(r.url)] : []));
  if (folder !== undefined) await store.records.set([[oldKey(folder.id), folder]]);
  await store.records.delete([folderKey(url), ...parts]);
  await clearUnused(store);
  return folder !== undefined || parts.length > 0;
}

/** Removes replaced versions that nobody holds any more, downloads given up, and chunks that no record names. */
export async function clearUnused(store: WeightStore, now = Date.now()): Promise<void> {
  const { records, chunks } = store;
  // Names first: a chunk that is written after this has its record already, so it is not taken for unused.
  const names = await chunks.names();
  for (const [key, record] of await records.entries()) {
    if (isFolder(record)) {
      if (key === oldKey(record.id)) await ifNobodyHolds(record.id, () => records.delete([key]));
    } else if (now - record.touchedAt > ABANDONED_MS) {
      await records.delete([key]);
    }
  }
  const wanted = new Set((await records.entries()).flatMap(([, record]) => chunksOf(record)));
  for (const name of names) if (!wanted.has(name) && isChunkName(name)) await chunks.delete(name);
}

/** Not the probes of `openWeightStore`, nor a browser's own swap files. */
const isChunkName = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);
