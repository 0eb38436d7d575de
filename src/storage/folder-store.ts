/**
 * Weights kept in a folder, for Node: a file for each chunk, named by its digest, and one for each record. A file is written beside its
 * place and then renamed, so that it is there or not, never half, whoever else writes the same.
 */
import { createHash, randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { E2PError } from '../error.ts';
import type { ChunkStore } from './chunk-store.ts';
import type { RecordStore, WeightRecord } from './weight-records.ts';
import type { WeightStore } from './weight-store.ts';

/** What a writer that died left is removed after that many milliseconds. */
const ABANDONED_MS = 3_600_000;

/** @throws E2PError `quota-exceeded`, `storage-failed`, from every call of what is in it */
export function createFolderStore(folder: string): WeightStore {
  if (typeof folder !== 'string' || folder === '') {
    throw new E2PError('invalid-argument', 'cache must be the path of a folder');
  }
  const root = resolve(folder);
  return {
    backend: 'folder',
    chunks: createFolderChunks(join(root, 'chunks')),
    records: createFolderRecords(join(root, 'records')),
  };
}

function createFolderChunks(folder: string): ChunkStore {
  return {
    get: async (name) => {
      const path = join(folder, name);
      // Opening says nothing of why it can't.
      const isThere = await unlessAbsent(() => stat(path));
      return isThere && openAsBlob(path);
    },
    put: (name, bytes) =>
      write(folder, bytes, async (beside) => {
        const path = join(folder, name);
        const there = await unlessAbsent(() => readFile(path));
        // Somebody may be reading the one that is there.
        if (there !== undefined && digestOf(there) === name) return rm(beside);
        if (there !== undefined) return rename(beside, path);
        await link(beside, path).catch(async ({ code }: NodeJS.ErrnoException) => {
          // Some file systems know no links.
          if (code !== 'EEXIST') await rename(beside, path);
        });
        await rm(beside, { force: true });
      }),
    delete: (name) => attempt(folder, () => rm(join(folder, name), { force: true })),
    names: () => namesIn(folder),
  };
}

function createFolderRecords(folder: string): RecordStore {
  /** What can't be read was never there: it is fetched again. */
  const read = async (name: string): Promise<readonly [string, WeightRecord] | undefined> => {
    const text = await unlessAbsent(() => readFile(join(folder, name), 'utf8'));
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  };
  const set = async (changes: Parameters<RecordStore['set']>[0]) => {
    for (const change of changes) {
      await write(folder, JSON.stringify(change), (beside) =>
        rename(beside, join(folder, digestOf(change[0]))),
      );
    }
  };
  const get = async <T extends WeightRecord>(key: string) =>
    (await read(digestOf(key)))?.[1] as T | undefined;
  return {
    get,
    entries: async () =>
      (await Promise.all((await namesIn(folder)).map(read))).filter((entry) => entry !== undefined),
    // One after the other. In between a crash leaves a folder without the note of the version before it, whose chunks go with the next load.
    set,
    update: async <T extends WeightRecord>(key: string, change: (record: T) => T) => {
      const record = await get<T>(key);
      if (record !== undefined) await set([[key, change(record)]]);
    },
    delete: (keys) =>
      attempt(folder, async () => {
        for (const key of keys) await rm(join(folder, digestOf(key)), { force: true });
      }),
  };
}

const digestOf = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const isWhole = (name: string): boolean => !name.endsWith('.tmp');

async function namesIn(folder: string): Promise<string[]> {
  const names = (await unlessAbsent(() => readdir(folder))) ?? [];
  for (const name of names.filter((each) => !isWhole(each))) {
    const facts = await unlessAbsent(() => stat(join(folder, name)));
    const age = facts === undefined ? 0 : Date.now() - facts.mtimeMs;
    if (age > ABANDONED_MS) await rm(join(folder, name), { force: true });
  }
  return names.filter(isWhole);
}

/** @param place puts the file, which is whole, where it belongs */
function write(
  folder: string,
  content: string | Uint8Array,
  place: (beside: string) => Promise<void>,
): Promise<void> {
  return attempt(folder, async () => {
    await mkdir(folder, { recursive: true });
    const beside = join(folder, `${randomUUID()}.tmp`);
    try {
      await writeFile(beside, content, { flush: true });
      await place(beside);
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    }
  });
}

async function unlessAbsent<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function attempt<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const message = `the folder of weights ${folder} could not be written: ${code}`;
    throw new E2PError(isFull ? 'quota-exceeded' : 'storage-failed', message, { cause });
  }
}
