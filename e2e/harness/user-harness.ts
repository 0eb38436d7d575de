/** The person's vault on a page, and ways to look behind it and to disturb it. */
import { forgetUser } from '../../src/user/forget-user.ts';
import { openUser } from '../../src/user/open-user.ts';
import { databaseName } from '../../src/user/vault/indexed-records.ts';
import { webAuthnPasskey } from '../../src/user/vault/passkey.ts';

/** Every key and value of a vault's database as one Latin-1 text, and what its key objects give away. */
async function lookBehind(name: string) {
  const opening = indexedDB.open(databaseName(name));
  const db = await settle(opening);
  const store = db.transaction('records').objectStore('records');
  const [keys, values] = await Promise.all([settle(store.getAllKeys()), settle(store.getAll())]);
  db.close();
  const exported: string[] = [];
  const show = async (value: unknown): Promise<string> => {
    if (value instanceof CryptoKey) {
      exported.push(
        await crypto.subtle.exportKey('raw', value).then(
          () => 'given away',
          (error: Error) => error.name,
        ),
      );
      return '';
    }
    if (value instanceof Uint8Array) return Array.from(value, (byte) => String.fromCharCode(byte)).join('');
    if (typeof value !== 'object' || value === null) return String(value);
    return (await Promise.all(Object.values(value).map(show))).join('\n');
  };
  const text = [...keys.map(String), ...(await Promise.all(values.map(show)))].join('\n');
  return { keys: keys.map(String), text, exported };
}

function settle<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Starts a worker that writes without end, kills it `wait` milliseconds after its first write, and reads.
 * `begun` and `done`: the last numbers that it spoke of.
 */
async function killWriter(start: number, wait: number) {
  const worker = new Worker(new URL('./user-worker.ts', import.meta.url), { type: 'module', name: 'writer' });
  let begun = 0;
  let done = 0;
  await new Promise<void>((resolve, reject) => {
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.addEventListener('message', ({ data }: MessageEvent<{ begun?: number; done?: number }>) => {
      begun = data.begun ?? begun;
      done = data.done ?? done;
      if (data.done === start) resolve();
    });
    worker.postMessage(start);
  });
  await new Promise((resolve) => setTimeout(resolve, wait));
  worker.terminate();
  const user = await openUser({ policyVersion: '1', name: 'killed' });
  const values = (await user.embedding.get('killed-v1'))?.values;
  const audit = await user.audit.verify();
  await user.close();
  return { begun, done, stored: [...new Set(values)], length: values?.length, audit };
}

const harness = { openUser, forgetUser, webAuthnPasskey, lookBehind, killWriter };
export type UserHarness = typeof harness;
Object.assign(globalThis, { harness });
