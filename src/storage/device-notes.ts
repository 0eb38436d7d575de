/**
 * What is kept of this device beside weights, in the loader: what tests of its GPU have found. Nothing personal. Where there is no storage it is
 * kept as long as the loader lives.
 */
import { delMany, entries, set } from 'idb-keyval';
import { createKeptStore } from './kept-store.ts';

const DATABASE = 'e2p-device';

/** A browser does not tell when its driver was renewed; so long a finding is believed, in ms. */
const BELIEVED_MS = 30 * 24 * 3600 * 1000;

interface Finding {
  readonly found: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const here = new Map<string, number>();
const store = createKeptStore(DATABASE, 'findings');

/** Those that are believed still; the others are removed. */
export async function knownFindings(now = Date.now()): Promise<Readonly<Record<string, number>>> {
  const kept = await entries<string, Finding>(store).catch(() => []);
  const isOld = ({ at }: Finding) => now - at > BELIEVED_MS || at > now;
  const old = kept.filter(([, finding]) => isOld(finding)).map(([key]) => key);
  if (old.length > 0) await delMany(old, store).catch(() => undefined);
  const fresh = kept.filter(([key]) => !old.includes(key)).map(([key, { found }]) => [key, found] as const);
  return Object.fromEntries([...fresh, ...here]);
}

/** Comes of an engine that nobody was named to yet, and is held to what a finding can be all the same. */
export async function keepFinding(key: string, found: number, now = Date.now()): Promise<undefined> {
  if (!Number.isInteger(found) || found < 0 || found > 65_536 || key.length > 1_000) return;
  here.set(key, found);
  await set(key, { found, at: now } satisfies Finding, store).catch(() => undefined);
}
