/** What an app can do with the weights on this device: see them, delete them, have them checked. Nothing personal is among them. */
import { type CheckProgress, type CheckReport, checkFolder } from './check-stored.ts';
import { deleteFolder, listFolders, type StoredFolder } from './stored-folders.ts';
import { type FolderRecord, folderKey } from './weight-records.ts';
import { openWeightStore, type StorageBackend, type WeightStore } from './weight-store.ts';

/** Where weights lie on this device, and how much room there is. */
export interface StorageRoom {
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
export interface CheckWeightsOptions {
  /** Ends the check between two chunks. */
  readonly signal?: AbortSignal;
  /** After each chunk. */
  readonly onProgress?: (progress: CheckProgress) => void;
}

/** What is kept in one place. */
export interface StoredWeights {
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

export function createWeights(open: () => Promise<WeightStore>): StoredWeights {
  const list = async () => listFolders(await open());
  /** Folders are stored with a slash behind them, single files without. */
  const storedUrl = async (url: string): Promise<string> => {
    const absolute = new URL(url, globalThis.location?.href).href;
    const isKnown = (await list()).some((folder) => folder.url === absolute);
    return isKnown || absolute.endsWith('/') ? absolute : `${absolute}/`;
  };
  return {
    list,
    delete: async (url) => deleteFolder(await storedUrl(url), await open()),
    check: async (url, options = {}) =>
      checkFolder({ store: await open(), url: await storedUrl(url), ...options }),
  };
}

/** What is stored on this device: looked at, checked, deleted. Nothing of it is personal. */
export const weights = {
  ...createWeights(openWeightStore),
  /** The backend in use, and bytes used and allowed, as the browser estimates them. */
  room: async (): Promise<StorageRoom> => {
    const { backend } = await openWeightStore();
    const { usage, quota } = await navigator.storage.estimate();
    return { backend, used: usage, quota, persisted: await navigator.storage.persisted() };
  },
};

/** How long after a load, and how often, in milliseconds; a pause after each chunk leaves the page its time. */
const RECHECK = { afterMs: 10_000, everyMs: 24 * 3600 * 1000, pauseMs: 20 } as const;

/** Checks a folder in the background, if that was not done for a day. Never fails; what it can't repair the next load will. */
export function recheckLater(url: string): void {
  const check = async () => {
    const store = await openWeightStore();
    const name = url.endsWith('/') ? url : `${url}/`;
    const record = await store.records.get<FolderRecord>(folderKey(name));
    // What was just downloaded was checked on its way in.
    const last = record && (record.checkedAt ?? record.storedAt);
    if (last === undefined) return;
    const since = Date.now() - last;
    // A clock that was set back says nothing.
    if (since >= 0 && since < RECHECK.everyMs) return;
    await checkFolder({ store, url: name, pauseMs: RECHECK.pauseMs });
  };
  setTimeout(() => void check().catch(() => undefined), RECHECK.afterMs);
}
