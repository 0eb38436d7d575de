/**
 * Compares what is stored with its digests, chunk by chunk, and fetches what is wrong or gone again, alone. Disks rot and browsers
 * evict; a model that answers nonsense because of it would be hard to explain.
 */
import { digestOf, fillFile } from './download-file.ts';
import { type Network, wait } from './fetch-bytes.ts';
import { createReserve } from './quota.ts';
import { whileLoading } from './tab-locks.ts';
import { fileUrl } from './url-source.ts';
import { type FileRecord, type FolderRecord, folderKey } from './weight-records.ts';
import type { WeightStore } from './weight-store.ts';

export interface CheckOptions {
  readonly store: WeightStore;
  /** Of the stored folder. */
  readonly url: string;
  readonly network?: Partial<Network> | undefined;
  /** Milliseconds between two chunks, in which the page can do something else. Default 0. */
  readonly pauseMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
}

/** How far a check of stored weights has come. */
export interface CheckProgress {
  /** Bytes. */
  readonly checked: number;
  /** Bytes to compare. */
  readonly total: number;
}

/** What a check of stored weights found, and whether it was repaired. */
export interface CheckReport {
  /** Of the folder. */
  readonly url: string;
  /** Bytes that were compared. */
  readonly checked: number;
  /** Chunks that were wrong or gone. */
  readonly damaged: readonly { readonly path: string; readonly chunk: number }[];
  /** False where something is damaged and could not be fetched again: the next load will try. */
  readonly whole: boolean;
}

/**
 * @returns undefined where no such folder is stored
 * @throws the signal's reason; a network that fails is told in the report.
 */
export async function checkFolder(options: CheckOptions): Promise<CheckReport | undefined> {
  const { store, url, signal, onProgress, pauseMs = 0 } = options;
  const folder = await store.records.get<FolderRecord>(folderKey(url));
  if (folder === undefined) return undefined;
  const files = Object.entries(folder.files);
  const total = files.reduce((sum, [, { size }]) => sum + size, 0);
  const damaged: { path: string; chunk: number }[] = [];
  let checked = 0;
  for (const [path, record] of files) {
    for (const [chunk, name] of record.chunks.entries()) {
      await wait(pauseMs, signal);
      const bytes = await readChunk(store, name);
      checked += bytes?.length ?? 0;
      onProgress?.({ checked, total });
      if (bytes !== undefined && (await digestOf(bytes)) === name) continue;
      damaged.push({ path, chunk });
      // What is wrong must not be read by anybody; what is missing is known to be missing.
      await store.chunks.delete(name);
    }
  }
  const paths = new Set(damaged.map(({ path }) => path));
  const whole = await repair(
    folder,
    files.filter(([path]) => paths.has(path)),
    options,
  );
  const checkedAt = Date.now();
  await store.records.update<FolderRecord>(folderKey(url), (record) => ({ ...record, checkedAt }));
  return { url, checked, damaged, whole };
}

/** A chunk that the disk can't read counts as gone. */
async function readChunk(store: WeightStore, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const blob = await store.chunks.get(name);
    return blob && new Uint8Array(await blob.arrayBuffer());
  } catch {
    return undefined;
  }
}

async function repair(
  { url, base }: FolderRecord,
  files: readonly (readonly [string, FileRecord])[],
  { store, network, signal }: CheckOptions,
): Promise<boolean> {
  if (files.length === 0) return true;
  // The next load makes what was made here anew.
  const isMade = files.some(([, { verified }]) => verified === 'made');
  try {
    await whileLoading(url, { signal }, async () => {
      for (const [path, record] of files) {
        if (record.verified === 'made') continue;
        await fillFile(record, {
          url: fileUrl(base, path),
          file: path,
          folder: url,
          store,
          network: { fetch: (...call) => globalThis.fetch(...call), ...network },
          reserve: createReserve({ store, url }),
          signal,
        });
      }
    });
    return !isMade;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
}
