/// <reference lib="esnext.disposable" />
import { t as FetchProgress } from "./file-source.js";
import { _ as UserAttachment, g as ForgottenItem, v as UserChange } from "./personalizer.js";
import { p as ChatMessage } from "./projector.js";
import { r as UserEmbedding, t as EmbeddingInput } from "./user-embedding.js";
interface HubOptions {
  /** Default `https://huggingface.co`. */
  readonly host?: string;
  /** Path of a repository's files, with `{model}` and `{revision}`. Default `/{model}/resolve/{revision}/`. */
  readonly template?: string;
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string;
}
/** How far the bytes of a file were checked: against digests from the server, or its length only. */
type Verified = 'manifest' | 'hub' | 'length';
type StorageBackend = 'opfs' | 'cache' | 'folder' | 'memory';
interface TotalProgress {
  /** Bytes that are here, over all files; never less than before, and `total` at the end. */
  readonly loaded: number;
  /**
   * Bytes in all, those that are here included. undefined until every file that will come and its size are known, or where a server does not
   * tell; and from then on where it told something wrong.
   */
  readonly total: number | undefined;
  /** Bytes a second that came over the network lately; undefined before there is anything to go by. */
  readonly rate: number | undefined;
  /** Seconds until `total` at this rate. */
  readonly secondsLeft: number | undefined;
}
/** Of a single file; `cached` where that can be known. */
type FileProgress = Omit<FetchProgress, 'cached'> & {
  readonly cached?: boolean;
};
/** Where weights are kept. */
interface StoragePlace {
  readonly backend: StorageBackend;
  /** Why nothing is kept, for the person in front of the page; undefined where all is well. */
  readonly warning: string | undefined;
}
/**
 * Progress of `create` and of `user.describe`: where weights are kept, files by bytes, in a browser onnxruntime's WebAssembly by bytes
 * (`runtime`), then the device and the graph, which report only that they began. `all` goes over every file of both.
 */
type LoadProgress = ({
  readonly stage: 'storage';
} & StoragePlace) | (BytesProgress & {
  readonly all: TotalProgress;
}) | {
  readonly stage: 'device';
} | {
  readonly stage: 'graph';
};
type BytesProgress = ({
  readonly stage: 'file';
} & FetchProgress) | ({
  readonly stage: 'runtime';
} & Pick<FileProgress, 'file' | 'loaded' | 'total'>);
interface RecordChanges {
  readonly put?: ReadonlyMap<string, unknown>;
  /** Keys that need not exist. */
  readonly delete?: Iterable<string>;
}
interface RecordStore {
  /** The value as it lies there, or undefined if the key does not exist. */
  get(key: string): Promise<unknown>;
  /** Keys that begin with `prefix`, ascending; all of them for the empty prefix. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Keys with their values, like {@link keys}, from one transaction. */
  entries(prefix: string): Promise<readonly (readonly [key: string, value: unknown])[]>;
  /** All changes or none of them. */
  commit(changes: RecordChanges): Promise<void>;
  /** Removes everything, in one transaction. */
  clear(): Promise<void>;
  /** A device key that this place can keep; absent: it keeps any, so that one without readable bytes is made. */
  deviceKey?(): Promise<CryptoKey>;
  /** A new look at the same place, so that what this one says can be checked. */
  reopen(): RecordStore;
  close(): void;
}
interface ForgetReport {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Keys, records, buffers, and what attachments let go of. */
  readonly removed: readonly ForgottenItem[];
  /** What the records still held when they were opened anew, and attachments that failed to forget. */
  readonly remaining: readonly ForgottenItem[];
  /** Nothing remains. Weights and other files that are not personal are not part of this. */
  readonly isComplete: boolean;
}
/**
 * One at a time: everything that reads, changes and writes a vault happens inside its exclusive lock, across all tabs and
 * workers of the origin. The browser frees the lock of a tab or worker that dies.
 */
/** Runs tasks one after the other, in the order of the calls. A task that waits for another one would wait for ever. */
type Exclusive = <T>(task: () => Promise<T>) => Promise<T>;
/** What personal data may be used for. Each is granted, refused or withdrawn on its own. */
declare const PURPOSES: readonly ['personalise', 'learn-from-activity', 'share-aggregates'];
type Purpose = (typeof PURPOSES)[number];
/** The kinds of record in a vault, and how long each is kept. */
/** `consent`: of vaults of schema version 1. */
declare const RECORD_KINDS: readonly ['ledger', 'consent', 'embedding', 'event', 'transcript', 'audit'];
type RecordKind = (typeof RECORD_KINDS)[number];
/** Milliseconds from storing to removal, by kind; a kind that is not named is kept until `forget()`. */
interface RetentionPolicy {
  readonly embedding?: number;
  readonly event?: number;
  readonly transcript?: number;
  readonly audit?: number;
}
interface Passkey {
  /** Makes a new credential. @returns its id. */
  create(): Promise<Uint8Array>;
  /** The 32 secret bytes for a salt; the same ones each time. */
  evaluate(credential: Uint8Array, salt: Uint8Array): Promise<Uint8Array>;
}
interface WebAuthnPasskeyOptions {
  /** The app, as the browser shows it in its list of passkeys. */
  readonly appName: string;
  readonly credentials?: CredentialsContainer;
  readonly signal?: AbortSignal;
}
/**
 * A passkey of this origin. The browser needs a click of the person before each of its two calls. What the authenticator
 * stores is a random user id and the app's name. The challenge is random and nobody checks the answer: it is the PRF's secret
 * that opens the vault, not the signature.
 */
