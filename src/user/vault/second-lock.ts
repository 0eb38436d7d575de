/**
 * The second lock: what a person must know or hold, beside the device, to open the vault. A secret becomes a key that wraps
 * the data key; the secret itself is kept nowhere, the derived key only in memory while the vault is open.
 */
import { E2PError } from '../../error.ts';
import { fromHex, toHex } from './hex.ts';
import type { Passkey } from './passkey.ts';

/** What opens the second lock. A lost one can't be replaced: the vault stays shut. */
export type LockSecret = { readonly passphrase: string } | { readonly passkey: Passkey };

/** Which second lock a vault has, beside the device key. */
export type LockKind = 'none' | 'passphrase' | 'passkey';

/** What must be known before the secret is asked for. Kept encrypted under the device key. Bytes are hexadecimal. */
export type LockDescriptor =
  | { readonly kind: 'none' }
  | { readonly kind: 'passphrase'; readonly salt: string; readonly iterations: number }
  | { readonly kind: 'passkey'; readonly salt: string; readonly credential: string };

export interface SecondLock {
  readonly descriptor: LockDescriptor;
  /** Wraps the data key; undefined without a second lock. */
  readonly key: CryptoKey | undefined;
}

export const NO_LOCK: SecondLock = { descriptor: { kind: 'none' }, key: undefined };

/** For PBKDF2 with HMAC-SHA-256: OWASP Password Storage Cheat Sheet, 2023 and later. */
export const PASSPHRASE_ITERATIONS = 600_000;
const PASSPHRASE_LIMIT = 1_024;
const SALT_BYTES = 32;

/** A new lock. @throws E2PError `invalid-argument` for an empty passphrase; whatever the passkey throws. */
export async function createLock(secret: LockSecret, iterations: number): Promise<SecondLock> {
  const saltBytes = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const salt = toHex(saltBytes);
  const descriptor: LockDescriptor =
    'passphrase' in secret
      ? { kind: 'passphrase', salt, iterations }
      : { kind: 'passkey', salt, credential: toHex(await secret.passkey.create()) };
  return { descriptor, key: await deriveKey(descriptor, secret) };
}

/**
 * The key of an existing lock. Whether the secret was the right one shows only when the key is used.
 * @throws E2PError `vault-locked` for no secret or one of the other kind.
 */
export async function deriveKey(
  descriptor: LockDescriptor,
  secret?: LockSecret,
): Promise<CryptoKey | undefined> {
  if (descriptor.kind === 'none') return undefined;
  const salt = fromHex(descriptor.salt);
  if (descriptor.kind === 'passphrase' && secret !== undefined && 'passphrase' in secret) {
    const base = await crypto.subtle.importKey('raw', passphraseBytes(secret.passphrase), 'PBKDF2', false, [
      'deriveKey',
    ]);
    const { iterations } = descriptor;
    return wrappingKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, base);
  }
  if (descriptor.kind === 'passkey' && secret !== undefined && 'passkey' in secret) {
    const bytes = await secret.passkey.evaluate(fromHex(descriptor.credential), salt);
    const base = await crypto.subtle.importKey('raw', bytes as BufferSource, 'HKDF', false, ['deriveKey']);
    bytes.fill(0);
    const info = new TextEncoder().encode('e2p-vault passkey');
    return wrappingKey({ name: 'HKDF', hash: 'SHA-256', salt, info }, base);
  }
  throw new E2PError('vault-locked', `the vault is locked with a ${descriptor.kind}, which was not given`);
}

function wrappingKey(algorithm: Pbkdf2Params | HkdfParams, base: CryptoKey): Promise<CryptoKey> {
  return crypto.subtle.deriveKey(algorithm, base, { name: 'AES-GCM', length: 256 }, false, [
    'wrapKey',
    'unwrapKey',
  ]);
}

/** NFKC, so that the same passphrase typed on another keyboard is the same bytes (RFC 8265, 4.2). */
function passphraseBytes(passphrase: string): Uint8Array<ArrayBuffer> {
  if (typeof passphrase !== 'string' || passphrase === '' || passphrase.length > PASSPHRASE_LIMIT) {
    throw new E2PError(
      'invalid-argument',
      `the passphrase must be a text of 1 to ${PASSPHRASE_LIMIT} characters`,
    );
  }
  return new TextEncoder().encode(passphrase.normalize('NFKC'));
}
