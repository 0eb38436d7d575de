/** What can be known of a file before it is fetched: how long it is, and how it begins. From what is stored, else from its server. */
import { fetchBytes, type Network } from './fetch-bytes.ts';
import { askHead } from './is-unchanged.ts';
import { factsOf, isMissing } from './response-facts.ts';
import { type FileRecord, type PartRecord, partKey } from './weight-records.ts';
import type { WeightStore } from './weight-store.ts';

export interface Peek {
  readonly url: string;
  readonly store: WeightStore;
  readonly network: Network;
  readonly signal?: AbortSignal | undefined;
  /** Bytes, where there is a listing. */
  readonly listed: number | 'absent' | undefined;
  /** As a load before left it. */
  readonly stored: FileRecord | undefined;
  /** The server can't be reached. */
  readonly offline: boolean;
}

/** Longest wait for a server, in ms: nothing but a progress bar depends on it. */
const PATIENCE_MS = 5_000;

/** Bytes of the file, as far as its server tells: of a body that is compressed on its way it may be wrong. */
export async function sizeOfFile(peek: Peek): Promise<number | 'absent' | 'unknown'> {
  const { url, store, signal, listed, stored, offline } = peek;
  if (listed !== undefined) return listed;
  if (stored !== undefined || offline) return stored?.size ?? 'absent';
  const part = await store.records.get<PartRecord>(partKey(url));
  if (part?.size !== undefined) return part.size;
  const head = await askHead({ url, network: hasty(peek), signal }).catch(() => undefined);
  if (head === undefined) return 'unknown';
  if (isMissing(head) || head.status === 403) return 'absent';
  return (head.ok && factsOf(head).likelySize) || 'unknown';
}

/** Its first bytes; undefined where they can't be had. */
export async function headOfFile(peek: Peek, length: number): Promise<Uint8Array | undefined> {
  const { url, store, signal, stored, offline } = peek;
  const chunks = stored?.chunks ?? (await store.records.get<PartRecord>(partKey(url)))?.chunks;
  const kept = chunks?.[0] === undefined ? undefined : await store.chunks.get(chunks[0]);
  if (kept !== undefined) return new Uint8Array(await kept.slice(0, length).arrayBuffer());
  if (offline) return undefined;
  const stream = await fetchBytes({ ...hasty(peek), url, end: length, isChecked: true, signal });
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of stream?.bytes ?? []) pieces.push(piece as Uint8Array<ArrayBuffer>);
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

const hasty = ({ network }: Peek): Network => ({
  ...{ ...network, attempts: 1 },
  stallMs: Math.min(network.stallMs ?? PATIENCE_MS, PATIENCE_MS),
});
