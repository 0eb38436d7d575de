/**
 * One file, from its server into the chunk store, checked chunk by chunk while it comes in. Never more than one chunk of it is
 * in memory. Whatever was stored before a crash is not fetched again.
 */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { E2PError } from '../error.ts';
import { type ByteStream, fetchBytes, type Network, StartOver } from './fetch-bytes.ts';
import type { FetchProgress } from './file-source.ts';
import type { ListedFile } from './folder-listing.ts';
import { CHUNK_BYTES } from './manifest.ts';
import { describeStorageError, type Reserve } from './quota.ts';
import { canJoin } from './response-facts.ts';
import { chunkLength, type FileRecord, type PartRecord, partKey } from './weight-records.ts';
import type { WeightStore } from './weight-store.ts';

export interface DownloadOptions {
  readonly url: string;
  /** How progress and errors call it. */
  readonly file: string;
  /** URL of the folder it belongs to. */
  readonly folder: string;
  readonly store: WeightStore;
  readonly network: Network;
  /** Bytes of the file at most. Default: any number. */
  readonly most?: number | undefined;
  /** Asked before the first byte that needs storage. */
  readonly reserve: Reserve;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
}

export interface StoredFile {
  readonly record: FileRecord;
  readonly blob: Blob;
}

/** How often a file may change on the server while it is downloaded, or fail its check as a whole. */
const FRESH_STARTS = 3;

/**
 * A file of which every chunk's digest is known (from a manifest, or because it was stored before): only chunks that
 * are not here are fetched.
 * @throws E2PError `integrity` naming the chunk, `network`, `quota-exceeded`, `storage-failed`.
 */
export async function fillFile(
  record: FileRecord,
  options: DownloadOptions,
): Promise<StoredFile | undefined> {
  const { url, file, store, onProgress, signal } = options;
  const { size } = record;
  const blobs = await Promise.all(record.chunks.map((_, i) => storedChunk(store, record, i)));
  const missing = blobs.flatMap((blob, i) => (blob === undefined ? [i] : []));
  let loaded = size - missing.reduce((sum, i) => sum + chunkLength(record, i), 0);
  const report = () => onProgress?.({ file, loaded, total: size, cached: missing.length === 0 });
  report();
  if (missing.length > 0) {
    await options.reserve(size - loaded);
    await savePart(options, { size, version: record.version, chunkBytes: record.chunkBytes }, record.chunks);
  }
  for (const run of runsOf(missing)) {
    const start = run[0]! * record.chunkBytes;
    const end = start + run.reduce((sum, i) => sum + chunkLength(record, i), 0);
    const stream = await fetchBytes({
      ...options.network,
      url,
      start,
      ...(end < size && { end }),
      knownSize: size,
      isChecked: true,
      signal,
    });
    if (stream === undefined) return undefined;
    checkSize(stream, record, options);
    let at = 0;
    const counted = counting(stream.bytes, (n) => {
      loaded += n;
      report();
    });
    for await (const bytes of inChunks(counted, record.chunkBytes, end - start)) {
      const index = run[at++];
      if (index === undefined) break;
      await keepChunk(bytes, record, index, options);
    }
    if (at !== run.length) throw wrongSize(url, loaded, size);
  }
  const found = await Promise.all(
    record.chunks.map(async (_, i) => blobs[i] ?? (await storedChunk(store, record, i))),
  );
  if (found.some((blob) => blob === undefined)) {
    throw new E2PError('storage-failed', `${url}: the browser dropped what had just been stored`);
  }
  return { record, blob: joined(found as Blob[]) };
}

/**
 * A file of which at most the length and a digest of the whole are known; it goes on behind the chunks that an earlier
 * attempt left, if the server still has the same version.
 * @returns undefined where the server has no such file
 */
export async function streamFile(
  listed: ListedFile | undefined,
  options: DownloadOptions,
): Promise<StoredFile | undefined> {
  for (let start = 1; ; start++) {
    try {
      return await streamOnce(listed, options, start === 1);
    } catch (error) {
      const isWrong = error instanceof E2PError && error.code === 'integrity';
      if (!(error instanceof StartOver || isWrong)) throw error;
      await options.store.records.delete([partKey(options.url)]);
      if (start < FRESH_STARTS && !(isWrong && start > 1)) continue;
      if (isWrong) throw error;
      throw new E2PError('network', `${error.message}, ${start} times in one download`, { cause: error });
    }
  }
}

