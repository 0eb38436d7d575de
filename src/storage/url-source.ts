/**
 * A model folder behind a URL, kept on this device: the first read downloads a file, later reads take the stored
 * one after asking the server (with a HEAD request) whether it is still the same. Offline the stored one is used.
 */
import { E2PError } from '../error.ts';
import type { FileSource, OpenFile, ReadOptions } from './file-source.ts';
import type { StoredFile, WeightStore } from './weight-store.ts';

export interface UrlSourceOptions {
  /** Absolute URL of the folder. */
  readonly base: string;
  readonly store: WeightStore;
  readonly fetch?: typeof fetch;
}

export function createUrlSource({ base, store, fetch = globalThis.fetch }: UrlSourceOptions): FileSource {
  const folder = base.endsWith('/') ? base : `${base}/`;
  const blob = (path: string, options?: ReadOptions) =>
    readUrl(new URL(path, folder).href, path, { store, fetch, ...options });
  return {
    name: base,
    read: async (path, options) => {
      const file = await blob(path, options);
      return file && new Uint8Array(await file.arrayBuffer());
    },
    open: async (path, options) => {
      const file = await blob(path, options);
      return file && openBlob(file);
    },
  };
}

function openBlob(data: Blob): OpenFile {
  const read = async (offset: number, length: number) =>
    new Uint8Array(await data.slice(offset, offset + length).arrayBuffer());
  return { size: data.size, read, data };
}

export interface ReadUrlOptions extends ReadOptions {
  readonly store: WeightStore;
  readonly fetch: typeof fetch;
}

/**
 * The file behind a URL, from the device where they are there and current.
 * @param file how progress and errors call it
 * @returns undefined where the server has no such file
 * @throws E2PError `network` with the status, `quota-exceeded`, `storage-failed`.
 */
export async function readUrl(
  url: string,
  file: string,
  { store, fetch, signal, onProgress }: ReadUrlOptions,
): Promise<Blob | undefined> {
  const stored = await store.get(url);
  if (stored === 'absent') {
    if (isOffline()) return undefined;
  } else if (stored !== undefined && (await isCurrent(stored, url, fetch, signal))) {
    const { size } = stored.record;
    onProgress?.({ file, loaded: size, total: size, cached: true });
    return stored.blob;
  }
  let response: Response;
  try {
    response = await fetch(url, signal ? { signal } : {});
  } catch (cause) {
    signal?.throwIfAborted();
    throw new E2PError('network', `${url} could not be fetched: ${(cause as Error).message}`, { cause });
  }
  if (isMissing(response)) {
    await store.putAbsent(url);
    return undefined;
  }
  if (!response.ok || response.body === null) {
    throw new E2PError('network', `${url} answered ${response.status} ${response.statusText}, expected 200`);
  }
  const length = response.headers.get('content-encoding') ? null : response.headers.get('content-length');
  const total = length === null ? undefined : Number(length);
  let loaded = 0;
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        loaded += chunk.length;
        onProgress?.({ file, loaded, total, cached: false });
        controller.enqueue(chunk);
      },
      flush(controller) {
        if (total === undefined || loaded === total) return;
        const message = `${url} ended after ${loaded} bytes, expected ${total}`;
        controller.error(new E2PError('network', message));
      },
    }),
  );
  try {
    return (await store.put(url, versionOf(response), counted)).blob;
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof E2PError) throw cause;
    throw new E2PError('network', `${url} broke off after ${loaded} bytes: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Single-page servers answer an unknown path with their start page. */
function isMissing(response: Response): boolean {
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  return response.status === 404 || response.status === 410 || (response.ok && isPage);
}

/** Known to be offline: a request would fail anyway, and show up as an error in the console. */
const isOffline = () => globalThis.navigator?.onLine === false;

async function isCurrent(
  stored: StoredFile,
  url: string,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (isOffline()) return true;
  try {
    const head = await fetch(url, { method: 'HEAD', cache: 'no-cache', ...(signal && { signal }) });
    if (!head.ok) return true;
    const version = versionOf(head);
    return version === undefined || version === stored.record.version;
  } catch {
    // Offline, or a server without HEAD: what is stored is complete and will do.
    signal?.throwIfAborted();
    return true;
  }
}

function versionOf({ headers }: Response): string | undefined {
  return headers.get('etag') ?? headers.get('last-modified') ?? undefined;
}
