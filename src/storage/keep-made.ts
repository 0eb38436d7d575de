/**
 * A file that is made on this device of others of its folder, kept in chunks as they are. It is made anew where what it was made of, or the way of
 * making it, has changed, or where a chunk of it is gone.
 */
import {
  type DownloadOptions,
  digestOf,
  inChunks,
  joined,
  put,
  type StoredFile,
  savePart,
  storedChunk,
} from './download-file.ts';
import type { MadeFile } from './file-source.ts';
import { CHUNK_BYTES } from './manifest.ts';
import type { FileRecord } from './weight-records.ts';

export interface KeepMadeOptions extends Omit<DownloadOptions, 'network' | 'most'> {
  /** What is kept of it. */
  readonly known: FileRecord | undefined;
  /** Of what it is made. */
  readonly sources: readonly FileRecord[];
}

/** @throws E2PError `quota-exceeded`, `storage-failed`; what making it throws; the signal's reason on an abort */
export async function keepMade(
  { recipe, size: bytesOf, pieces }: MadeFile,
  options: KeepMadeOptions,
): Promise<StoredFile> {
  const { store, sources, known, file, signal, onProgress } = options;
  const facts = JSON.stringify([recipe, ...sources.map(({ chunks }) => chunks)]);
  const version = await digestOf(new TextEncoder().encode(facts));
  if (known?.version === version) {
    const kept = await Promise.all(known.chunks.map((_, i) => storedChunk(store, known, i)));
    if (kept.every((blob) => blob !== undefined)) return { record: known, blob: joined(kept) };
  }
  const size = await bytesOf();
  await options.reserve(size);
  const meta = { size, version, chunkBytes: CHUNK_BYTES };
  const chunks: string[] = [];
  const blobs: Blob[] = [];
  for await (const bytes of inChunks(pieces(), CHUNK_BYTES, size)) {
    signal?.throwIfAborted();
    const name = await digestOf(bytes);
    chunks.push(name);
    // Named before it is there, so that it never looks unused.
    await savePart(options, meta, chunks);
    blobs.push(await put(name, bytes, options));
    const loaded = Math.min(size, chunks.length * CHUNK_BYTES);
    onProgress?.({ file, loaded, total: size, cached: false });
  }
  return { record: { ...meta, chunks, verified: 'made' }, blob: joined(blobs) };
}
