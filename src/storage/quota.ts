/**
 * Room for weights: asked before the first byte of a file, with numbers. Other folders go only if the app allowed it, the
 * one that was not used for the longest time first, and never one that a tab holds.
 */
import { E2PError } from '../error.ts';
import { deleteFolder, listFolders } from './stored-folders.ts';
import type { WeightStore } from './weight-store.ts';

/** Makes room for that many bytes. @throws E2PError `quota-exceeded` with the numbers. */
export type Reserve = (bytes: number) => Promise<void>;

export interface ReserveOptions {
  readonly store: WeightStore;
  /** The folder that is being loaded, which never goes. */
  readonly url: string;
  /** URLs of folders that may go, or all of them. Default none. */
  readonly evict?: readonly string[] | 'any' | undefined;
  /** `navigator.storage.estimate`; a seam for tests. */
  readonly estimate?: (() => Promise<StorageEstimate>) | undefined;
}

export function createReserve({ store, url, evict = [], estimate = askBrowser }: ReserveOptions): Reserve {
  return async (bytes) => {
    if (store.backend === 'memory' || bytes === 0) return;
    let free = await freeBytes(estimate);
    if (bytes <= free) return;
    const others = (await listFolders(store)).filter((f) => f.url !== url && !f.held);
    const mayGo = others
      .filter((f) => evict === 'any' || evict.includes(f.url))
      .sort((a, b) => a.usedAt.getTime() - b.usedAt.getTime());
    const freeable = mayGo.reduce((sum, f) => sum + f.bytes, 0);
    if (bytes <= free + freeable) {
      for (const folder of mayGo) {
        await deleteFolder(folder.url, store);
        free = await freeBytes(estimate);
        if (bytes <= free) return;
      }
    }
    throw quotaExceeded(url, { needed: bytes, free, freeable });
  };
}

interface Room {
  readonly needed: number;
  readonly free: number;
  readonly freeable: number;
}

const quotaExceeded = (url: string, { needed, free, freeable }: Room) =>
  new E2PError(
    'quota-exceeded',
    `${url} does not fit the browser's storage: it needs ${needed} bytes, ${free} are free and ${freeable} could be ` +
      'freed by deleting what the app allowed',
  );

/** A failed write as a typed error; whatever else was thrown is passed on. */
export async function describeStorageError(cause: unknown, url: string): Promise<unknown> {
  if (!(cause instanceof DOMException) || cause.name === 'AbortError') return cause;
  if (cause.name === 'QuotaExceededError') {
    // Chromium reports more than there is, so that nobody can be told apart by their disk.
    const why = `a write was refused, ${await freeBytes(askBrowser)} bytes are reported free`;
    return new E2PError('quota-exceeded', `${url} does not fit the browser's storage: ${why}`, { cause });
  }
  const message = `${url} could not be stored: ${cause.name}, ${cause.message}`;
  return new E2PError('storage-failed', message, { cause });
}

async function freeBytes(estimate: () => Promise<StorageEstimate>): Promise<number> {
  const { quota = Number.POSITIVE_INFINITY, usage = 0 } = await estimate();
  return Math.max(0, quota - usage);
}

/** Nothing known (an old browser, Node) counts as room enough; a write still tells. */
const askBrowser = async (): Promise<StorageEstimate> =>
  (await globalThis.navigator?.storage?.estimate?.().catch(() => ({}))) ?? {};
