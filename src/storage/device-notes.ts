/**
 * What is kept of this device beside weights: what tests of its GPU have found, and which models are being brought up, so that a tab which was
 * killed at it is noticed. Nothing personal. Where there is no storage, findings are kept as long as the loader lives.
 */
import { del, delMany, entries, get, set } from 'idb-keyval';
import type { Dtype } from '../onnx/dtype.ts';
import { createKeptStore } from './kept-store.ts';
import { heldNames, hold, holdName } from './tab-locks.ts';

const DATABASE = 'e2p-device';

/** A browser does not tell when its driver was renewed; so long a note is believed, in ms. */
const BELIEVED_MS = 30 * 24 * 3600 * 1000;

interface Finding {
  readonly found: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A model that is being brought up. */
interface BringUp {
  /** Of its folder, or the name of its files. */
  readonly model: string;
  readonly dtype: Dtype;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const here = new Map<string, number>();
const store = createKeptStore(DATABASE, 'notes');
const FINDING = 'finding ';
const BRING_UP = 'bring-up ';

/** Those of a kind that are believed still, by key; the others are removed. */
async function notesOf<T extends { readonly at: number }>(kind: string): Promise<Map<string, T>> {
  const now = Date.now();
  const all = await entries<string, T>(store).catch(() => []);
  const kept = all.filter(([key]) => key.startsWith(kind));
  const isOld = ({ at }: T) => now - at > BELIEVED_MS || at > now;
  const old = kept.filter(([, note]) => isOld(note)).map(([key]) => key);
  if (old.length > 0) await delMany(old, store).catch(() => undefined);
  return new Map(
    kept.filter(([key]) => !old.includes(key)).map(([key, note]) => [key.slice(kind.length), note]),
  );
}

export async function knownFindings(): Promise<Readonly<Record<string, number>>> {
  const kept = await notesOf<Finding>(FINDING);
  const found = [...kept].map(([key, finding]) => [key, finding.found] as const);
  return Object.fromEntries([...found, ...here]);
}

/** Comes of an engine that nobody was named to yet, and is held to what a finding can be all the same. */
export async function keepFinding(key: string, found: number): Promise<undefined> {
  if (!Number.isInteger(found) || found < 0 || found > 65_536 || key.length > 1_000) return;
  here.set(key, found);
  await set(FINDING + key, { found, at: Date.now() } satisfies Finding, store).catch(() => undefined);
}

/**
 * Notes that a model is brought up from now on; the lock that goes with it ends with the tab, the note does not.
 * @returns its id, for {@link endBringUp}
 */
export async function beginBringUp(model: string, dtype: Dtype): Promise<string | undefined> {
  // Without locks, another tab at it would look like one that was killed.
  if (globalThis.navigator?.locks === undefined) return undefined;
  const id = crypto.randomUUID();
  const release = await hold(id);
  releases.set(id, release);
  const note: BringUp = { model, dtype, at: Date.now() };
  await set(BRING_UP + id, note, store).catch(() => undefined);
  return id;
}

const releases = new Map<string, () => void>();

/** It is up, or has failed, or the tab is closed by somebody. */
export async function endBringUp(id: string): Promise<undefined> {
  await del(BRING_UP + id, store).catch(() => undefined);
  releases.get(id)?.();
  releases.delete(id);
}

/** Opens the connection for {@link leaveBringUp}, which has no time to. */
export async function prepareToLeave(): Promise<void> {
  await get('', store).catch(() => undefined);
}

/** As {@link endBringUp}, from a page that is being left: what is asked for now has to be enough. */
export function leaveBringUp(id: string): void {
  const work = store('readwrite', async (notes) => {
    notes.delete(BRING_UP + id);
    notes.transaction.commit?.();
  });
  work.catch(() => undefined);
}

/** What was being brought up of a model in tabs that are no more, the latest of them; it is told once. */
export async function cutShort(model: string): Promise<BringUp | undefined> {
  const held = await heldNames();
  const notes = [...(await notesOf<BringUp>(BRING_UP))].filter(
    ([id, note]) => note.model === model && !held.has(holdName(id)),
  );
  await delMany(
    notes.map(([id]) => BRING_UP + id),
    store,
  ).catch(() => undefined);
  return notes.map(([, note]) => note).sort((a, b) => b.at - a.at)[0];
}
