/** Files that a command reads. */
import { readFileSync } from 'node:fs';
import { E2PError } from '../error.ts';

/** @throws E2PError `invalid-data` naming the file. */
export function readInput(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new E2PError('invalid-data', `${path} could not be read: ${(cause as Error).message}`, { cause });
  }
}