async function streamOnce(
  listed: ListedFile | undefined,
  options: DownloadOptions,
  mayResume: boolean,
): Promise<StoredFile | undefined> {
  const { url, file, store, network, signal, onProgress } = options;
  const part = mayResume ? await store.records.get<PartRecord>(partKey(url)) : undefined;
  const isChecked = listed?.digest !== undefined;
  const isKnown = part?.chunkBytes === CHUNK_BYTES && (isChecked || canJoin(part.version));
  const known = isKnown ? part : undefined;
  const blobs = known === undefined ? [] : await leadingChunks(store, known);
  // A file that seems complete is asked for its last chunk where no digest will tell whether it is right.
  if (!isChecked && bytesOf(blobs) === known?.size) blobs.pop();
  const chunks = known?.chunks.slice(0, blobs.length) ?? [];
  const stored = bytesOf(blobs);
  const stream = await fetchBytes({
    ...network,
    url,
    start: stored,
    ...(known !== undefined && { expect: { version: known.version, size: known.size } }),
    ...(options.most !== undefined && { most: options.most - stored }),
    knownSize: listed?.size,
    isChecked,
    signal,
  });
  if (stream === undefined) return undefined;
  const size = stream.size ?? listed?.size;
  if (listed !== undefined) checkSize(stream, listed, options);
  const likelySize = size ?? stream.likelySize;
  if (likelySize !== undefined) {
    await options.reserve(Math.max(0, likelySize - stored)).catch((error) => {
      stream.cancel();
      throw error;
    });
  }
  const hash = listed?.digest && wholeHash(listed);
  for (const blob of blobs) hash?.update(new Uint8Array(await blob.arrayBuffer()));
  let loaded = stored;
  let isWhole = false;
  const totalSoFar = () => {
    if (isWhole) return loaded;
    // One that was passed was of the compressed body.
    return likelySize !== undefined && loaded <= likelySize ? likelySize : undefined;
  };
  const report = () => onProgress?.({ file, loaded, total: totalSoFar(), cached: stored === size });
  report();
  const counted = counting(stream.bytes, (n) => {
    loaded += n;
    report();
  });
  const meta = { size, version: stream.version, chunkBytes: CHUNK_BYTES };
  for await (const bytes of inChunks(counted, CHUNK_BYTES, size === undefined ? undefined : size - stored)) {
    hash?.update(bytes);
    const name = await digestOf(bytes);
    chunks.push(name);
    await savePart(options, meta, chunks);
    blobs.push(await put(name, bytes, options));
  }
  isWhole = true;
  if (size === undefined) report();
  const record: FileRecord = {
    ...meta,
    size: loaded,
    chunks,
    verified: listed?.digest === undefined ? 'length' : listed.verified,
    ...(listed?.digest?.kind === 'sha256' && { sha256: listed.digest.hex }),
  };
  const found = hash && bytesToHex(hash.digest());
  if (found !== undefined && found !== listed!.digest!.hex) {
    throw new E2PError('integrity', `${url}: its digest is ${found}, expected ${listed!.digest!.hex}`);
  }
  // Its size is known now, so that a load which ends before it is published need not fetch it again.
  await savePart(options, { ...meta, size: loaded }, chunks);
  return { record, blob: joined(blobs) };
}

/** Git names a blob by the SHA-1 of its length and bytes; large files have a SHA-256 of their own. */
function wholeHash({ digest, size }: ListedFile) {
  if (digest!.kind === 'sha256') return sha256.create();
  return sha1.create().update(new TextEncoder().encode(`blob ${size}\0`));
}

function checkSize(stream: ByteStream, expected: { readonly size: number }, { url }: DownloadOptions): void {
  if (stream.size === undefined || stream.size === expected.size) return;
  stream.cancel();
  throw wrongSize(url, stream.size, expected.size);
}

