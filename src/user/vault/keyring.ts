/**
 * The keys of a vault, as one record. Two of them: a *device key* that never leaves the browser's key store (AES-GCM-256,
 * non-extractable), and the *data key* that seals the records, which lies here wrapped by the device key, and inside of
 * that by the second lock if there is one. To change the lock is to wrap the data key again: no record is touched.
 *
 * Non-extractable means that no script can read the device key. The browser keeps it in its profile on the disk; who copies
 * the whole profile has it, and then only a second lock stands before the data.
 */
import { E2PError } from '../../error.ts';
import { randomHex } from './hex.ts';
import { corrupt, NONCE_BYTES, type VaultPlace } from './sealed-record.ts';
import { type LockDescriptor, NO_LOCK, type SecondLock } from './second-lock.ts';

/** Its key in the record store. */
export const KEYRING_KEY = 'key';
const KEYRING_VERSION = 1;
const AES = { name: 'AES-GCM', length: 256 } as const;

interface Box {
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

export interface StoredKeyring {
  readonly v: typeof KEYRING_VERSION;
  /** 128 random bits: tells one life of a vault from the next, after `forget()`. Hexadecimal. */
  readonly id: string;
  readonly deviceKey: CryptoKey;
  /** {@link LockDescriptor} as JSON, sealed by the device key. */
  readonly lock: Box;
  /** The data key, wrapped; with a second lock: nonce and wrapped key of the lock, sealed by the device key. */
  readonly dataKey: Box;
}

/** Takes the keyring's place while a vault is being forgotten, so that an interrupted forgetting is finished later. */
export const TOMBSTONE = { forgotten: true } as const;

export function isTombstone(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'forgotten' in value;
}

/** @param given device key; default: a new one */
export async function createKeyring(
  place: VaultPlace,
  lock: SecondLock,
  given?: CryptoKey,
): Promise<StoredKeyring> {
  const usages: KeyUsage[] = ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'];
  const deviceKey = given ?? (await crypto.subtle.generateKey(AES, false, usages));
  // Extractable for as long as it takes to wrap it; never as bytes in a script's hands.
  const dataKey = await crypto.subtle.generateKey(AES, true, ['encrypt', 'decrypt']);
  const id = randomHex(16);
  return sealKeyring(place, id, deviceKey, dataKey, lock);
}

/** What the record store gave, if it is a keyring. @throws E2PError `vault-corrupt` */
export function parseKeyring(value: unknown): StoredKeyring {
  if (typeof value !== 'object' || value === null) throw corrupt('key');
  const { v, id, deviceKey, lock, dataKey } = value as Partial<Record<keyof StoredKeyring, unknown>>;
  if (typeof v === 'number' && v > KEYRING_VERSION) {
    throw new E2PError(
      'vault-too-new',
      `the vault's key is of version ${v}, this library knows ${KEYRING_VERSION}`,
    );
  }
  const isWhole = v === KEYRING_VERSION && typeof id === 'string' && /^[0-9a-f]{32}$/.test(id);
  if (!isWhole || !(deviceKey instanceof CryptoKey) || !isBox(lock) || !isBox(dataKey)) throw corrupt('key');
  return { v, id, deviceKey, lock, dataKey };
}

/** @throws E2PError `vault-corrupt` */
export async function readLock(keyring: StoredKeyring, place: VaultPlace): Promise<LockDescriptor> {
  const bytes = await openBox(keyring, place, 'lock');
  return JSON.parse(new TextDecoder().decode(bytes)) as LockDescriptor;
}

/**
 * The data key, non-extractable unless it is to be wrapped again.
 * @throws E2PError `vault-locked` for the wrong second key, `vault-corrupt`
 */
export async function readDataKey(
  keyring: StoredKeyring,
  place: VaultPlace,
  lockKey: CryptoKey | undefined,
  extractable = false,
): Promise<CryptoKey> {
  const { deviceKey, dataKey } = keyring;
  const usages: KeyUsage[] = ['encrypt', 'decrypt'];
  if (lockKey === undefined) {
    const algorithm = {
      name: 'AES-GCM',
      iv: dataKey.nonce,
      additionalData: about(place, keyring.id, 'data'),
    };
    return crypto.subtle
      .unwrapKey('raw', dataKey.data, deviceKey, algorithm, AES, extractable, usages)
      .catch(() => {
        throw corrupt('key');
      });
  }
  const inner = await openBox(keyring, place, 'dataKey');
  const iv = inner.subarray(0, NONCE_BYTES);
  const algorithm = { name: 'AES-GCM', iv, additionalData: about(place, keyring.id, 'second') };
  const wrapped = inner.subarray(NONCE_BYTES);
  return crypto.subtle.unwrapKey('raw', wrapped, lockKey, algorithm, AES, extractable, usages).catch(() => {
    throw new E2PError('vault-locked', 'the passphrase or passkey is not the one the vault is locked with');
  });
}

/** The same keys behind another second lock. */
export async function changeLock(
  keyring: StoredKeyring,
  place: VaultPlace,
  current: CryptoKey | undefined,
  next: SecondLock = NO_LOCK,
): Promise<StoredKeyring> {
  const dataKey = await readDataKey(keyring, place, current, true);
  return sealKeyring(place, keyring.id, keyring.deviceKey, dataKey, next);
}

async function sealKeyring(
  place: VaultPlace,
  id: string,
  deviceKey: CryptoKey,
  dataKey: CryptoKey,
  lock: SecondLock,
): Promise<StoredKeyring> {
  const box = async (bytes: Uint8Array<ArrayBuffer>, part: Part): Promise<Box> => {
    const nonce = freshNonce();
    const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: about(place, id, part) };
    return { nonce, data: new Uint8Array(await crypto.subtle.encrypt(algorithm, deviceKey, bytes)) };
  };
  const wrap = async (by: CryptoKey, part: Part): Promise<Box> => {
    const nonce = freshNonce();
    const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: about(place, id, part) };
    return { nonce, data: new Uint8Array(await crypto.subtle.wrapKey('raw', dataKey, by, algorithm)) };
  };
  const descriptor = await box(new TextEncoder().encode(JSON.stringify(lock.descriptor)), 'lock');
  if (lock.key === undefined) {
    return { v: KEYRING_VERSION, id, deviceKey, lock: descriptor, dataKey: await wrap(deviceKey, 'data') };
  }
  const { nonce, data } = await wrap(lock.key, 'second');
  const inner = new Uint8Array([...nonce, ...data]);
  return { v: KEYRING_VERSION, id, deviceKey, lock: descriptor, dataKey: await box(inner, 'dataKey') };
}

type Part = 'lock' | 'data' | 'dataKey' | 'second';

async function openBox(keyring: StoredKeyring, place: VaultPlace, part: 'lock' | 'dataKey') {
  const { nonce: iv, data } = keyring[part];
  const algorithm = { name: 'AES-GCM', iv, additionalData: about(place, keyring.id, part) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, keyring.deviceKey, data));
  } catch {
    throw corrupt('key');
  }
}

function about({ origin, name }: VaultPlace, id: string, part: Part): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(['e2p-vault', KEYRING_VERSION, origin, name, id, part]));
}

function freshNonce(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
}

function isBox(value: unknown): value is Box {
  if (typeof value !== 'object' || value === null) return false;
  const { nonce, data } = value as Partial<Record<keyof Box, unknown>>;
  return nonce instanceof Uint8Array && nonce.length === NONCE_BYTES && data instanceof Uint8Array;
}
