/**
 * Records in IndexedDB, one database per vault, through idb-keyval's connection. IndexedDB transactions are atomic: a tab or
 * worker that dies in the middle of one leaves the old state.
 */
import { promisifyRequest } from 'idb-keyval';
import { E2PError } from '../../error.ts';
import { createKeptStore } from '../../storage/kept-store.ts';
import { createMemoryRecords, PROBE_KEY, type RecordStore } from './record-store.ts';

const STORE = 'records';

export const databaseName = (vault: string): string => `e2p-vault-${vault}`;

interface IndexedRecords extends RecordStore {
  /** Stores a value and takes it back in one transaction, so that nobody ever sees it, not where this is killed either. */
  tryOut(value: unknown): Promise<void>;
}

/** @throws E2PError `quota-exceeded` or `storage-failed`, from every call. */
export function createIndexedRecords(vault: string): IndexedRecords {
  const store = createKeptStore(databaseName(vault), STORE);
  const range = (prefix: string) => (prefix === '' ? null : IDBKeyRange.bound(prefix, `${prefix}\uffff`));
  let connection: IDBDatabase | undefined;
  const transact = async <T>(
    mode: IDBTransactionMode,
    task: (records: IDBObjectStore) => T,
  ): Promise<Awaited<T>> => {
    try {
      return await store(mode, (records) => {
        connection = records.transaction.db;
        return task(records) as Awaited<T>;
      });
    } catch (cause) {
      throw storageError(cause);
    }
  };
  const finish = (records: IDBObjectStore) => promisifyRequest<undefined>(records.transaction);
  return {
    get: (key) => transact('readonly', (records) => promisifyRequest<unknown>(records.get(key))),
    keys: (prefix) =>
      transact('readonly', async (records) => {
        return (await promisifyRequest(records.getAllKeys(range(prefix)))) as string[];
      }),
    entries: (prefix) =>
      transact('readonly', async (records) => {
        const [keys, values] = await Promise.all([
          promisifyRequest(records.getAllKeys(range(prefix))),
          promisifyRequest<unknown[]>(records.getAll(range(prefix))),
        ]);
        return keys.map((key, i) => [key as string, values[i]] as const);
      }),
    commit: (changes) =>
      transact('readwrite', (records) => {
        try {
          for (const key of changes.delete ?? []) records.delete(key);
          for (const [key, value] of changes.put ?? []) records.put(value, key);
        } catch (error) {
          // A value that can't be stored must not leave the others behind.
          records.transaction.abort();
          throw error;
        }
        return finish(records);
      }),
    tryOut: (value) =>
      transact('readwrite', (records) => {
        records.put(value, PROBE_KEY);
        records.delete(PROBE_KEY);
        return finish(records);
      }),
    clear: () =>
      transact('readwrite', (records) => {
        records.clear();
        return finish(records);
      }),
    reopen: () => createIndexedRecords(vault),
    close: () => connection?.close(),
  };
}

export interface OpenedRecords {
  readonly records: RecordStore;
  /** Why the records do not outlive the page; undefined where they do. */
  readonly warning: string | undefined;
}

/**
 * IndexedDB where it works, else memory and a reason. A browser may open a database and then refuse to store a key object in
 * it, so an empty one is tried out before it is trusted.
 */
export async function openRecords(vault: string): Promise<OpenedRecords> {
  try {
    const records = createIndexedRecords(vault);
    if ((await records.keys('')).length === 0) {
      const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt']);
      await records.tryOut(key);
    }
    return { records, warning: undefined };
  } catch (error) {
    const cause = error instanceof Error ? error.message : 'unknown reason';
    return {
      records: createMemoryRecords(),
      warning: `this browser keeps nothing (${cause}): personal data lasts until the page closes`,
    };
  }
}

function storageError(cause: unknown): unknown {
  if (cause instanceof E2PError) return cause;
  const name = cause instanceof Error ? cause.name : 'unknown error';
  const code = name === 'QuotaExceededError' ? 'quota-exceeded' : 'storage-failed';
  return new E2PError(code, `the vault's records could not be reached in IndexedDB: ${name}`, { cause });
}
