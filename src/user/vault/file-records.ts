/**
 * Records in one file, which is written anew with every change: beside the old one first, and then in its place by renaming, so that whoever
 * dies in between leaves the old state, and nothing that was deleted stays behind in the file. All of it is sealed as it is in IndexedDB.
 *
 * A browser keeps the device key where no script can read it; a file system has no such place. Here it is a file of 32 bytes that only
 * the process's own user may read (mode 0600): who copies the records without it has nothing, who can read both has all but a second lock.
 */
import type { BigIntStats } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { E2PError } from '../../error.ts';
import { KEYRING_KEY } from './keyring.ts';
import type { RecordStore } from './record-store.ts';

export interface FileRecordsOptions {
  /** Absolute path. */
  readonly file: string;
  /** Where the device key is, should it be elsewhere; made where it is absent, and not removed with the vault. */
  readonly keyFile?: string | undefined;
}

const FILE_VERSION = 1;
const KEY_BYTES = 32;
/** What stands for the contents of a file that can't be read: it can only be removed. */
const DAMAGED = 'damaged';

/** The bytes of device keys, which are not to be had of the keys themselves. */
const bytesOf = new WeakMap<CryptoKey, Uint8Array>();

/** Every change has to be made inside the vault's exclusive lock. @throws E2PError `quota-exceeded`, `storage-failed`, from every call */
export function createFileRecords({ file, keyFile: given }: FileRecordsOptions): RecordStore {
  const keyFile = given ?? `${file}.key`;
  let seen: { readonly mark: string; readonly records: ReadonlyMap<string, unknown> } | undefined;

  const readKey = async (): Promise<CryptoKey | undefined> => {
    const bytes = await unlessAbsent(keyFile, () => readFile(keyFile));
    return bytes?.length === KEY_BYTES ? importKey(bytes) : undefined;
  };
  const read = async (): Promise<ReadonlyMap<string, unknown>> => {
    const facts = await unlessAbsent(file, () => stat(file, { bigint: true }));
    if (facts === undefined) return new Map();
    const mark = markOf(facts);
    if (seen?.mark === mark) return seen.records;
    const text = (await unlessAbsent(file, () => readFile(file, 'utf8'))) ?? '{}';
    const records = parse(text, await readKey());
    seen = { mark, records };
    return records;
  };
  const write = (records: ReadonlyMap<string, unknown>) =>
    attempt(file, async () => {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await replace(file, JSON.stringify({ v: FILE_VERSION, records: Object.fromEntries(records) }, toText));
      seen = { mark: markOf(await stat(file, { bigint: true })), records };
    });
  const removeKey = () => (given === undefined ? rm(keyFile, { force: true }) : undefined);
  const entries = async (prefix: string) =>
    [...(await read())].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    get: async (key) => (await read()).get(key),
    keys: async (prefix) => (await entries(prefix)).map(([key]) => key),
    entries,
    commit: async (changes) => {
      const records = new Map(await read());
      for (const key of changes.delete ?? []) records.delete(key);
      for (const [key, value] of changes.put ?? []) records.set(key, value);
      const deviceKey = keyIn(records.get(KEYRING_KEY));
      const bytes = deviceKey && bytesOf.get(deviceKey);
      // A forgotten vault has none, and the key goes before the records do.
      if (bytes === undefined) await attempt(keyFile, async () => removeKey());
      else if ((await readKey()) === undefined) {
        await attempt(keyFile, async () => {
          await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 });
          await replace(keyFile, bytes);
        });
      }
      await write(records);
    },
    clear: () =>
      attempt(file, async () => {
        await removeKey();
        for (const path of [file, besideOf(file)]) await rm(path, { force: true });
      }),
    deviceKey: async () => (await readKey()) ?? importKey(crypto.getRandomValues(new Uint8Array(KEY_BYTES))),
    reopen: () => createFileRecords({ file, keyFile: given }),
    close: () => undefined,
  };
}

/** Of the file as it is now: each writing makes a new one. */
const markOf = ({ ino, mtimeNs, size }: BigIntStats): string => [ino, mtimeNs, size].join(' ');

async function importKey(bytes: Uint8Array): Promise<CryptoKey> {
  const raw = Uint8Array.from(bytes);
  const usages: KeyUsage[] = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, usages);
  bytesOf.set(key, raw);
  return key;
}

/** Bytes as base64; in place of the device key nothing. */
function toText(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  return value instanceof CryptoKey ? undefined : value;
}

/** Inverse of {@link toText}. */
function parse(text: string, deviceKey: CryptoKey | undefined): ReadonlyMap<string, unknown> {
  const fromText = (_: string, value: unknown) => {
    const { base64 } = (value ?? {}) as { base64?: unknown };
    return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : value;
  };
  try {
    const { v, records } = JSON.parse(text, fromText);
    // Read as a keyring that is too new.
    if (v !== FILE_VERSION) return new Map([[KEYRING_KEY, { v }]]);
    const found = new Map<string, unknown>(Object.entries(records));
    const keyring = found.get(KEYRING_KEY);
    if (typeof keyring === 'object' && keyring !== null && 'dataKey' in keyring) {
      found.set(KEYRING_KEY, { ...keyring, deviceKey });
    }
    return found;
  } catch {
    return new Map([[DAMAGED, undefined]]);
  }
}

function keyIn(keyring: unknown): CryptoKey | undefined {
  const { deviceKey } = (keyring ?? {}) as { deviceKey?: unknown };
  return deviceKey instanceof CryptoKey ? deviceKey : undefined;
}

const besideOf = (path: string) => `${path}.tmp`;

/** The file is the old one or the new one, also where the power goes. */
async function replace(path: string, content: string | Uint8Array): Promise<void> {
  const beside = besideOf(path);
  await writeFile(beside, content, { mode: 0o600, flush: true });
  await rename(beside, path);
  // The name, too, has to reach the disk; Windows opens no folder for that.
  const folder = await open(dirname(path)).catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

async function unlessAbsent<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  return attempt(path, () =>
    work().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }),
  );
}

async function attempt<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const isFull = code === 'ENOSPC' || code === 'EDQUOT';
    const message = `the vault's file ${path} could not be reached: ${code}`;
    throw new E2PError(isFull ? 'quota-exceeded' : 'storage-failed', message, { cause });
  }
}
