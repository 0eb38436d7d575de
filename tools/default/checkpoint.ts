/**
 * The state of a training on disk: one file of a JSON line and then float32 arrays, replaced in one step, so that
 * a run killed at any moment finds either the old or the new state.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Checkpoint {
  /** Says which run this is; another run's state is not taken over. */
  readonly run: string;
  readonly step: number;
  /** Parameters, and the optimiser's two moments, all of one length. */
  readonly arrays: readonly [Float32Array, Float32Array, Float32Array];
}

export function writeCheckpoint(path: string, { run, step, arrays }: Checkpoint): void {
  const header = Buffer.from(`${JSON.stringify({ run, step, size: arrays[0].length })}\n`);
  mkdirSync(dirname(path), { recursive: true });
  const bytes = arrays.map((a) => Buffer.from(a.buffer, a.byteOffset, a.byteLength));
  writeFileSync(`${path}.new`, Buffer.concat([header, ...bytes]));
  renameSync(`${path}.new`, path);
}

/** The state of run `run`; undefined where there is none. */
export function readCheckpoint(path: string, run: string): Checkpoint | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const end = bytes.indexOf('\n');
  const header = JSON.parse(bytes.toString('utf8', 0, end)) as { run: string; step: number; size: number };
  if (header.run !== run || bytes.length !== end + 1 + 12 * header.size) return undefined;
  const part = (i: number) => {
    const from = end + 1 + i * 4 * header.size;
    return new Float32Array(new Uint8Array(bytes.subarray(from, from + 4 * header.size)).buffer);
  };
  return { run, step: header.step, arrays: [part(0), part(1), part(2)] };
}