declare function webAuthnPasskey(options: WebAuthnPasskeyOptions): Passkey;
type LockSecret = {
  readonly passphrase: string;
} | {
  readonly passkey: Passkey;
};
type LockKind = 'none' | 'passphrase' | 'passkey';
/** Calls a task once, later. @returns how to take it back. */
type Schedule = (milliseconds: number, task: () => void) => () => void;
declare const DECISIONS: readonly ['granted', 'refused', 'withdrawn'];
type Decision = (typeof DECISIONS)[number];
interface ConsentDecision {
  readonly state: Decision;
  /** Vault time, milliseconds since 1970. */
  readonly time: number;
  readonly policyVersion: string;
}
/** By purpose; `unset` where the person was never asked. */
type ConsentState = Readonly<Record<Purpose, ConsentDecision | {
  readonly state: 'unset';
}>>;
interface UserConsent {
  grant(purpose: Purpose, use?: AuditUse): Promise<void>;
  refuse(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** Resolves when everything attached (see `attach`) has let go of what it is no longer allowed to use. */
  withdraw(purpose: Purpose, use?: AuditUse): Promise<void>;
  state(): Promise<ConsentState>;
  /**
   * Resolves where the purpose is granted under this policy version. A refusal is noted in the audit log.
   * @throws E2PError `consent-required`
   */
  require(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** As {@link require}, and notes in the same transaction that it was used. */
  use(purpose: Purpose, use?: AuditUse): Promise<void>;
}
/** An audit entry's number and its hash; the chain can be checked from here on. */
interface ChainLink {
  readonly seq: number;
  readonly hash: string;
}
declare const AUDIT_ACTIONS: readonly ['consent-granted', 'consent-refused', 'consent-withdrawn', 'denied', 'used', 'embedding-set', 'embedding-read', 'embedding-deleted', 'events-read', 'events-deleted', 'transcript-saved', 'transcript-read', 'transcript-deleted', 'exported', 'imported', 'lock-changed'];
type AuditAction = (typeof AUDIT_ACTIONS)[number];
/** Who asks, and for what; given by the app, so not personal. */
interface AuditUse {
  /** The part of the app, at most 100 characters. Default `app`. */
  readonly actor?: string;
  readonly purpose?: Purpose;
  /** Name or digest. */
  readonly projector?: string;
  readonly model?: string;
}
interface AuditEntry extends AuditUse {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Vault time, milliseconds since 1970. */
  readonly time: number;
  readonly actor: string;
  readonly action: AuditAction;
  /** Hash of the entry before, 64 hexadecimal digits; zeros before the first. */
  readonly previous: string;
  readonly hash: string;
}
/** A part of the log that can be checked on its own. */
interface AuditLog {
  readonly format: 'e2p-audit';
  readonly version: 1;
  /** The entry before the first one here. */
  readonly anchor: ChainLink;
  /** The last entry, as the vault remembers it. */
  readonly head: ChainLink;
  /** Ascending; those that could be read. */
  readonly entries: readonly AuditEntry[];
}
type ChainReport = {
  readonly valid: true;
  readonly entries: number;
} | {
  readonly valid: false;
  /** Number of the first entry that is wrong. */
  readonly firstBad: number;
  readonly reason: 'missing or unreadable' | 'changed' | 'behind the end';
};
/** Follows the chain from the anchor to the head. */
declare function verifyAuditLog({ anchor, head, entries }: AuditLog): Promise<ChainReport>;
interface UserAudit {
  /** Those that can be read, ascending. */
  entries(): Promise<readonly AuditEntry[]>;
  /** Follows the chain; a break is reported with the first bad entry. */
  verify(): Promise<ChainReport>;
  /** The log as JSON, to be checked elsewhere with `verifyAuditLog`. */
  export(): Promise<AuditLog>;
  /** For what works with the data outside of the vault: an engine, an app. */
  append(use: AuditUse & {
    readonly action: AuditAction;
  }): Promise<void>;
}
interface UserEvent {
  /** e.g. `click`. */
  readonly type: string;
  /** What it was about: the app's id of it. */
  readonly item: string;
  /** When it happened, milliseconds since 1970. Default: now. */
  readonly time?: number;
  readonly weight?: number;
}
interface StoredEvent extends UserEvent {
  readonly id: string;
  readonly time: number;
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
}
interface UserEvents {
  /** @returns its id. @throws E2PError `consent-required`, `invalid-argument` */
  add(event: UserEvent, use?: AuditUse): Promise<string>;
  /** In the order they were added. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly StoredEvent[]>;
  /** @returns whether there was one. */
  delete(id: string, use?: AuditUse): Promise<boolean>;
  /** Deletes all of them. @returns how many. */
  clear(use?: AuditUse): Promise<number>;
}
interface StoredEmbedding extends UserEmbedding {
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
}
interface UserEmbeddings {
  /** @throws E2PError `consent-required`, `invalid-embedding` */
  set(embedding: EmbeddingInput, use?: AuditUse): Promise<void>;
  /**
   * Sets values that take a while to make, and overwrites those. What comes first while they are made has the last word: a decision on
   * `personalise`, another embedding of the space, its deletion.
   * @throws E2PError `consent-required` before anything is made, and as `set`; `user-replaced`; what `make` throws
   */
  setMade(space: string, make: () => Promise<Float32Array>, use?: AuditUse): Promise<void>;
  /**
   * The current embedding of a space, or undefined. `forget()` overwrites the array that is returned.
   * @throws E2PError `consent-required`, `vault-corrupt`
   */
  get(space: string, use?: AuditUse): Promise<UserEmbedding | undefined>;
  /** Newest first, the current one included. @throws E2PError `consent-required`, `vault-corrupt` */
  history(space: string, use?: AuditUse): Promise<readonly StoredEmbedding[]>;
  /** Removes a space with its history. @returns how many embeddings that were. */
  delete(space: string, use?: AuditUse): Promise<number>;
}
interface Transcript {
  readonly title?: string;
  readonly messages: readonly ChatMessage[];
}
interface StoredTranscript extends Transcript {
  readonly id: string;
  /** Vault time of the last saving, milliseconds since 1970. */
  readonly storedAt: number;
}
interface UserTranscripts {
  /**
   * Saves a conversation, in place of another one where an id is given.
   * @returns its id.
   * @throws E2PError `consent-required`; `invalid-argument` for an id that does not exist, and where there are too many.
   */
  save(transcript: Transcript & {
    readonly id?: string;
  }, use?: AuditUse): Promise<string>;
  /** Oldest first, without the messages. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly Omit<StoredTranscript, 'messages'>[]>;
  /** @throws E2PError `consent-required`, `vault-corrupt` */
  read(id: string, use?: AuditUse): Promise<StoredTranscript | undefined>;
  /** @returns whether there was one. */
  delete(id: string, use?: AuditUse): Promise<boolean>;
}
declare const EXPORT_FORMAT = "e2p-user";
declare const EXPORT_VERSION = 1;
interface ExportedEmbedding {
  readonly space: string;
  /** [dim]; float32 numbers, which JSON carries exactly. */
  readonly values: readonly number[];
  /** All times: milliseconds since 1970. */
  readonly storedAt: number;
}
interface ExportedEvent extends UserEvent {
  readonly time: number;
  readonly storedAt: number;
}
interface ExportedTranscript extends Transcript {
  readonly storedAt: number;
}
interface UserExport {
  readonly format: typeof EXPORT_FORMAT;
  readonly version: typeof EXPORT_VERSION;
  readonly exportedAt: number;
  readonly consent: Readonly<Partial<Record<Purpose, ConsentDecision>>>;
  /** Of a space the oldest first. */
  readonly embeddings: readonly ExportedEmbedding[];
  readonly events: readonly ExportedEvent[];
  readonly transcripts: readonly ExportedTranscript[];
  readonly audit: AuditLog;
  /** Records that are damaged. */
  readonly unreadable: readonly {
    readonly kind: RecordKind;
    readonly count: number;
  }[];
}
/** Every call throws E2PError `vault-locked` while the vault is locked, and `destroyed` after `forget()` or `close()`. */
interface User {
  /** false: the browser refuses to store, and everything is gone with the page; `warning` says why. Show it. */
  readonly persistent: boolean;
  readonly warning: string | undefined;
  readonly consent: UserConsent;
  readonly embedding: UserEmbeddings;
  readonly events: UserEvents;
  readonly transcripts: UserTranscripts;
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
   * Replaces embeddings, events and transcripts by those of an export, all or nothing; see `import-user.ts` for consent.
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
  [Symbol.asyncDispose](): Promise<void>;
}
export { ForgetReport as A, LockSecret as C, RetentionPolicy as D, webAuthnPasskey as E, StorageBackend as F, Verified as I, HubOptions as L, LoadProgress as M, StoragePlace as N, Purpose as O, TotalProgress as P, LockKind as S, WebAuthnPasskeyOptions as T, verifyAuditLog as _, UserTranscripts as a, UserConsent as b, StoredEvent as c, UserAudit as d, AuditAction as f, ChainReport as g, AuditUse as h, Transcript as i, RecordStore as j, Exclusive as k, UserEvent as l, AuditLog as m, UserExport as n, StoredEmbedding as o, AuditEntry as p, StoredTranscript as r, UserEmbeddings as s, User as t, UserEvents as u, ConsentDecision as v, Passkey as w, Schedule as x, ConsentState as y };