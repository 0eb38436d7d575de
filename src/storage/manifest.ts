/**
 * The manifest of a model folder: for each file its size, its SHA-256, and the SHA-256 of every chunk of it. A chunk can be
 * checked as soon as it has arrived, and fetched again alone. `e2p manifest <folder>` writes it.
 */
import * as v from 'valibot';
import { E2PError } from '../error.ts';
import { ANY_OBJECT, checkJson, object, refusal, whole } from './check-json.ts';

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

const hex = '64 hexadecimal digits';
const DIGEST = v.pipe(v.string(hex), v.regex(/^[0-9a-f]{64}$/, hex));
const MANIFEST = object({
  version: v.literal(MANIFEST_VERSION, String(MANIFEST_VERSION)),
  chunkBytes: whole(...LIMITS.chunk),
  files: v.pipe(
    ANY_OBJECT,
    v.check((files) => Object.keys(files).length <= LIMITS.files, `at most ${LIMITS.files} files`),
    // In a map, and later without a prototype, a file may be called anything.
    v.transform((files) => new Map(Object.entries(files))),
    v.map(
      v.string(),
      object({ size: whole(0, LIMITS.size), sha256: DIGEST, chunks: v.array(DIGEST, 'a list of digests') }),
    ),
  ),
});

/** @throws E2PError `invalid-manifest` naming the field, what was found and what was expected. */
export function parseManifest(bytes: Uint8Array, fileName = MANIFEST_NAME): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new E2PError('invalid-manifest', `${fileName} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const origin = { code: 'invalid-manifest', file: fileName, what: 'manifest' } as const;
  const { files, ...manifest } = checkJson(MANIFEST, json, origin);
  for (const [path, { size, chunks }] of files) {
    if (!isInside(path))
      throw refusal(origin, 'a path', path, 'a relative one, with forward slashes, inside the folder');
    const count = Math.ceil(size / manifest.chunkBytes);
    if (chunks.length === count) continue;
    const field = `manifest field files[${JSON.stringify(path)}].chunks`;
    throw refusal(origin, field, chunks, `${count} digests for ${size} bytes`);
  }
  return { ...manifest, files: Object.assign(Object.create(null), Object.fromEntries(files)) };
}

/** A path that can't lead out of the folder, on any system (CWE-22). */
function isInside(path: string): boolean {
  const isPlain = !/[\\:\0]/.test(path) && path.length <= 1_000;
  return isPlain && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
