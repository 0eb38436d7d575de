/** Files that a command reads and writes. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { E2PError, type E2PErrorCode } from '../error.ts';

/** @throws E2PError `invalid-data` naming the file. */
export function readInput(path: string, code: E2PErrorCode = 'invalid-data'): Uint8Array {
  try {
    const { buffer, byteOffset, length } = readFileSync(path);
    return new Uint8Array(buffer, byteOffset, length);
  } catch (cause) {
    throw new E2PError(code, `${path} could not be read: ${reason(cause)}`, { cause });
  }
}

/**
 * Before the work: the folder of an output is made where it is missing, and whether a file can be written there is tried.
 * @throws E2PError `storage-failed`
 */
export function prepareOutput(path: string): void {
  writing(path, () => {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory()) throw new Error('it is a folder');
    if (path === '' || found?.isFile() === false) throw new Error('it is no file');
    makeFolder(dirname(path));
    const temporary = `${path}.part`;
    closeSync(openSync(temporary, 'w'));
    rmSync(temporary);
  });
}

/** Node's own recursive mkdir never ends where a parent can't be made (under /proc). */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  mkdirSync(path);
}

/**
 * Piece by piece, since a file may be larger than a string, into a file beside it: whoever is killed in the middle leaves the old one.
 * @throws E2PError `storage-failed`; what making a piece throws
 */
export async function writeWhole(
  path: string,
  pieces: Iterable<Uint8Array | string> | AsyncIterable<string>,
): Promise<void> {
  const temporary = `${path}.part`;
  const file = writing(path, () => openSync(temporary, 'w'));
  let isWhole = false;
  try {
    for await (const piece of pieces) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
      writing(path, () => {
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      });
    }
    writing(path, () => fsyncSync(file));
    isWhole = true;
  } finally {
    closeSync(file);
    if (!isWhole) rmSync(temporary, { force: true });
  }
  writing(path, () => renameSync(temporary, path));
}

/** @throws E2PError `storage-failed` naming the path, for what `work` throws */
export function writing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new E2PError('storage-failed', `${path} could not be written: ${reason(cause)}`, { cause });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a part of its path is a file',
  EACCES: 'permission denied',
  ENOSPC: 'no space left',
};

/** Node's own messages name the path again. */
function reason(cause: unknown): string {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
