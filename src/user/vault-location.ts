/** Where a vault is, and how the world around it (storage, exclusive lock, other tabs) is chosen. */
import { E2PError } from '../error.ts';
import { type ChangeChannel, createBroadcast } from './user-changes.ts';
import { createQueue, createWebLock, type Exclusive } from './vault/exclusive.ts';
import { openRecords } from './vault/indexed-records.ts';
import type { RecordStore } from './vault/record-store.ts';

/** All but the name is for tests and for other platforms. */
export interface VaultLocation {
  /** One of several vaults of this origin: letters, digits, `.`, `_`, `-`. It lies in clear, so nothing personal. */
  readonly name?: string;
  /** Default: IndexedDB, or memory with a warning where the browser has none. */
  readonly records?: RecordStore;
  /** Default: a Web Lock, or a queue for records in memory. */
  readonly exclusive?: Exclusive;
  /** To the other tabs. Default: a BroadcastChannel where the records are in IndexedDB. */
  readonly channel?: ChangeChannel;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface LocatedVault {
  readonly name: string;
  readonly records: RecordStore;
  /** Why nothing outlives the page; undefined where it does. */
  readonly warning: string | undefined;
  readonly exclusive: Exclusive;
  readonly channel: ChangeChannel | undefined;
}

const DEFAULT_NAME = 'default';

/** @throws E2PError `invalid-argument` for a name of other characters. */
export function checkVaultName(name: unknown = DEFAULT_NAME): string {
  if (typeof name === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(name)) return name;
  throw new E2PError(
    'invalid-argument',
    "the vault's name must be 1 to 64 letters, digits, dots, dashes or underscores",
  );
}

/** @throws E2PError as {@link checkVaultName} */
export async function locateVault({
  name = DEFAULT_NAME,
  records,
  exclusive,
  channel,
}: VaultLocation): Promise<LocatedVault> {
  checkVaultName(name);
  const opened = records === undefined ? await openRecords(name) : { records, warning: undefined };
  const isShared = records === undefined && opened.warning === undefined;
  const hasLocks = typeof navigator !== 'undefined' && navigator.locks !== undefined;
  return {
    name,
    ...opened,
    exclusive: exclusive ?? (isShared && hasLocks ? createWebLock(name) : createQueue()),
    channel: channel ?? (isShared ? createBroadcast(name) : undefined),
  };
}
