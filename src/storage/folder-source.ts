/** A model folder on disk, for Node. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { E2PError } from '../error.ts';
import type { FileSource } from './file-source.ts';

export function createFolderSource(folder: string): FileSource {
  return {
    name: folder,
    read: async (path, { signal, onProgress } = {}) => {
      try {
        const bytes = await readFile(join(folder, path), signal ? { signal } : {});
        onProgress?.({ file: path, loaded: bytes.length, total: bytes.length, cached: true });
        // Node may hand out a slice of a shared pool; offsets here count from the file's first byte.
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
        signal?.throwIfAborted();
        throw new E2PError('invalid-model', `${join(folder, path)} could not be read: ${code}`, { cause });
      }
    },
  };
}
