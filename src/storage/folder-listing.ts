/**
 * What a server says of a model folder before anything is downloaded: its revision, and each file's size and digest. From
 * `e2p-manifest.json` in the folder, or from the API of the Hugging Face Hub; many servers have neither.
 */
import * as v from 'valibot';
import { E2PError } from '../error.ts';
import { fetchBytes, type Network } from './fetch-bytes.ts';
import { MANIFEST_NAME, type ManifestFile, parseManifest } from './manifest.ts';
import type { FileRecord } from './weight-records.ts';

export interface ListedFile {
  readonly size: number;
  /** Of the whole file; `git` is the SHA-1 of a git blob, which the Hub has of small files. */
  readonly digest: { readonly kind: 'sha256' | 'git'; readonly hex: string } | undefined;
  /** Every chunk's digest, where a manifest tells. */
  readonly chunks?: { readonly chunkBytes: number; readonly digests: readonly string[] };
  readonly verified: FileRecord['verified'];
}

export interface FolderListing {
  readonly revision: string;
  /** Where this revision's files are; ends in a slash. */
  readonly base: string;
  readonly files: Readonly<Record<string, ListedFile>>;
}

export interface ListingOptions {
  readonly network: Network;
  /** Hex SHA-256 that the manifest must have; from then on nothing that the server says is believed unchecked. */
  readonly manifestSha256?: string | undefined;
  /** What is stored of the folder came with a manifest. */
  readonly hadManifest?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

// Else bundlers keep them, and what they are made of, where nothing is listed.
/* @__NO_SIDE_EFFECTS__ */
const digits = (count: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${count}}$`)));
/* @__NO_SIDE_EFFECTS__ */
const maybeDigits = (count: number) => v.fallback(v.optional(digits(count)), undefined);

/** An answer of the Hub's API, as far as it is read. */
const HUB = v.object({ sha: digits(40), siblings: v.array(v.unknown()) });
const HUB_FILE = v.object({
  rfilename: v.string(),
  size: v.pipe(v.number(), v.safeInteger()),
  blobId: maybeDigits(40),
  lfs: v.nullish(v.object({ sha256: maybeDigits(64) })),
});

/** Bounds on what is read into memory unchecked (CWE-770): bytes of a listing, and files in one. */
const LIMITS = { bytes: 64 * 2 ** 20, files: 100_000 } as const;

/**
 * @param base URL of the folder; ends in a slash
 * @returns undefined where the server tells nothing
 * @throws E2PError `invalid-manifest`, `integrity` if the manifest is not the one that was asked for, `network`.
 */
export async function fetchListing(
  base: string,
  options: ListingOptions,
): Promise<FolderListing | undefined> {
  const hub = await fetchHubListing(base, options);
  const folder = hub?.base ?? base;
  // A repository on the Hub may have a manifest too, which tells more.
  const manifest =
    hub === undefined || MANIFEST_NAME in hub.files ? await fetchManifest(folder, options) : undefined;
  if (manifest === undefined && options.manifestSha256 !== undefined) {
    throw new E2PError('integrity', `${folder} has no ${MANIFEST_NAME}, expected one with the given SHA-256`);
  }
  return manifest ?? hub;
}

async function fetchManifest(base: string, options: ListingOptions): Promise<FolderListing | undefined> {
  const url = base + MANIFEST_NAME;
  const bytes = await readAll(url, options).catch((error) => {
    // Object stores answer so for what is not there; of a folder that had a manifest it says that something is wrong.
    const mayBeAbsent = options.manifestSha256 === undefined && options.hadManifest !== true;
    if (error instanceof E2PError && error.status === 403 && mayBeAbsent) return undefined;
    throw error;
  });
  if (bytes === undefined) return undefined;
  const revision = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
  const { manifestSha256 } = options;
  if (manifestSha256 !== undefined && manifestSha256.toLowerCase() !== revision) {
    throw new E2PError('integrity', `${url}: its SHA-256 is ${revision}, expected ${manifestSha256}`);
  }
  const { chunkBytes, files } = parseManifest(bytes, url);
  const listed = ({ size, sha256, chunks }: ManifestFile): ListedFile => ({
    size,
    digest: { kind: 'sha256', hex: sha256 },
    chunks: { chunkBytes, digests: chunks },
    verified: 'manifest',
  });
  return { revision, base, files: mapFiles(Object.entries(files), listed) };
}

/** `https://host/owner/name/resolve/revision/`, which is how the Hub serves files. */
const HUB_FOLDER = /^(https?:\/\/[^/]+)\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/$/;

/**
 * The commit that a branch is at, and of each file the SHA-256 that Git LFS has of it, or its git blob id.
 * https://huggingface.co/docs/hub/api
 */
async function fetchHubListing(base: string, options: ListingOptions): Promise<FolderListing | undefined> {
  const [, host, model, revision] = HUB_FOLDER.exec(base) ?? [];
  if (host === undefined) return undefined;
  const bytes = await readAll(`${host}/api/models/${model}/revision/${revision}?blobs=true`, options).catch(
    (error) => {
      // A mirror without the API still has the files; one that is busy, or wants to know who asks, has it.
      if (error instanceof E2PError && isAbsence(error.status)) return undefined;
      throw error;
    },
  );
  if (bytes === undefined) return undefined;
  const text = new TextDecoder().decode(bytes);
  let info: unknown;
  try {
    info = JSON.parse(text);
  } catch (cause) {
    // A page for what is not there is no API; JSON that came cut is one.
    if (!text.trimStart().startsWith('{')) return undefined;
    throw new E2PError('network', `${host} sent a listing of ${model} that is cut or damaged`, { cause });
  }
  const listed = v.safeParse(HUB, info);
  if (!listed.success) return undefined;
  const { sha, siblings } = listed.output;
  const files = siblings.slice(0, LIMITS.files).flatMap(hubFile);
  return { revision: sha, base: `${host}/${model}/resolve/${sha}/`, files: mapFiles(files, (file) => file) };
}

const isAbsence = (status: number | undefined): boolean =>
  status !== undefined &&
  status >= 400 &&
  ![401, 408, 429].includes(status) &&
  (status < 500 || status === 501);

function hubFile(sibling: unknown): [string, ListedFile][] {
  const listed = v.safeParse(HUB_FILE, sibling);
  if (!listed.success) return [];
  const { rfilename, size, blobId, lfs } = listed.output;
  const digest =
    lfs?.sha256 !== undefined
      ? ({ kind: 'sha256', hex: lfs.sha256 } as const)
      : blobId !== undefined && lfs === undefined
        ? ({ kind: 'git', hex: blobId } as const)
        : undefined;
  return [[rfilename, { size, digest, verified: digest === undefined ? 'length' : 'hub' }]];
}

/** Without a prototype, so that a file may be called anything. */
function mapFiles<T>(entries: readonly (readonly [string, T])[], map: (file: T) => ListedFile) {
  const files: Record<string, ListedFile> = Object.create(null);
  for (const [path, file] of entries) files[path] = map(file);
  return files;
}

async function readAll(url: string, { network, signal }: ListingOptions) {
  const fetch: typeof globalThis.fetch = (input, init) =>
    network.fetch(input, { ...init, cache: 'no-cache' });
  // Small enough to be read from the start again, and whole or nothing.
  const stream = await fetchBytes({ ...network, fetch, url, tellsItsEnd: true, isChecked: true, signal });
  if (stream === undefined) return undefined;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const piece of stream.bytes) {
    size += piece.length;
    if (size > LIMITS.bytes) {
      throw new E2PError('invalid-manifest', `${url} is longer than ${LIMITS.bytes} bytes`);
    }
    pieces.push(piece as Uint8Array<ArrayBuffer>);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
