/**
 * The visitor's vault as it lies on the disk: what anybody finds there who can open this browser's profile. Read beside the library, from the
 * database that docs/user-data.md describes; nothing is decrypted, and no database is made by looking.
 */

export interface DiskRecord {
  readonly key: string;
  readonly bytes: number;
  /** The first bytes, in hexadecimal digits. */
  readonly beginning: string;
}

const SHOWN_BYTES = 12;

/** Empty where there is no vault. */
export async function readDisk(vault: string): Promise<readonly DiskRecord[]> {
  const database = await openExisting(`e2p-vault-${vault}`);
  if (database === undefined) return [];
  try {
    const records = database.transaction('records').objectStore('records');
    const [keys, values] = await Promise.all([done(records.getAllKeys()), done(records.getAll())]);
    return keys.map((key, i) => ({ key: String(key), ...describe(values[i] as StoredRecord) }));
  } finally {
    database.close();
  }
}

interface StoredRecord {
  readonly nonce?: BufferSource;
  readonly data?: BufferSource;
}

/** The record of the keys holds no `data` of its own. */
function describe({ nonce, data }: StoredRecord): Omit<DiskRecord, 'key'> {
  if (nonce === undefined || data === undefined)
    return { bytes: 0, beginning: 'keys, which scripts can’t read' };
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  const digits = [...bytes.subarray(0, SHOWN_BYTES)].map((byte) => byte.toString(16).padStart(2, '0'));
  return { bytes: nonce.byteLength + bytes.length, beginning: `${digits.join(' ')} …` };
}

/** Undefined where there is none. */
function openExisting(name: string): Promise<IDBDatabase | undefined> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    // It would be made now; then the opening fails, and it is not.
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onsuccess = () => resolve(request.result);
    request.onerror = () =>
      request.error?.name === 'AbortError' ? resolve(undefined) : reject(request.error);
  });
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
