/// <reference lib="esnext.disposable" />
import { v as UserChange } from "./personalizer.js";
import { C as LockSecret, D as RetentionPolicy, F as StorageBackend, I as Verified, j as RecordStore, k as Exclusive, t as User, x as Schedule } from "./user.js";
interface CheckProgress {
  /** Bytes. */
  readonly checked: number;
  readonly total: number;
}
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
interface StoredFolderFile {
  readonly path: string;
  readonly bytes: number;
  /** How its bytes were checked; undefined while it is not complete. */
  readonly verified: Verified | undefined;
}
interface StorageRoom {
  readonly backend: StorageBackend;
  /** Bytes of this origin's storage that are used, and that it may use; undefined where the browser does not tell. */
  readonly used: number | undefined;
  readonly quota: number | undefined;
  /** The browser will not evict by itself. */
  readonly persisted: boolean;
}
interface CheckWeightsOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CheckProgress) => void;
}
/** What is kept in one place. */
interface StoredWeights {
  /** Models and projectors that are here, the most recently used first; interrupted downloads too. */
  list(): Promise<readonly StoredFolder[]>;
  /**
   * Deletes what is stored of a URL, complete or not. Who has it loaded keeps it until then.
   * @returns whether there was anything
   */
  delete(url: string): Promise<boolean>;
  /**
   * Compares every chunk with its digest, and fetches again what is wrong.
   * @returns undefined where nothing is stored of that URL
   */
  check(url: string, options?: CheckWeightsOptions): Promise<CheckReport | undefined>;
}
declare const weights: {
  /** Models and projectors that are here, the most recently used first; interrupted downloads too. */
  list(): Promise<readonly StoredFolder[]>;
  /**
   * Deletes what is stored of a URL, complete or not. Who has it loaded keeps it until then.
   * @returns whether there was anything
   */
  delete(url: string): Promise<boolean>;
  /**
   * Compares every chunk with its digest, and fetches again what is wrong.
   * @returns undefined where nothing is stored of that URL
   */
  check(url: string, options?: CheckWeightsOptions): Promise<CheckReport | undefined>;
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
declare function openUser(options: OpenUserOptions): Promise<User>;
export { StorageRoom as a, StoredFolder as c, CheckReport as d, CheckWeightsOptions as i, StoredFolderFile as l, openUser as n, StoredWeights as o, VaultLocation as r, weights as s, OpenUserOptions as t, CheckProgress as u };