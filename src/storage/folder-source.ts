/** A model folder on disk, for Node. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { E2PError } from '../error.ts';
import type { FileSource } from './file-source.ts';

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
        return { size, read: (offset, length) => readPart(file, offset, length), data: { file } };
      }),
  };
}

async function readPart(file: string, offset: number, length: number): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const bytes = new Uint8Array(length);
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    if (bytesRead < length) {
      throw new E2PError(
        'invalid-model',
        `${file} ended after ${offset + bytesRead} bytes while it was read`,
      );
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
