/**
 * Several tabs, one storage. One tab loads a folder, the others wait and see its progress; a version of a folder that somebody
 * has loaded is held, and not removed. On the Web Locks API, which lets go by itself when a tab is closed or dies; where there is
 * none (Node), there is nobody else either.
 */
import type { FetchProgress } from './file-source.ts';
import { WEIGHTS } from './weights-name.ts';

export const holdName = (id: string): string => `${WEIGHTS} hold ${id}`;
const loadName = (url: string): string => `${WEIGHTS} load ${url}`;

const locks = (): LockManager | undefined => globalThis.navigator?.locks;

export interface LoadLockOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
}

/**
 * Runs `work` while no other tab loads the same folder. `announce` tells those that wait how far it is.
 * @throws the signal's reason, also while waiting.
 */
export async function whileLoading<T>(
  url: string,
  { signal, onProgress }: LoadLockOptions,
  work: (announce: (progress: FetchProgress) => void) => Promise<T>,
): Promise<T> {
  const manager = locks();
  if (manager === undefined) return work(() => undefined);
  const channel = new BroadcastChannel(loadName(url));
  try {
    channel.onmessage = ({ data }: MessageEvent<FetchProgress>) => onProgress?.({ ...data, elsewhere: true });
    return await manager.request(loadName(url), { ...(signal && { signal }) }, () => {
      channel.onmessage = null;
      return work((progress) => channel.postMessage(progress));
    });
  } finally {
    channel.close();
  }
}

/**
 * Keeps a version of a folder from being removed, as long as this page or worker lives.
 * @returns what lets go of it earlier
 */
export function hold(id: string): Promise<() => void> {
  return new Promise((resolve) => {
    const manager = locks();
    if (manager === undefined) return resolve(() => undefined);
    void manager
      .request(holdName(id), { mode: 'shared' }, () => new Promise<void>((release) => resolve(release)))
      // A page that is being closed.
      .catch(() => resolve(() => undefined));
  });
}

/** Runs `work` if no page or worker holds the version; else does nothing. */
export async function ifNobodyHolds(id: string, work: () => Promise<void>): Promise<void> {
  const manager = locks();
  if (manager === undefined) return work();
  await manager.request(holdName(id), { ifAvailable: true }, async (lock) => {
    if (lock !== null) await work();
  });
}

/** Names of the locks that somebody has. */
export async function heldNames(): Promise<ReadonlySet<string>> {
  const { held = [] } = (await locks()?.query()) ?? {};
  return new Set(held.map(({ name = '' }) => name));
}
