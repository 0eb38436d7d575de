/**
 * The encrypted place on the device for everything personal. Think of it as a safe with a clerk: one visitor at a time, who
 * says what to read and what to change (`transact`), and the clerk carries out all of it or nothing. Nothing that was read
 * stays behind in here; in memory lie only key handles.
 */
import { E2PError } from '../../error.ts';
import type { UserChange } from '../attachment.ts';
import type { Exclusive } from './exclusive.ts';
import {
  changeLock,
  createKeyring,
  KEYRING_KEY,
  parseKeyring,
  readDataKey,
  readLock,
  type StoredKeyring,
} from './keyring.ts';
import { createLedger, LEDGER_ID, NEVER } from './ledger.ts';
import { encodeRecord } from './record-codec.ts';
import type { RetentionPolicy } from './record-kind.ts';
import { PROBE_KEY, type RecordStore } from './record-store.ts';
import { removeExpired } from './retention.ts';
import { SCHEMA, type Schema } from './schema.ts';
import { corrupt, recordKey, sealRecord, type VaultPlace } from './sealed-record.ts';
import {
  createLock,
  deriveKey,
  type LockDescriptor,
  type LockKind,
  type LockSecret,
  NO_LOCK,
  PASSPHRASE_ITERATIONS,
} from './second-lock.ts';
import { finishShredding, type RecordCounts, shredRecords } from './shred-records.ts';
import type { VaultClock } from './vault-clock.ts';
import { VaultTransaction } from './vault-transaction.ts';

/** Calls a task once, later. @returns how to take it back. */
export type Schedule = (milliseconds: number, task: () => void) => () => void;

export interface VaultOptions {
  readonly place: VaultPlace;
  readonly records: RecordStore;
  readonly exclusive: Exclusive;
  readonly clock: VaultClock;
  readonly retention?: RetentionPolicy;
  readonly schedule?: Schedule;
  readonly schema?: Schema;
  /** Of PBKDF2, for a new passphrase. */
  readonly iterations?: number;
  /** Told after a change is in the records, outside of the exclusive lock; `transact` waits for it. */
  readonly onChange?: (changes: ReadonlySet<UserChange>) => Promise<void>;
}

/** Milliseconds: a timer longer than this is set again. */
const LONGEST_TIMER = 3_600_000;

export class Vault {
  readonly #options: VaultOptions;
  readonly #schema: Schema;
  #keyring: StoredKeyring;
  #kind: LockKind = 'none';
  #dataKey: CryptoKey | undefined;
  #lockKey: CryptoKey | undefined;
  /** The lock that `#lockKey` is of. */
  #unlockedBy: LockDescriptor | undefined;
  /** So that an unlocking which takes its time does not undo a lock that came meanwhile. */
  #timesLocked = 0;
  #ended: E2PError | undefined;
  #sweepIsDue = true;
  #cancelTimer: () => void = () => undefined;

  private constructor(options: VaultOptions, keyring: StoredKeyring) {
    this.#options = options;
    this.#schema = options.schema ?? SCHEMA;
    this.#keyring = keyring;
  }

