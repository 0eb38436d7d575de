/** The public surface of e2p-web in the browser. */
/// <reference lib="esnext.disposable" />
import { c as E2PError, l as E2PErrorCode, r as DeviceChoice } from "./file-source.js";
import { C as JsonSchemaConstraint, S as Constraint, _ as UserAttachment, b as GenerationResult, c as Session, d as RankedCandidate, f as PromptInput, g as ForgottenItem, i as SessionOptions, l as TextReadable, m as TextPart, n as ModelInfo, o as Overflow, p as PromptMessage, s as InputOptions, u as RankOptions, v as UserChange, w as RegExpConstraint, x as ChoicesConstraint, y as GenerateOptions } from "./personalizer.js";
import { t as HubOptions } from "./hub.js";
import { m as Dtype, p as ChatMessage } from "./projector.js";
import { A as Passkey, B as DeviceRequest, C as verifyAuditLog, D as Schedule, E as UserConsent, F as Exclusive, I as Purpose, L as TotalProgress, M as webAuthnPasskey, N as RecordStore, O as LockKind, P as RetentionPolicy, R as StorageBackend, S as ChainReport, T as ConsentState, _ as UserAudit, a as PrivacyReport, b as AuditLog, c as StoredTranscript, d as StoredEmbedding, f as UserEmbeddings, g as UserEvents, h as UserEvent, i as ExitState, j as WebAuthnPasskeyOptions, k as LockSecret, l as Transcript, m as StoredEvent, n as LoadProgress, o as User, p as ForgetReport, s as UserExport, t as SealedFiles, u as UserTranscripts, v as AuditAction, w as ConsentDecision, x as AuditUse, y as AuditEntry, z as Verified } from "./open-workers.js";
import { t as ModelFiles } from "./handed-files.js";
import { a as foldIn, r as FoldInOptions } from "./als.js";
import { n as EmbeddingSpace, r as UserEmbedding, t as EmbeddingInput } from "./user-embedding.js";
import { a as UserHandle, i as DescribeOptions, n as PersonalizerOptions, r as StorageInfo, t as Personalizer } from "./client.js";
/** How far a check of stored weights has come. */
interface CheckProgress {
  /** Bytes. */
  readonly checked: number;
  readonly total: number;
}
/** What a check of stored weights found, and whether it was repaired. */
interface CheckReport {
  readonly url: string;
  /** Bytes that were compared. */
  readonly checked: number;
  /** Chunks that were wrong or gone. */
  readonly damaged: readonly {
    readonly path: string;
    readonly chunk: number;
  }[];
  /** False where something is damaged and could not be fetched again: the next load will try. */
  readonly whole: boolean;
}
/** A model or projector on this device. */
interface StoredFolder {
  /** Of the folder, or of a file that was loaded alone. */
  readonly url: string;
  /** Undefined for a download that was interrupted. */
  readonly revision: string | undefined;
  /** On this device; chunks that two folders share count for both. */
  readonly bytes: number;
  readonly files: readonly StoredFolderFile[];
  readonly usedAt: Date;
  /** False: interrupted; the next load goes on with it. */
  readonly complete: boolean;
  /** Somebody, in this tab or another, has it loaded. */
  readonly held: boolean;
}
/** A file of it, and how it was checked on its way in. */
interface StoredFolderFile {
  readonly path: string;
  readonly bytes: number;
  /** How its bytes were checked; undefined while it is not complete. */
  readonly verified: Verified | undefined;
}
/** Where weights lie on this device, and how much room there is. */
interface StorageRoom {
  readonly backend: StorageBackend;
  /** Bytes of this origin's storage that are used, and that it may use; undefined where the browser does not tell. */
  readonly used: number | undefined;
  readonly quota: number | undefined;
  /** The browser will not evict by itself. */
  readonly persisted: boolean;
}
/** Of `weights.check`. */
interface CheckWeightsOptions {
  readonly signal?: AbortSignal;
  /** After each chunk. */
  readonly onProgress?: (progress: CheckProgress) => void;
}
/** What is stored on this device: looked at, checked, deleted. Nothing of it is personal. */
export declare const weights: {
  /** Models and projectors on this device, the most recently used first; interrupted downloads too. */
  list: () => Promise<readonly StoredFolder[]>;
  /**
   * Deletes what is stored of a URL, complete or not. Who has it loaded keeps it until then.
   * @returns whether there was anything
   */
  delete: (url: string) => Promise<boolean>;
  /**
   * Compares every chunk with its digest, and fetches again what is wrong.
   * @returns undefined where nothing is stored of that URL
   */
  check: (url: string, options?: CheckWeightsOptions) => Promise<CheckReport | undefined>;
  /** The backend in use, and bytes used and allowed, as the browser estimates them. */
  room: () => Promise<StorageRoom>;
};
/** Between the tabs and workers of an origin. */
interface ChangeChannel {
  post(change: UserChange): void;
  /** Called for messages of others, never for one's own. */
  listen(listener: (message: unknown) => void): void;
  close(): void;
}
/** All but the name is for tests and for other platforms. */
interface VaultLocation {
  /** One of several vaults of this origin: letters, digits, `.`, `_`, `-`. It lies in clear, so nothing personal. */
  readonly name?: string;
  /** Default: IndexedDB, or memory with a warning where the browser has none. */
  readonly records?: RecordStore;
  /** Default: a Web Lock, or a queue for records in memory. */
  readonly exclusive?: Exclusive;
  /** To the other tabs. Default: a BroadcastChannel where the records are in IndexedDB. */
  readonly channel?: ChangeChannel;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}
