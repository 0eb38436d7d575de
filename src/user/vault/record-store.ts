/**
 * Where the records of one vault lie: a small ordered map from text keys to sealed values. Think of it as the disk: it is
 * given nothing in clear, and what it gives back is not believed before it is authenticated. Every change is one transaction,
 * so that whoever looks sees the old state or the new one.
 */

/**
 * A trial that earlier versions of this library wrote and removed, so that one which was killed in between left it; it says nothing of
 * a vault.
 */
export const PROBE_KEY = 'probe';

export interface RecordChanges {
  readonly put?: ReadonlyMap<string, unknown>;
  /** Keys that need not exist. */
  readonly delete?: Iterable<string>;
}

export interface RecordStore {
  /** The value as it lies there, or undefined if the key does not exist. */
  get(key: string): Promise<unknown>;
  /** Keys that begin with `prefix`, ascending; all of them for the empty prefix. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Keys with their values, like {@link keys}, from one transaction. */
  entries(prefix: string): Promise<readonly (readonly [key: string, value: unknown])[]>;
  /** All changes or none of them. */
  commit(changes: RecordChanges): Promise<void>;
  /** Removes everything, in one transaction. */
  clear(): Promise<void>;
  /** A device key that this place can keep; absent: it keeps any, so that one without readable bytes is made. */
  deviceKey?(): Promise<CryptoKey>;
  /** A new look at the same place, so that what this one says can be checked. */
  reopen(): RecordStore;
  close(): void;
}

/** Records for as long as somebody holds them: Node, tests, and browsers that refuse to store. */
export function createMemoryRecords(records = new Map<string, unknown>()): RecordStore {
  const keys = (prefix: string) => [...records.keys()].filter((key) => key.startsWith(prefix)).sort();
  return {
    get: async (key) => records.get(key),
    keys: async (prefix) => keys(prefix),
    entries: async (prefix) => keys(prefix).map((key) => [key, records.get(key)]),
    commit: async (changes) => {
      for (const key of changes.delete ?? []) records.delete(key);
      for (const [key, value] of changes.put ?? []) records.set(key, value);
    },
    clear: async () => records.clear(),
    reopen: () => createMemoryRecords(records),
    close: () => undefined,
  };
}
