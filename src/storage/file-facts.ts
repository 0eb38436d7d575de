/** What the records of a folder's files say: which came whole, which from the server, and what they are together. */
import { digestOf } from './download-file.ts';
import type { ListedFile } from './folder-listing.ts';
import { chunkLength, type FileRecord, type PartRecord, partKey } from './weight-records.ts';
import type { WeightStore } from './weight-store.ts';

/** A file that arrived whole in a load that did not reach its end. */
export async function finishedPart(url: string, store: WeightStore): Promise<FileRecord | undefined> {
  const part = await store.records.get<PartRecord>(partKey(url));
  if (part?.size === undefined || part.version === undefined) return undefined;
  const { size, version, chunkBytes, chunks } = part;
  if (chunks.length !== Math.ceil(size / chunkBytes)) return undefined;
  const file: FileRecord = { size, version, chunkBytes, chunks, verified: 'length' };
  const blobs = await Promise.all(chunks.map((name) => store.chunks.get(name)));
  return blobs.every((blob, i) => blob?.size === chunkLength(file, i)) ? file : undefined;
}

export function recordOf({ size, digest, chunks, verified }: ListedFile): FileRecord {
  const { chunkBytes, digests } = chunks!;
  return { size, version: undefined, chunkBytes, chunks: digests, verified, sha256: digest?.hex };
}

/** Those that came from the server. */
export const fetched = (files: Readonly<Record<string, FileRecord>>) =>
  Object.entries(files).filter(([, { verified }]) => verified !== 'made');

/** A name for what a server without a listing had. */
export function revisionOf(files: Readonly<Record<string, FileRecord>>): Promise<string> {
  const facts = fetched(files).map(([path, { chunks }]) => [path, ...chunks]);
  return digestOf(new TextEncoder().encode(JSON.stringify(facts.toSorted())) as Uint8Array<ArrayBuffer>);
}
