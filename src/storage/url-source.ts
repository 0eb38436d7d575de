/**
 * A model folder behind a URL, kept on this device. A load sees one version of it from the first file to the last: it works on
 * what the server lists (or on what was stored, where the server can't be reached), and what it read becomes the stored version
 * only when all of it has arrived and been checked. Until then the version before stays as it is.
 */
import { E2PError, type E2PErrorCode } from '../error.ts';
import { type DownloadOptions, fillFile, type StoredFile, streamFile } from './download-file.ts';
import { type Network, StartOver } from './fetch-bytes.ts';
import { fetched, finishedPart, recordOf, revisionOf } from './file-facts.ts';
import {
  type FetchProgress,
  type FileSource,
  type MadeFile,
  openBlob,
  type ReadOptions,
} from './file-source.ts';
import { type FolderListing, fetchListing, type ListedFile } from './folder-listing.ts';
import { isUnchanged } from './is-unchanged.ts';
import { keepMade } from './keep-made.ts';
import { headOfFile, type Peek, sizeOfFile } from './peek-file.ts';
import { createReserve } from './quota.ts';
import { clearUnused } from './stored-folders.ts';
import { hold, whileLoading } from './tab-locks.ts';
import { everySoOften } from './total-progress.ts';
import { type FileRecord, type FolderRecord, folderKey, oldKey, partKey } from './weight-records.ts';
import type { WeightStore } from './weight-store.ts';

export interface UrlFolderOptions extends ReadOptions {
  /** Absolute URL of the folder, or with `single` of one file. */
  readonly url: string;
  /** The URL is of one file; its folder has no say. */
  readonly single?: boolean;
  readonly store: WeightStore;
  /** Hex SHA-256 that `e2p-manifest.json` must have. */
  readonly manifestSha256?: string | undefined;
  /** Which other folders may be deleted to make room. Default none. */
  readonly evict?: readonly string[] | 'any' | undefined;
  readonly network?: Partial<Network> | undefined;
  /** `navigator.storage.estimate`, for tests. */
  readonly estimate?: (() => Promise<StorageEstimate>) | undefined;
}

/**
 * Gives `work` the folder's files; what it read is stored when it succeeds. Other tabs that want the same folder wait.
 * @throws E2PError `network`, `integrity`, `invalid-manifest`, `quota-exceeded`, `storage-failed`; what `work` throws.
 */
export async function withUrlFolder<T>(
  options: UrlFolderOptions,
  work: (source: FileSource) => Promise<T>,
): Promise<T> {
  const url = options.single || options.url.endsWith('/') ? options.url : `${options.url}/`;
  return whileLoading(url, options, async (announce) => {
    const onProgress = everySoOften((progress: FetchProgress) => {
      options.onProgress?.(progress);
      announce(progress);
    });
    let load = await FolderLoad.begin({ ...options, url, onProgress });
    for (let anew = 0, isFresh = false; ; anew++) {
      try {
        const result = await work(load.source);
        await load.publish();
        return result;
      } catch (error) {
        // The server may have got a new version since the listing was read.
        const code = error instanceof E2PError ? error.code : undefined;
        if (anew === LISTED_ANEW) throw error;
        if (code === 'integrity' && load.listed) {
          const again = await FolderLoad.begin({ ...options, url, onProgress });
          if (again.revision === load.revision) throw error;
          load = again;
        } else if (code !== undefined && UNREADABLE.includes(code) && load.isDoubtful && !isFresh) {
          // What lies here may have come cut short; once more, all of it from the server.
          isFresh = true;
          load = await FolderLoad.begin({ ...options, url, onProgress }, true);
        } else throw error;
      }
    }
  });
}

/** How often a load begins again: a server with two versions at once would keep it for ever. */
const LISTED_ANEW = 3;

/** What a file is called that does not parse. */
const UNREADABLE: readonly E2PErrorCode[] = [
  'invalid-model',
  'invalid-tokenizer',
  'invalid-onnx',
  'invalid-projector',
];

/** Bytes of a configuration, a tokenizer or a template, all of which is read into memory. */
const LONGEST_TEXT = 64 * 2 ** 20;

/** One load of one version of a folder. */
class FolderLoad {
  readonly source: FileSource;
  readonly #options: UrlFolderOptions;
  readonly #network: Network;
  readonly #stored: FolderRecord | undefined;
  #release: (() => void) | undefined;
  readonly #listing: FolderListing | undefined;
  /** The server can't be reached, so what is stored is all there is. */
  readonly #offline: boolean;
  /** Nothing is taken from this device that was only known by its length. */
  readonly #isFresh: boolean;
  readonly #files = new Map<string, Promise<StoredFile | undefined>>();
  /** Files of this device, taken with no digest to vouch for them. */
  readonly #unproven: string[] = [];
  /** What the server answered 403 for. */
  readonly #forbidden = new Set<string>();
  readonly #reserve: (bytes: number) => Promise<void>;