  /**
   * Opens the vault, or makes it. With a secret, the vault is behind that lock afterwards; without one, a vault that has a lock
   * stays locked.
   * @throws E2PError `vault-locked` for the wrong secret, `vault-corrupt`, `vault-too-new`
   */
  static async open(options: VaultOptions, secret?: LockSecret): Promise<Vault> {
    const { records, exclusive, place } = options;
    await exclusive(() => finishShredding(records));
    const found = await records.get(KEYRING_KEY);
    // Asking for a passkey takes time and must not hold up other tabs.
    const iterations = options.iterations ?? PASSPHRASE_ITERATIONS;
    const lock = found === undefined && secret !== undefined ? await createLock(secret, iterations) : NO_LOCK;
    const { keyring, isNew } = await exclusive(async () => {
      // Another tab may have made it meanwhile, behind a lock of its own.
      const stored = await records.get(KEYRING_KEY);
      if (stored !== undefined) return { keyring: parseKeyring(stored), isNew: false };
      // Records without their key can't be read by anybody any more, and must not be mixed with new ones.
      if ((await records.keys('')).some((key) => key !== PROBE_KEY)) throw corrupt('key');
      const made = await createKeyring(place, lock, await records.deviceKey?.());
      return { keyring: await create(options, made, lock.key), isNew: true };
    });
    const vault = new Vault(options, keyring);
    vault.#kind = (await readLock(keyring, place)).kind;
    if (vault.#kind === 'none' || secret !== undefined) {
      await (isNew && lock.key !== undefined ? vault.#unlockWith(lock.key) : vault.unlock(secret));
    }
    if (vault.#kind === 'none' && secret !== undefined) await vault.setLock(secret);
    return vault;
  }

  get lockKind(): LockKind {
    return this.#kind;
  }

  get isLocked(): boolean {
    return this.#dataKey === undefined;
  }

  /**
   * Runs a task inside the exclusive lock and writes what it changed, all or nothing. A task must not wait for another one.
   * @throws E2PError `vault-locked`, `destroyed` after the end, `vault-corrupt`; whatever the task throws, and then nothing is
   * written.
   */
  async transact<T>(task: (transaction: VaultTransaction) => Promise<T>): Promise<T> {
    const { value, changes, swept } = await this.#options.exclusive(async () => {
      const transaction = await this.#begin();
      if (this.#sweepIsDue || transaction.now >= transaction.ledger.nextExpiry)
        await removeExpired(transaction);
      const expired = new Set(transaction.changes);
      transaction.changes.clear();
      const result = await task(transaction);
      // The first transaction writes the time of the visit in any case.
      if (this.#sweepIsDue || transaction.needsCommit) await transaction.commit();
      this.#sweepIsDue = false;
      this.#setTimer(transaction.ledger.nextExpiry - transaction.now);
      return { value: result, changes: transaction.changes, swept: expired };
    });
    // Whoever is told of it may be in the middle of asking: what has expired is nobody's doing, and nobody waits for it.
    if (swept.size > 0) void this.#options.onChange?.(swept).catch(() => undefined);
    if (changes.size > 0) await this.#options.onChange?.(changes);
    return value;
  }

  /** Drops the keys from memory. */
  lock(): void {
    this.#timesLocked++;
    this.#dataKey = undefined;
    this.#lockKey = undefined;
    this.#cancelTimer();
  }

  /** @throws E2PError `vault-locked` for the wrong secret or none, `vault-corrupt` */
  async unlock(secret?: LockSecret): Promise<void> {
    this.assertUsable();
    const timesLocked = this.#timesLocked;
    const stored = await this.#options.records.get(KEYRING_KEY);
    if (!this.#isOurs(stored)) throw this.#end();
    this.#keyring = parseKeyring(stored);
    const descriptor = await readLock(this.#keyring, this.#options.place);
    this.#kind = descriptor.kind;
    await this.#unlockWith(await deriveKey(descriptor, secret), timesLocked);
  }

  /** Puts the vault behind another lock, or behind none. `also` runs in the same transaction. */
  async setLock(secret?: LockSecret, also?: (transaction: VaultTransaction) => Promise<void>): Promise<void> {
    this.assertUsable();
    if (this.isLocked) throw this.#locked();
    const next =
      secret === undefined
        ? NO_LOCK
        : await createLock(secret, this.#options.iterations ?? PASSPHRASE_ITERATIONS);
    const changed = await this.transact(async (transaction) => {
      await this.#assertSameLock();
      const keyring = await changeLock(this.#keyring, this.#options.place, this.#lockKey, next);
      transaction.replaceKeyring(keyring);
      await also?.(transaction);
      return keyring;
    });
    this.#keyring = changed;
    this.#kind = next.descriptor.kind;
    this.#lockKey = next.key;
    this.#unlockedBy = next.descriptor;
  }

  /** Another tab may have put the vault behind another lock, whose key is not here. */
  async #assertSameLock(): Promise<void> {
    const descriptor = await readLock(this.#keyring, this.#options.place);
    if (JSON.stringify(descriptor) === JSON.stringify(this.#unlockedBy)) return;
    this.#kind = descriptor.kind;
    throw new E2PError('vault-locked', "the vault's lock was changed in another tab; call unlock() first");
  }

  /** Destroys the keys, then the records. The vault can't be used any more. @returns what was there. */
  async shred(): Promise<RecordCounts> {
    this.assertUsable();
    this.#end();
    return this.#options.exclusive(() => shredRecords(this.#options.records));
  }

  /** @throws E2PError `destroyed` after the end. */
  assertUsable(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }

  /** Drops the keys for good, as `reason` says. */
  close(reason = new E2PError('destroyed', 'the user was closed')): void {
    this.#end(reason);
  }

  async #begin(): Promise<VaultTransaction> {
    this.assertUsable();
    const { records, place, clock, retention = {} } = this.#options;
    const stored = await records.get(KEYRING_KEY);
    if (!this.#isOurs(stored)) throw this.#end();
    // Another tab may have changed the lock; the data key is the same.
    this.#keyring = parseKeyring(stored);
    const dataKey = this.#dataKey;
    if (dataKey === undefined) throw this.#locked();
    const { id } = this.#keyring;
    return VaultTransaction.begin({ records, place, id, dataKey, schema: this.#schema, retention, clock });
  }

  async #unlockWith(lockKey: CryptoKey | undefined, timesLocked = this.#timesLocked): Promise<void> {
    const dataKey = await readDataKey(this.#keyring, this.#options.place, lockKey);
    const unlockedBy = await readLock(this.#keyring, this.#options.place);
    if (this.#timesLocked !== timesLocked) throw this.#locked();
    this.#dataKey = dataKey;
    this.#lockKey = lockKey;
    this.#unlockedBy = unlockedBy;
    this.#sweepIsDue = true;
    try {
      await this.transact(async () => undefined);
    } catch (error) {
      this.lock();
      throw error;
    }
  }

  /** A vault that was forgotten, here or in another tab, has no keyring or a new one. */
  #isOurs(stored: unknown): boolean {
    return stored !== undefined && (stored as Partial<StoredKeyring>).id === this.#keyring.id;
  }

  #setTimer(milliseconds: number): void {
    this.#cancelTimer();
    if (milliseconds > NEVER / 2 || this.#ended !== undefined) return;
    const wait = Math.min(Math.max(milliseconds, 1_000), LONGEST_TIMER);
    // A failure shows again at the next call, which sweeps first.
    const sweep = () => void this.transact(async () => undefined).catch(() => undefined);
    this.#cancelTimer = (this.#options.schedule ?? timer)(wait, sweep);
  }

  #end(reason = new E2PError('destroyed', 'the user was forgotten; openUser() begins a new one')): E2PError {
    this.#ended ??= reason;
    this.lock();
    return this.#ended;
  }

  #locked(): E2PError {
    return new E2PError('vault-locked', `the vault is locked with a ${this.#kind}; call unlock() first`);
  }
}

async function create(options: VaultOptions, keyring: StoredKeyring, lockKey: CryptoKey | undefined) {
  const { place, records, clock, schema = SCHEMA } = options;
  const dataKey = await readDataKey(keyring, place, lockKey);
  const now = clock(0);
  const address = { ...place, kind: 'ledger', id: LEDGER_ID } as const;
  const ledger = await sealRecord(
    encodeRecord({ at: now, json: createLedger(now) }),
    schema.version,
    address,
    dataKey,
  );
  const put = new Map<string, unknown>([
    [KEYRING_KEY, keyring],
    [recordKey('ledger', LEDGER_ID), ledger],
  ]);
  await records.commit({ put });
  return keyring;
}

function timer(milliseconds: number, task: () => void): () => void {
  const handle: unknown = setTimeout(task, milliseconds);
  // Node would wait for it before it ends.
  if (typeof handle === 'object' && handle !== null && 'unref' in handle) (handle as NodeJS.Timeout).unref();
  return () => clearTimeout(handle as number);
}
