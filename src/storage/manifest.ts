/**
 * The manifest of a model folder: for each file its size, its SHA-256, and the SHA-256 of every chunk of it. A chunk can be
 * checked as soon as it has arrived, and fetched again alone. `e2p manifest <folder>` writes it.
 */
import { E2PError } from '../error.ts';

/** Its place in the folder that it describes. */
export const MANIFEST_NAME = 'e2p-manifest.json';
export const MANIFEST_VERSION = 1;
/** Bytes of a chunk: small enough to fetch again, large enough that a model of 1 GB has a list of 256. */
export const CHUNK_BYTES = 4 * 2 ** 20;

/** Bounds on an untrusted manifest (CWE-770): files of a folder, bytes of a file, least and most bytes of a chunk. */
const LIMITS = { files: 10_000, size: 2 ** 40, chunk: [2 ** 16, 2 ** 28] } as const;

export interface ManifestFile {
  /** Bytes. */
  readonly size: number;
  /** Of the whole file, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Of each chunk in order; the last one may be short, and an empty file has none. */
  readonly chunks: readonly string[];
}

export interface Manifest {
  readonly version: typeof MANIFEST_VERSION;
  readonly chunkBytes: number;
  /** By path inside the folder, with forward slashes. */
  readonly files: Readonly<Record<string, ManifestFile>>;
}

/** @throws E2PError `invalid-manifest` naming the field, what was found and what was expected. */
export function parseManifest(bytes: Uint8Array, fileName = MANIFEST_NAME): Manifest {
  const refuse = (where: string, found: unknown, expected: string): never => {
    const shown = JSON.stringify(found)?.slice(0, 60) ?? 'nothing';
    throw new E2PError('invalid-manifest', `${fileName}: ${where} is ${shown}, expected ${expected}`);
  };
  const object = (value: unknown, where: string): Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : refuse(where, value, 'an object');
  const whole = (value: unknown, low: number, high: number, where: string): number =>
    Number.isInteger(value) && (value as number) >= low && (value as number) <= high
      ? (value as number)
      : refuse(where, value, `a whole number from ${low} to ${high}`);
  const digest = (value: unknown, where: string): string =>
    typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
      ? value
      : refuse(where, value, '64 hexadecimal digits');

  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new E2PError('invalid-manifest', `${fileName} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const root = object(json, 'the manifest');
  if (root.version !== MANIFEST_VERSION) refuse('version', root.version, String(MANIFEST_VERSION));
  const chunkBytes = whole(root.chunkBytes, ...LIMITS.chunk, 'chunkBytes');
  const entries = Object.entries(object(root.files, 'files'));
  if (entries.length > LIMITS.files) refuse('the number of files', entries.length, `at most ${LIMITS.files}`);
  const files = entries.map(([path, value]): [string, ManifestFile] => {
    const where = `files[${JSON.stringify(path)}]`;
    if (!isInside(path)) refuse('a path', path, 'a relative one, with forward slashes, inside the folder');
    const file = object(value, where);
    const size = whole(file.size, 0, LIMITS.size, `${where}.size`);
    const count = Math.ceil(size / chunkBytes);
    const chunks = file.chunks;
    if (!Array.isArray(chunks) || chunks.length !== count) {
      return refuse(`${where}.chunks`, chunks, `${count} digests for ${size} bytes`);
    }
    return [
      path,
      {
        size,
        sha256: digest(file.sha256, `${where}.sha256`),
        chunks: chunks.map((chunk, i) => digest(chunk, `${where}.chunks[${i}]`)),
      },
    ];
  });
  // Without a prototype a file may be called anything.
  return {
    version: MANIFEST_VERSION,
    chunkBytes,
    files: Object.assign(Object.create(null), Object.fromEntries(files)),
  };
}

/** A path that can't lead out of the folder, on any system (CWE-22). */
function isInside(path: string): boolean {
  const isPlain = !/[\\:\0]/.test(path) && path.length <= 1_000;
  return isPlain && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
