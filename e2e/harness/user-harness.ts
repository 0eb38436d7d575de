/** The person's vault on a page, and ways to look behind it and to disturb it. */
import { openCatalogue } from '../../src/user/catalogue.ts';
import { embedFromActivity } from '../../src/user/embed-from-activity.ts';
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

/** Makes vaults in workers, each killed a little later in its opening than the one before, and opens each; what came of it. */
async function killOpeners(steps: number): Promise<Record<string, number>> {
  const begin = async (name: string) => {
    // As one expression, by which Vite knows a worker.
    const worker = new Worker(new URL('./user-worker.ts', import.meta.url), {
      type: 'module',
      name: 'opener',
    });
    const next = () => new Promise((resolve) => worker.addEventListener('message', resolve, { once: true }));
    const begun = next();
    worker.postMessage({ name });
    await begun;
    return { worker, done: next() };
  };
  const living = await begin('opened-whole');
  const started = performance.now();
  await living.done;
  const needed = performance.now() - started;
  const outcomes: Record<string, number> = {};
  for (let step = 0; step < steps; step++) {
    const name = `opened-${step}`;
    const { worker } = await begin(name);
    const until = performance.now() + (1.2 * needed * step) / steps;
    // Timers are too coarse.
    while (performance.now() < until) await new Promise((resolve) => queueMicrotask(() => resolve(0)));
    worker.terminate();
    const outcome = await openUser({ policyVersion: '1', name }).then(
      () => 'opened',
      (error: { code: string }) => error.code,
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  return outcomes;
}

const CATALOGUE = 'catalogue.safetensors';

/** As docs/embeddings.md has it. */
async function storeCatalogue(url: string): Promise<void> {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle(CATALOGUE, { create: true });
  const { body } = await fetch(url);
  await body!.pipeTo(await handle.createWritable());
}

async function storedCatalogue() {
  const folder = await navigator.storage.getDirectory();
  return openCatalogue(await (await folder.getFileHandle(CATALOGUE)).getFile());
}

const harness = {
  ...{ storeCatalogue, storedCatalogue, embedFromActivity },
  ...{ openUser, forgetUser, webAuthnPasskey, lookBehind, killWriter, killOpeners },
};
export type UserHarness = typeof harness;
Object.assign(globalThis, { harness });
