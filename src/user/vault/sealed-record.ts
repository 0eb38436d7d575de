/**
 * A record as it lies on the disk: AES-GCM-256 under the vault's data key, with a fresh random nonce for each writing. The
 * associated data says which record of which vault, origin and schema version it is, so that a record that was changed,
 * exchanged for another one or carried in from elsewhere does not open.
 *
 * Not detected: a whole record put back as it was earlier under the same key. Random 96-bit nonces are good for 2^32 writings
 * of one key (NIST SP 800-38D, 8.3).
 */
import { E2PError } from '../../error.ts';
import type { RecordKind } from './record-kind.ts';

export const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface SealedRecord {
  /** Schema version of what is inside, see `schema.ts`. */
  readonly v: number;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Where a vault stands; a record of another place does not open. */
export interface VaultPlace {
  readonly origin: string;
  readonly name: string;
}

export interface RecordAddress extends VaultPlace {
  readonly kind: RecordKind;
  readonly id: string;
}

/** The key in the record store. It says the kind and a number or a digest, nothing of the content. */
export const recordKey = (kind: RecordKind, id: string): string => `${kind}:${id}`;

/** Encrypts, and overwrites the bytes given. */
export async function sealRecord(
  bytes: Uint8Array<ArrayBuffer>,
  version: number,
  address: RecordAddress,
  key: CryptoKey,
): Promise<SealedRecord> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const additionalData = associatedData(version, address);
  const data = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, bytes);
  bytes.fill(0);
  return { v: version, nonce, data: new Uint8Array(data) };
}

/**
 * Inverse of {@link sealRecord}.
 * @throws E2PError `vault-corrupt` naming the kind: not a sealed record, or not the one that was written there.
 */
export async function openSealed(
  value: unknown,
  address: RecordAddress,
  key: CryptoKey,
): Promise<{ readonly version: number; readonly bytes: Uint8Array<ArrayBuffer> }> {
  if (!isSealed(value)) throw corrupt(address.kind);
  const { v: version, nonce: iv, data } = value;
  try {
    const additionalData = associatedData(version, address);
    const bytes = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, data);
    return { version, bytes: new Uint8Array(bytes) };
  } catch {
    throw corrupt(address.kind);
  }
}

/** `what` is a kind of record or the key, never content. */
export function corrupt(what: RecordKind | 'key'): E2PError {
  const help =
    what === 'key' || what === 'ledger'
      ? 'the vault can only be removed, with forgetUser()'
      : 'the other records are not touched, and export() still gives them';
  return new E2PError(
    'vault-corrupt',
    `the vault's ${what} record is damaged or is not this vault's own; ${help}`,
  );
}

function associatedData(version: number, { origin, name, kind, id }: RecordAddress): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(['e2p-vault', version, origin, name, kind, id]));
}

function isSealed(value: unknown): value is SealedRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { v, nonce, data } = value as Partial<Record<keyof SealedRecord, unknown>>;
  return (
    Number.isInteger(v) &&
    nonce instanceof Uint8Array &&
    nonce.length === NONCE_BYTES &&
    data instanceof Uint8Array &&
    data.length >= TAG_BYTES
  );
}
