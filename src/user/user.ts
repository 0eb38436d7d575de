/**
 * The person, on this device: consent, embeddings, events, transcripts and the log of who asked for them, behind one handle.
 * Think of the handle as the key to the safe: who has it can read; who only has a session can generate text and read nothing.
 */
import type { UserAggregates } from './aggregates.ts';
import type { UserAttachment, UserChange } from './attachment.ts';
import type { AuditUse } from './audit-chain.ts';
import type { UserAudit } from './audit-log.ts';
import type { UserConsent } from './consent.ts';
import type { UserEvents } from './events.ts';
import type { UserExperiments } from './experiments.ts';
import type { UserFeedback } from './feedback.ts';
import type { ForgetReport } from './forget-report.ts';
import type { UserEmbeddings } from './stored-embeddings.ts';
import type { UserTranscripts } from './transcripts.ts';
import type { UserExport } from './user-export.ts';
import type { LockKind, LockSecret } from './vault/second-lock.ts';

/** Every call throws E2PError `vault-locked` while the vault is locked, and `destroyed` after `forget()` or `close()`. */
export interface User {
  /** false: the browser refuses to store, and everything is gone with the page; `warning` says why. Show it. */
  readonly persistent: boolean;
  readonly warning: string | undefined;
  readonly consent: UserConsent;
  readonly embedding: UserEmbeddings;
  readonly events: UserEvents;
  /** What they said about answers. */
  readonly feedback: UserFeedback;
  readonly transcripts: UserTranscripts;
  readonly experiments: UserExperiments;
  readonly aggregates: UserAggregates;
  readonly audit: UserAudit;

  /** The second lock that the vault has, beside the device itself. */
  readonly lockKind: LockKind;
  readonly isLocked: boolean;
  /** Drops the keys from memory, and resolves when everything attached has let go of the person's data. */
  lock(): Promise<void>;
  /** @throws E2PError `vault-locked` for the wrong secret or none. */
  unlock(secret?: LockSecret): Promise<void>;
  /** Puts the open vault behind another lock, or behind none. Only the key is wrapped anew. */
  setLock(secret: LockSecret | undefined, use?: AuditUse): Promise<void>;

  /** Everything, as portable JSON in clear. Needs no consent. */
  export(use?: AuditUse): Promise<UserExport>;
  /**
   * Replaces embeddings, events, feedback and transcripts by those of an export, all or nothing; see `import-user.ts` for consent.
   * @param json an export, or its text.
   * @throws E2PError `invalid-import` naming the field.
   */
  import(json: unknown, use?: AuditUse): Promise<void>;
  /**
   * Destroys the keys, then every record, and overwrites embeddings in memory, here and in what is attached; then looks again.
   * Needs no consent and no secret. This handle is of no more use: `openUser()` begins anew.
   */
  forget(): Promise<ForgetReport>;

  /** Told after a change, also of another tab. @returns how to stop it. */
  subscribe(listener: (change: UserChange) => void): () => void;
  /** For what keeps the person's data outside of the vault. @returns how to detach it. */
  attach(attachment: UserAttachment): () => void;
  /** Drops the keys and the connection, and tells what is attached as `lock()` does; everything stays stored. */
  close(): Promise<void>;
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
