/// <reference lib="esnext.disposable" />
import { $ as EmbeddingProtection, Ft as CheckProgress, It as CheckReport, Lt as StorageBackend, Nt as StoredFolder, _t as RetentionPolicy, d as User, ft as LockSecret, gt as RecordStore, ut as Schedule, vt as Exclusive, x as ChangeChannel } from "./common-surface.js";
/** Where weights lie on this device, and how much room there is. */
interface StorageRoom {
  /** Where weights are kept. */
  readonly backend: StorageBackend;
  /** Bytes of this origin's storage that are used, and that it may use; undefined where the browser does not tell. */
  readonly used: number | undefined;
  /** Of the whole origin, in bytes. */
  readonly quota: number | undefined;
  /** The browser will not evict by itself. */
  readonly persisted: boolean;
}
/** Of `weights.check`. */
interface CheckWeightsOptions {
  /** Ends the check between two chunks. */
  readonly signal?: AbortSignal;
  /** After each chunk. */
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
/** What is stored on this device: looked at, checked, deleted. Nothing of it is personal. */
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
  /** The backend in use, and bytes used and allowed, as the browser estimates them. */
  room: () => Promise<StorageRoom>;
};
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
/**
 * Opens the person's vault, or makes an empty one.
 * @throws E2PError `invalid-argument`; `vault-locked` for the wrong secret; `vault-corrupt`, after which `forgetUser()` still
 * works; `vault-too-new`; the signal's reason on abort.
 */
declare function openUser(options: OpenUserOptions): Promise<User>;
export { StorageRoom as a, CheckWeightsOptions as i, openUser as n, StoredWeights as o, VaultLocation as r, weights as s, OpenUserOptions as t };