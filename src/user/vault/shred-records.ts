/**
 * Forgetting on the disk: the keys go first, in a transaction of their own, and with them every record is unreadable; then the
 * records go. Interrupted in between, the next opening finishes it.
 *
 * A browser's database (LevelDB, SQLite) may keep deleted bytes in its files until it compacts them. That is why the keys go
 * first; it also means that a copy of the disk taken before can still be read by who has the browser's profile.
 */
import { isTombstone, KEYRING_KEY, TOMBSTONE } from './keyring.ts';
import type { RecordStore } from './record-store.ts';

/** How many records of each kind lie there; `key` for the keyring, `unknown` for what is no vault's record. */
export type RecordCounts = ReadonlyMap<string, number>;

const KIND = /^[a-z]+(?=:)/;

export async function countRecords(records: RecordStore): Promise<RecordCounts> {
  const counts = new Map<string, number>();
  for (const key of await records.keys('')) {
    const kind = key === KEYRING_KEY ? 'key' : (KIND.exec(key)?.[0] ?? 'unknown');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** To be called inside the vault's exclusive lock. @returns what was there. */
export async function shredRecords(records: RecordStore): Promise<RecordCounts> {
  const counts = await countRecords(records);
  await records.commit({ put: new Map([[KEYRING_KEY, TOMBSTONE]]) });
  await records.clear();
  return counts;
}

/** Finishes a forgetting that was interrupted. To be called inside the vault's exclusive lock. */
export async function finishShredding(records: RecordStore): Promise<void> {
  if (isTombstone(await records.get(KEYRING_KEY))) await records.clear();
}