/**
 * Forgets a person whose vault can't be opened: the passphrase is lost, or the vault is damaged. Other tabs are told.
 * What `User.forget()` does with memory it can't do.
 */
export declare function forgetUser(location?: VaultLocation): Promise<ForgetReport>;
interface OpenUserOptions extends VaultLocation {
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
  readonly signal?: AbortSignal;
  /** Default: the page's. Records are bound to it. */
  readonly origin?: string;
  /** Milliseconds since any fixed moment. */
  readonly elapsed?: () => number;
  readonly schedule?: Schedule;
  /** Of PBKDF2 for a new passphrase; lower only in tests. */
  readonly passphraseIterations?: number;
}
/**
 * Opens the person's vault, or makes an empty one.
 * @throws E2PError `invalid-argument`; `vault-locked` for the wrong secret; `vault-corrupt`, after which `forgetUser()` still
 * works; `vault-too-new`; the signal's reason on abort.
 */
export declare function openUser(options: OpenUserOptions): Promise<User>;
export { type AuditAction, type AuditEntry, type AuditLog, type AuditUse, type ChainReport, type ChatMessage, type CheckProgress, type CheckReport, type CheckWeightsOptions, type ChoicesConstraint, type ConsentDecision, type ConsentState, type Constraint, type DescribeOptions, type DeviceChoice, type DeviceRequest, type Dtype, E2PError, type E2PErrorCode, type EmbeddingInput, type EmbeddingSpace, type ExitState, type FoldInOptions, type ForgetReport, type ForgottenItem, type GenerateOptions, type GenerationResult, type HubOptions, type InputOptions, type JsonSchemaConstraint, type LoadProgress, type LockKind, type LockSecret, type ModelFiles, type ModelInfo, type OpenUserOptions, type Overflow, type Passkey, Personalizer, type PersonalizerOptions, type PrivacyReport, type PromptInput, type PromptMessage, type Purpose, type RankOptions, type RankedCandidate, type RegExpConstraint, type RetentionPolicy, type SealedFiles, type Session, type SessionOptions, type StorageInfo, type StorageRoom, type StoredEmbedding, type StoredEvent, type StoredFolder, type StoredFolderFile, type StoredTranscript, type TextPart, type TextReadable, type TotalProgress, type Transcript, type User, type UserAttachment, type UserAudit, type UserChange, type UserConsent, type UserEmbedding, type UserEmbeddings, type UserEvent, type UserEvents, type UserExport, type UserHandle, type UserTranscripts, type VaultLocation, type WebAuthnPasskeyOptions, foldIn, verifyAuditLog, webAuthnPasskey };