const wrongSize = (url: string, found: number, expected: number) =>
  new E2PError('integrity', `${url} has ${found} bytes, expected ${expected}`);

/** Checks a chunk and stores it; a wrong one is asked for once more, alone. */
async function keepChunk(
  bytes: Uint8Array<ArrayBuffer>,
  record: FileRecord,
  index: number,
  options: DownloadOptions,
): Promise<void> {
  const name = record.chunks[index]!;
  const right = (await digestOf(bytes)) === name ? bytes : await fetchChunk(record, index, options);
  await put(name, right, options);
}

async function fetchChunk(record: FileRecord, index: number, { url, network, signal }: DownloadOptions) {
  const start = index * record.chunkBytes;
  const length = chunkLength(record, index);
  const stream = await fetchBytes({ ...network, url, start, end: start + length, signal });
  for await (const bytes of stream ? inChunks(stream.bytes, length, length) : []) {
    if ((await digestOf(bytes)) === record.chunks[index]) return bytes;
  }
  const where = `bytes ${start} to ${start + length} (chunk ${index + 1} of ${record.chunks.length})`;
  throw new E2PError('integrity', `${url}: ${where} are not those that were expected, by their SHA-256`);
}

export async function put(
  name: string,
  bytes: Uint8Array<ArrayBuffer>,
  { url, store, signal }: Pick<DownloadOptions, 'url' | 'store' | 'signal'>,
) {
  signal?.throwIfAborted();
  try {
    await store.chunks.put(name, bytes);
    const blob = await store.chunks.get(name);
    if (blob?.size === bytes.length) return blob;
  } catch (cause) {
    throw await describeStorageError(cause, url);
  }
  throw new E2PError('storage-failed', `${url}: the browser dropped what had just been stored`);
}

export function savePart(
  { url, folder, store }: Pick<DownloadOptions, 'url' | 'folder' | 'store'>,
  meta: Pick<PartRecord, 'size' | 'version' | 'chunkBytes'>,
  chunks: readonly string[],
): Promise<void> {
  const record: PartRecord = { url, folder, ...meta, chunks: [...chunks], touchedAt: Date.now() };
  return store.records.set([[partKey(url), record]]);
}

export async function storedChunk(
  store: WeightStore,
  file: FileRecord,
  index: number,
): Promise<Blob | undefined> {
  const blob = await store.chunks.get(file.chunks[index]!);
  return blob?.size === chunkLength(file, index) ? blob : undefined;
}

/** Those before the first gap. */
async function leadingChunks(store: WeightStore, part: PartRecord): Promise<Blob[]> {
  const { size = Number.POSITIVE_INFINITY, chunkBytes, chunks } = part;
  const blobs: Blob[] = [];
  for (const [i, name] of chunks.entries()) {
    const blob = await store.chunks.get(name);
    if (blob?.size !== chunkLength({ size, chunkBytes }, i)) break;
    blobs.push(blob);
  }
  return blobs;
}

const bytesOf = (blobs: readonly Blob[]): number => blobs.reduce((sum, { size }) => sum + size, 0);

/** [1, 2, 5] → [1, 2], [5]. */
function runsOf(indexes: readonly number[]): number[][] {
  const runs: number[][] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last?.at(-1) === index - 1) last.push(index);
    else runs.push([index]);
  }
  return runs;
}

async function* counting(bytes: AsyncIterable<Uint8Array>, count: (bytes: number) => void) {
  for await (const piece of bytes) {
    count(piece.length);
    yield piece;
  }
}

/** Pieces of any length as chunks of one length, the last of them shorter; each is good until the next is asked for. */
export async function* inChunks(
  pieces: AsyncIterable<Uint8Array>,
  chunkBytes: number,
  total: number | undefined,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const chunk = new Uint8Array(Math.min(chunkBytes, total ?? chunkBytes));
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const some = piece.subarray(at, at + chunk.length - filled);
      chunk.set(some, filled);
      filled += some.length;
      at += some.length;
      if (filled === chunk.length) {
        yield chunk;
        filled = 0;
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** Hex SHA-256. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

export const joined = (blobs: readonly Blob[]): Blob =>
  blobs.length === 1 ? blobs[0]! : new Blob([...blobs]);
