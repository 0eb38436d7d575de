/**
 * One look into the vault, and one change of it: reads decrypt as they go, writes are collected and reach the records all at
 * once. It lives only inside `Vault.transact`, and so inside the vault's exclusive lock.
 */
import { E2PError } from '../../error.ts';
import type { UserChange } from '../attachment.ts';
import type { ConsentDecision } from '../consent.ts';
import type { Purpose } from '../purpose.ts';
import { sha256Hex } from './hex.ts';
import { KEYRING_KEY, type StoredKeyring } from './keyring.ts';
import { LEDGER_ID, type Ledger } from './ledger.ts';
import { decodeRecord, encodeRecord, type VaultRecord } from './record-codec.ts';
import { RECORD_KINDS, type RecordKind, type RetentionPolicy } from './record-kind.ts';
import type { RecordStore } from './record-store.ts';
import { migrate, type Schema } from './schema.ts';
import {
  corrupt,
  openSealed,
  recordKey,
  type SealedRecord,
  sealRecord,
  type VaultPlace,
} from './sealed-record.ts';
import type { VaultClock } from './vault-clock.ts';

export interface TransactionOptions {
  readonly records: RecordStore;
  readonly place: VaultPlace;
  /** Of the keyring; salts the names that stand for texts. */
  readonly id: string;
  readonly dataKey: CryptoKey;
  readonly schema: Schema;
  readonly retention: RetentionPolicy;
  readonly clock: VaultClock;
}

export interface VaultEntry {
  readonly id: string;
  /** The record, or why it can't be read. */
  readonly record: VaultRecord | E2PError;
}

export class VaultTransaction {
  readonly retention: RetentionPolicy;
  /** What the others are told when the change is in the records. */
  readonly changes = new Set<UserChange>();
  readonly #options: TransactionOptions;
  readonly #ledger: Ledger;
  readonly #ledgerVersion: number;
  readonly #now: number;
  /** undefined: to be removed. */
  #keyring: StoredKeyring | undefined;
  readonly #writes = new Map<string, { kind: RecordKind; id: string; record: VaultRecord | undefined }>();

  private constructor(options: TransactionOptions, ledger: Ledger, ledgerVersion: number) {
    this.#options = options;
    this.retention = options.retention;
    this.#ledger = ledger;
    this.#ledgerVersion = ledgerVersion;
    this.#now = options.clock(ledger.highWater);
  }

  /** @throws E2PError `vault-corrupt` or `vault-too-new` for the ledger. */
  static async begin(options: TransactionOptions): Promise<VaultTransaction> {
    const sealed = await options.records.get(recordKey('ledger', LEDGER_ID));
    if (sealed === undefined) throw corrupt('ledger');
    const { version, record } = await unseal(options, 'ledger', LEDGER_ID, sealed);
    const ledger = { consent: {}, ...(record.json as Omit<Ledger, 'consent'>) };
    const transaction = new VaultTransaction(options, ledger, version);
    if (version < options.schema.version) await transaction.#migrate();
    return transaction;
  }

  /** Vault time, milliseconds since 1970. */
  get now(): number {
    return this.#now;
  }

  /** Written with the other changes. */
  get ledger(): Ledger {
    return this.#ledger;
  }

  get needsCommit(): boolean {
    const isOld = this.#ledgerVersion < this.#options.schema.version;
    return isOld || this.#writes.size > 0 || this.#keyring !== undefined;
  }

  /** Ids of a kind, ascending; those that begin with `prefix`. */
  async ids(kind: RecordKind, prefix = ''): Promise<readonly string[]> {
    const start = recordKey(kind, '');
    const stored = await this.#options.records.keys(start + prefix);
    const ids = new Set(stored.map((key) => key.slice(start.length)));
    for (const write of this.#writes.values()) {
      if (write.kind !== kind || !write.id.startsWith(prefix)) continue;
      if (write.record === undefined) ids.delete(write.id);
      else ids.add(write.id);
    }
    return [...ids].sort();
  }

