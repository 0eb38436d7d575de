/** Opening the person's vault: the parts are put together here, and nothing else happens here. */
import { E2PError } from '../error.ts';
import { createAggregates } from './aggregates.ts';
import { appendAudit, createAudit } from './audit-log.ts';
import { createConsent } from './consent.ts';
import type { EmbeddingProtection } from './embedding-protection.ts';
import { createEvents } from './events.ts';
import { createExperiments } from './experiments.ts';
import { createFeedback } from './feedback.ts';
import { type ForgetReport, reportForgetting } from './forget-report.ts';
import { createHeldBuffers } from './held-buffers.ts';
import { importUser } from './import-user.ts';
import { IMPORT_LIMITS } from './parse-user-export.ts';
import { createReader } from './read-untrusted.ts';
import { createEmbeddings } from './stored-embeddings.ts';
import { createTranscripts } from './transcripts.ts';
import type { User } from './user.ts';
import { createUserChanges } from './user-changes.ts';
import { exportUser } from './user-export.ts';
import type { RetentionPolicy } from './vault/record-kind.ts';
import { checkRetention } from './vault/retention.ts';
import type { LockSecret } from './vault/second-lock.ts';
import { type Schedule, Vault } from './vault/vault.ts';
import { createVaultClock } from './vault/vault-clock.ts';
import { locateVault, type VaultLocation } from './vault-location.ts';

export interface OpenUserOptions extends VaultLocation {
  /** Of the policy the person is shown, at most 100 characters; consent counts for this one only. */
  readonly policyVersion: string;
  /**
   * A second lock beside the device. A vault that has none yet gets it; one that has it is opened with it. Without this, a
   * vault that has a lock stays locked until `unlock()`.
   */
  readonly lock?: LockSecret;
  readonly retention?: RetentionPolicy;
  /** Embeddings kept of a space, the current one included; 1 to 100. Default 10. */
  readonly historyLength?: number;
  /** What is done to embeddings when they are put in, for each space that is named; an import is taken as it is. Default: nothing. */
  readonly protection?: readonly EmbeddingProtection[];
  /** Ends the opening, a passkey that is waited for too. */
  readonly signal?: AbortSignal;
  /** Default: the page's. Records are bound to it. */
  readonly origin?: string;
  /** Milliseconds since any fixed moment. */
  readonly elapsed?: () => number;
  readonly schedule?: Schedule;
  /** Of PBKDF2 for a new passphrase; lower only in tests. */
  readonly passphraseIterations?: number;
}

const HISTORY = { default: 10, most: 100 } as const;

/**
 * Opens the person's vault, or makes an empty one.
 * @throws E2PError `invalid-argument`; `vault-locked` for the wrong secret; `vault-corrupt`, after which `forgetUser()` still
 * works; `vault-too-new`; the signal's reason on abort.
 */
export async function openUser(options: OpenUserOptions): Promise<User> {
  const { signal, lock, historyLength = HISTORY.default, policyVersion, now = Date.now } = options;
  const reader = createReader('invalid-argument', 'openUser');
  reader.text(policyVersion, 'policyVersion', IMPORT_LIMITS.policyVersion);
  if (!Number.isInteger(historyLength) || historyLength < 1 || historyLength > HISTORY.most) {
    reader.refuse('historyLength', `a whole number from 1 to ${HISTORY.most}`);
  }
  // Who protects nothing does not load how.
  const protections =
    options.protection === undefined
      ? new Map()
      : (await import('./embedding-protection.ts')).readProtections(options.protection);
  const retention = checkRetention(options.retention ?? {});
  signal?.throwIfAborted();
  const { name, records, exclusive, channel, warning } = await locateVault(options);
  const buffers = createHeldBuffers();
  const forgotten = () => new E2PError('destroyed', 'the user was forgotten; openUser() begins a new one');
  const changes = createUserChanges({
    channel,
    onForgottenElsewhere: () => {
      vault?.close(forgotten());
      buffers.overwrite();
    },
  });
  let vault: Vault | undefined;
  const closeWorld = () => {
    vault?.close();
    changes.close();
    records.close();
  };
  try {
    signal?.throwIfAborted();
    vault = await Vault.open(
      {
        place: { origin: options.origin ?? globalThis.location?.origin ?? 'null', name },
        records,
        exclusive,
        clock: createVaultClock({ now, elapsed: options.elapsed ?? (() => performance.now()) }),
        retention,
        ...(options.schedule !== undefined && { schedule: options.schedule }),
        ...(options.passphraseIterations !== undefined && { iterations: options.passphraseIterations }),
        onChange: async (kinds) => {
          await Promise.all([...kinds].map((kind) => kind !== 'forget' && changes.announce(kind)));
        },
      },
      lock,
    );
    signal?.throwIfAborted();
  } catch (error) {
    closeWorld();
    throw error;
  }
  const opened = vault;
  const consented = { vault: opened, policyVersion };
  const forget = async (): Promise<ForgetReport> => {
    opened.assertUsable();
    // Memory is emptied also where the records can't be reached.
    const shredded = await opened.shred().catch((error: unknown) => ({ error }));
    const attachments = await changes.forget();
    const overwritten = buffers.overwrite();
    try {
      if ('error' in shredded) throw shredded.error;
      return await reportForgetting({ time: now(), records, shredded, buffers: overwritten, attachments });
    } finally {
      closeWorld();
    }
  };
  const close = async (): Promise<void> => {
    opened.close();
    // Nobody may go on with data whose consent can't be withdrawn here any more.
    await changes.announce('lock').finally(closeWorld);
  };
  return {
    persistent: warning === undefined,
    warning,
    consent: createConsent(consented),
    embedding: createEmbeddings(consented, historyLength, buffers, protections),
    events: createEvents(consented),
    feedback: createFeedback(consented, historyLength, buffers, changes.attach),
    transcripts: createTranscripts(consented),
    experiments: createExperiments(consented),
    aggregates: createAggregates(consented),
    audit: createAudit(opened),
    get lockKind() {
      return opened.lockKind;
    },
    get isLocked() {
      return opened.isLocked;
    },
    lock: async () => {
      opened.lock();
      await changes.announce('lock');
    },
    unlock: async (secret) => {
      await opened.unlock(secret);
      // What let go of the data may have it again.
      await changes.announce('lock');
    },
    setLock: (secret, use) =>
      opened.setLock(secret, (transaction) => appendAudit(transaction, 'lock-changed', use)),
    export: (use) => exportUser(opened, use),
    import: (json, use) => importUser(opened, json, historyLength, use),
    forget,
    subscribe: changes.subscribe,
    attach: changes.attach,
    close,
    [Symbol.asyncDispose]: close,
  };
}
