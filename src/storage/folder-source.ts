/** A model folder on disk, for Node. What is made of its files is kept beside them. */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { E2PError } from '../error.ts';
import type { RandomAccess } from '../onnx/read-structure.ts';
import type { FileSource, MadeFile, OpenFile, ReadOptions } from './file-source.ts';

export function createFolderSource(folder: string): FileSource {
  /** What `work` gives, or undefined where there is no such file. */
  const attempt = async <T>(path: string, signal: AbortSignal | undefined, work: () => Promise<T>) => {
    try {
      return await work();
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      signal?.throwIfAborted();
      throw new E2PError('invalid-model', `${join(folder, path)} could not be read: ${code}`, { cause });
    }
  };
  /** The same for each file as often as it is opened: what is known of a file is known by it. */
  const places = new Map<string, { readonly file: string }>();
  const openedOnce = (file: string, size: number) => {
    const place = places.get(file) ?? { file };
    places.set(file, place);
    return openPart(file, size, place);
  };
  return {
    name: folder,
    list: async () => {
      // Not deeper: a folder may be anybody's whole disk.
      const namesIn = async (path: string) =>
        (await attempt(path, undefined, () => readdir(join(folder, path)))) ?? [];
      return [...(await namesIn('')), ...(await namesIn('onnx')).map((name) => `onnx/${name}`)];
    },
    read: (path, { signal, onProgress } = {}) =>
      attempt(path, signal, async () => {
        const bytes = await readFile(join(folder, path), signal ? { signal } : {});
        onProgress?.({ file: path, loaded: bytes.length, total: bytes.length, cached: true });
        // Node may hand out a slice of a shared pool; offsets here count from the file's first byte.
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      }),
    size: async (path) =>
      (await attempt(path, undefined, async () => (await stat(join(folder, path))).size)) ?? 'absent',
    open: (path, { signal, onProgress } = {}) =>
      attempt(path, signal, async () => {
        const file = join(folder, path);
        const found = await stat(file);
        if (!found.isFile()) return undefined;
        const { size } = found;
        onProgress?.({ file: path, loaded: size, total: size, cached: true });
        return openedOnce(file, size);
      }),
    make: async (made, options) => {
      const { file, size } = await keepBeside(folder, made, options);
      return openedOnce(file, size);
    },
  };
}

const openPart = (file: string, size: number, data: OpenFile['data']): OpenFile => ({
  size,
  read: (offset, length) => readPart(file, offset, length),
  during: (work) => readingAtOnce(file, size, work),
  data,
});

/**
 * Named by how it is made and of which files, by their lengths and times; what was made of others before is removed.
 * @throws E2PError `storage-failed` where nothing can be written
 */
async function keepBeside(
  folder: string,
  { path, from, recipe, size: bytesOf, pieces }: MadeFile,
  { signal, onProgress }: ReadOptions = {},
): Promise<{ readonly file: string; readonly size: number }> {
  const sources = from.map(async (name) => {
    const { size, mtimeMs } = await stat(join(folder, name));
    return [name, size, mtimeMs];
  });
  const facts = JSON.stringify([recipe, ...(await Promise.all(sources))]);
  const digest = createHash('sha256').update(facts).digest('hex').slice(0, 16);
  const file = `${join(folder, path)}-${digest}`;
  const there = await stat(file).catch(() => undefined);
  // It has its name only when it is whole.
  if (there !== undefined) return { file, size: there.size };
  const size = await bytesOf();
  const half = `${file}.${randomUUID()}`;
  let loaded = 0;
  const told = async function* () {
    for await (const piece of pieces()) {
      yield piece;
      loaded += piece.length;
      onProgress?.({ file: path, loaded, total: size, cached: false });
    }
  };
  try {
    await writeFile(half, told(), signal ? { signal } : {});
    await rename(half, file);
  } catch (cause) {
    await rm(half, { force: true });
    signal?.throwIfAborted();
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || cause instanceof E2PError) throw cause;
    throw new E2PError('storage-failed', `${file} could not be written: ${code}`, { cause });
  }
  const begin = `${basename(path)}-`;
  const names = await readdir(dirname(file));
  const old = names.filter((name) => name.startsWith(begin) && join(dirname(file), name) !== file);
  // Whoever has one open keeps it.
  await Promise.all(
    old
      .filter((name) => /^[0-9a-f]{16}$/.test(name.slice(begin.length)))
      .map((name) => rm(join(dirname(file), name), { force: true })),
  );
  return { file, size };
}

async function readPart(file: string, offset: number, length: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    return whole(file, offset, bytes, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Many small reads: each would take longer to be handed to another thread than to be done. */
async function readingAtOnce<T>(
  file: string,
  size: number,
  work: (opened: RandomAccess) => Promise<T>,
): Promise<T> {
  const descriptor = openSync(file, 'r');
  try {
    const read = async (offset: number, length: number) => {
      const bytes = new Uint8Array(length);
      return whole(file, offset, bytes, readSync(descriptor, bytes, 0, length, offset));
    };
    return await work({ size, read });
  } finally {
    closeSync(descriptor);
  }
}

function whole(file: string, offset: number, bytes: Uint8Array, read: number): Uint8Array {
  if (read === bytes.length) return bytes;
  throw new E2PError('invalid-model', `${file} ended after ${offset + read} bytes while it was read`);
}