  /** @throws E2PError `vault-corrupt`, `vault-too-new` */
  async get(kind: RecordKind, id: string): Promise<VaultRecord | undefined> {
    const key = recordKey(kind, id);
    const write = this.#writes.get(key);
    if (write !== undefined) return write.record;
    const sealed = await this.#options.records.get(key);
    return sealed === undefined ? undefined : (await unseal(this.#options, kind, id, sealed)).record;
  }

  /** All records of a kind by ascending id, the unreadable ones too. */
  async entries(kind: RecordKind): Promise<readonly VaultEntry[]> {
    const start = recordKey(kind, '');
    const stored = new Map(await this.#options.records.entries(start));
    const entries: VaultEntry[] = [];
    for (const id of await this.ids(kind)) {
      const write = this.#writes.get(start + id);
      const read = async () => (await unseal(this.#options, kind, id, stored.get(start + id))).record;
      const record = write?.record ?? (await read().catch((error: unknown) => asUnreadable(error)));
      entries.push({ id, record });
    }
    return entries;
  }

  put(kind: RecordKind, id: string, record: VaultRecord): void {
    this.#writes.set(recordKey(kind, id), { kind, id, record });
    const life = this.retention[kind as keyof RetentionPolicy];
    if (life !== undefined) {
      this.#ledger.nextExpiry = Math.min(this.#ledger.nextExpiry, record.at + life);
    }
  }

  delete(kind: RecordKind, id: string): void {
    this.#writes.set(recordKey(kind, id), { kind, id, record: undefined });
  }

  /** A new id, later in order than all before it. */
  nextId(): string {
    return orderedId(this.#ledger.nextNumber++);
  }

  /** The same keys behind another lock. */
  replaceKeyring(keyring: StoredKeyring): void {
    this.#keyring = keyring;
  }

  /** A name that stands for a text and does not show it: 128 bits of a digest that differs from vault to vault. */
  async nameFor(text: string): Promise<string> {
    return (await sha256Hex(JSON.stringify([this.#options.id, text]))).slice(0, 32);
  }

  /** Seals what was put, and writes everything in one transaction of the records, the ledger with it. */
  async commit(): Promise<void> {
    const { records, place, schema, dataKey } = this.#options;
    this.#ledger.highWater = this.#now;
    const ledger = { at: this.#now, json: this.#ledger };
    this.#writes.set(recordKey('ledger', LEDGER_ID), { kind: 'ledger', id: LEDGER_ID, record: ledger });
    const put = new Map<string, SealedRecord | StoredKeyring>();
    if (this.#keyring !== undefined) put.set(KEYRING_KEY, this.#keyring);
    const gone: string[] = [];
    for (const [key, { kind, id, record }] of this.#writes) {
      if (record === undefined) gone.push(key);
      else
        put.set(key, await sealRecord(encodeRecord(record), schema.version, { ...place, kind, id }, dataKey));
    }
    await records.commit({ put, delete: gone });
  }

  /** Everything of an older schema version is read and put; what can't be read stays as it lies. */
  async #migrate(): Promise<void> {
    for (const kind of RECORD_KINDS.filter((kind) => kind !== 'ledger')) {
      for (const { id, record } of await this.entries(kind)) {
        if (record instanceof E2PError) continue;
        if (kind === 'consent') {
          this.#ledger.consent[id as Purpose] = record.json as ConsentDecision;
          this.delete(kind, id);
        } else this.put(kind, id, record);
      }
    }
  }
}

/** A number as text that sorts by its value. */
export function orderedId(number: number): string {
  return String(number).padStart(15, '0');
}

async function unseal(
  { place, dataKey, schema }: TransactionOptions,
  kind: RecordKind,
  id: string,
  sealed: unknown,
): Promise<{ readonly version: number; readonly record: VaultRecord }> {
  const { version, bytes } = await openSealed(sealed, { ...place, kind, id }, dataKey);
  if (version > schema.version) {
    throw new E2PError(
      'vault-too-new',
      `the vault's ${kind} record is of schema version ${version}, this library knows ${schema.version}`,
    );
  }
  const record = decodeRecord(bytes);
  bytes.fill(0);
  return { version, record: migrate(schema, version, kind, record) };
}

function asUnreadable(error: unknown): E2PError {
  if (error instanceof E2PError && error.code === 'vault-corrupt') return error;
  throw error;
}
