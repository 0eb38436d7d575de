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
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.part`;
    closeSync(openSync(temporary, 'w'));
    rmSync(temporary);
  });
}

/** Whoever is killed in the middle leaves the old file. @throws E2PError `storage-failed` */
export function writeWhole(path: string, bytes: Uint8Array): void {
  writing(path, () => through(path, (file) => writeAll(file, bytes)));
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** Through a file beside it. */
function through(path: string, work: (file: number) => void): void {
  const temporary = `${path}.part`;
  const file = openSync(temporary, 'w');
  try {
    work(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

function writing(path: string, work: () => void): void {
  try {
    work();
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