  private constructor(
    options: UrlFolderOptions,
    network: Network,
    stored: FolderRecord | undefined,
    listing: FolderListing | undefined,
    offline: boolean,
    isFresh: boolean,
  ) {
    this.#options = options;
    this.#isFresh = isFresh;
    this.#network = network;
    this.#stored = stored;
    this.#listing = listing;
    this.#offline = offline;
    this.#reserve = createReserve(options);
    const file = (path: string, read: ReadOptions | undefined, most?: number) =>
      this.#file(path, { ...options, ...read }, most);
    this.source = {
      name: options.url,
      ...(listing && { list: async () => Object.keys(listing.files) }),
      size: (path, read) => sizeOfFile(this.#peek(path, read)),
      head: (path, length, read) => headOfFile(this.#peek(path, read), length),
      whyMissing: (path) =>
        this.#forbidden.has(path) ? 'the server answered 403, as some do for what is not there' : undefined,
      read: async (path, read) => {
        const found = await file(path, read, /\.(json|jinja|txt)$/.test(path) ? LONGEST_TEXT : undefined);
        return found && new Uint8Array(await found.blob.arrayBuffer());
      },
      open: async (path, read) => {
        const found = await file(path, read);
        return found && openBlob(found.blob);
      },
      make: async (made, read) => openBlob((await this.#make(made, { ...options, ...read })).blob),
    };
  }

  static async begin(options: UrlFolderOptions, isFresh = false): Promise<FolderLoad> {
    const { url, store, signal, manifestSha256 } = options;
    const network: Network = { fetch: (...call) => globalThis.fetch(...call), ...options.network };
    const stored = await store.records.get<FolderRecord>(folderKey(url));
    const release = stored && (await hold(stored.id));
    const begun = (listing: FolderListing | undefined, offline: boolean) => {
      const load = new FolderLoad(options, network, stored, listing, offline, isFresh);
      load.#release = release;
      return load;
    };
    if (stored !== undefined && isOffline()) return begun(undefined, true);
    if (options.single) return begun(undefined, false);
    try {
      // With something stored there is no need to insist.
      const attempts = stored === undefined ? 2 : 1;
      const hadManifest = Object.values(stored?.files ?? {}).some(({ verified }) => verified === 'manifest');
      const listing = await fetchListing(url, {
        ...{ network: { ...network, attempts }, signal, manifestSha256, hadManifest },
      });
      return begun(listing, false);
    } catch (error) {
      signal?.throwIfAborted();
      const isDown = error instanceof E2PError && error.code === 'network';
      if (!isDown || stored === undefined) throw error;
      if (manifestSha256 !== undefined && stored.revision !== manifestSha256.toLowerCase()) throw error;
      return begun(undefined, true);
    }
  }

  get listed(): boolean {
    return this.#listing !== undefined;
  }

  get revision(): string | undefined {
    return this.#listing?.revision;
  }

  /** Whether something was taken as it lay here, without a digest, and the server can be asked for it again. */
  get isDoubtful(): boolean {
    return this.#unproven.length > 0 && !this.#offline;
  }

  #peek(path: string, read: Pick<ReadOptions, 'signal'> | undefined): Peek {
    const { url, ...options } = { ...this.#options, ...read };
    return {
      ...options,
      url: fileUrl(this.#listing?.base ?? url, path),
      listed: this.#listing && (this.#listing.files[path]?.size ?? 'absent'),
      ...{ network: this.#network, stored: this.#stored?.files[path], offline: this.#offline },
    };
  }

  #file(path: string, read: ReadOptions, most: number | undefined): Promise<StoredFile | undefined> {
    let file = this.#files.get(path);
    if (file === undefined) {
      file = this.#find(path, read, most).catch((error) => {
        // The listing, or what is stored, does not fit the server any more.
        if (error instanceof StartOver) throw new E2PError('integrity', error.message, { cause: error });
        throw error;
      });
      this.#files.set(path, file);
      // A file that failed may be asked for again.
      file.catch(() => this.#files.delete(path));
    }
    return file;
  }

  async #find(path: string, read: ReadOptions, most: number | undefined): Promise<StoredFile | undefined> {
    const { store, url: folder, signal, onProgress } = this.#options;
    const listed = this.#listing?.files[path];
    if (this.#listing !== undefined && listed === undefined) return undefined;
    const url = fileUrl(this.#listing?.base ?? folder, path);
    const options: DownloadOptions = {
      url,
      file: path,
      folder,
      store,
      network: this.#network,
      most,
      reserve: (bytes) => this.#reserve(bytes + this.#siblingBytes(path)),
      signal: read.signal ?? signal,
      onProgress: read.onProgress ?? onProgress,
    };
    const stored = this.#stored?.files[path];
    // Of a fresh load only what a digest vouches for.
    const isTrusted = !this.#isFresh || (stored !== undefined && stored.verified !== 'length');
    const known = isTrusted ? (stored ?? (await finishedPart(url, store))) : undefined;
    if (!isTrusted) await store.records.delete([partKey(url)]);
    const size = listed?.size ?? 0;
    if (most !== undefined && size > most) {
      throw new E2PError('network', `${url} has ${size} bytes, expected no more than ${most}`);
    }
    if (this.#offline) return known && fillFile(known, options);
    if (listed?.chunks !== undefined) return fillFile(recordOf(listed), options);
    if (known !== undefined && (await this.#isCurrent(known, listed, options))) {
      if (known.verified === 'length') this.#unproven.push(path);
      return fillFile(known, options);
    }
    return streamFile(listed, options).catch((error) => {
      // Object stores answer so for what is not there.
      const isAbsent = error instanceof E2PError && error.status === 403 && listed === undefined;
      if (known !== undefined || !isAbsent) throw error;
      this.#forbidden.add(path);
      return undefined;
    });
  }

  #make(made: MadeFile, { signal, onProgress }: ReadOptions): Promise<StoredFile> {
    const { store, url: folder } = this.#options;
    const file = (async () => {
      const sources = await Promise.all(made.from.map((path) => this.#files.get(path)!));
      return keepMade(made, {
        url: fileUrl(this.#listing?.base ?? folder, made.path),
        file: made.path,
        known: this.#stored?.files[made.path],
        sources: sources.map((source) => source!.record),
        ...{ folder, store, signal, onProgress, reserve: this.#reserve },
      });
    })();
    this.#files.set(made.path, file);
    file.catch(() => this.#files.delete(made.path));
    return file;
  }

  /** Bytes of the weights beside a graph (`model.onnx_data` …), which will be asked for next: room for all or none. */
  #siblingBytes(path: string): number {
    const siblings = Object.entries(this.#listing?.files ?? {}).filter(([p]) => p.startsWith(`${path}_data`));
    return siblings.reduce((sum, [p, { size }]) => sum + (this.#files.has(p) ? 0 : size), 0);
  }

  async #isCurrent(
    known: FileRecord,
    listed: ListedFile | undefined,
    options: DownloadOptions,
  ): Promise<boolean> {
    if (listed?.digest !== undefined) {
      // The commit may be another and the file the same.
      if (listed.digest.kind === 'sha256') return listed.digest.hex === known.sha256;
      return this.#stored?.revision === this.#listing?.revision && listed.size === known.size;
    }
    return isUnchanged(known, options);
  }

  /** Makes what was read the stored version, in one step. */
  async publish(): Promise<void> {
    const { store, url } = this.#options;
    const used: Record<string, FileRecord> = {};
    for (const [path, promise] of this.#files) {
      const file = await promise.catch(() => undefined);
      if (file !== undefined) used[path] = file.record;
    }
    const stored = this.#stored;
    const same =
      stored !== undefined &&
      (this.#listing === undefined
        ? fetched(used).every(([path, { chunks }]) => String(chunks) === String(stored.files[path]?.chunks))
        : this.#listing.revision === stored.revision);
    const usedAt = Date.now();
    if (same) {
      // Files of another load, such as a larger variant, are of the same version and stay.
      const record = { ...stored, files: { ...stored.files, ...used }, usedAt };
      await store.records.set([[folderKey(url), record]]);
    } else {
      const revision = this.#listing?.revision ?? (await revisionOf(used));
      const record = {
        id: crypto.randomUUID(),
        url,
        base: this.#listing?.base ?? url,
        revision,
        files: used,
        storedAt: usedAt,
        usedAt,
      };
      await hold(record.id);
      await store.records.set([
        [folderKey(url), record],
        ...(stored === undefined ? [] : [[oldKey(stored.id), stored] as const]),
      ]);
      // From here on this load needs the version before no more; somebody else may.
      this.#release?.();
    }
    const base = this.#listing?.base ?? url;
    await store.records.delete(Object.keys(used).map((path) => partKey(fileUrl(base, path))));
    await clearUnused(store);
  }
}

/** Known to be offline: a request would fail anyway, and show up as an error in the console. */
const isOffline = () => globalThis.navigator?.onLine === false;

/** The URL of a file in a folder; a base that doesn't end in a slash is the file itself. */
export function fileUrl(base: string, path: string): string {
  return base.endsWith('/') ? new URL(path.split('/').map(encodeURIComponent).join('/'), base).href : base;
}
