/**
 * From a loader to an engine with the model in it. The loader keeps what the engine finds out about the device, and that a model is being brought
 * up, in case the tab is killed at it. Where a GPU computes float16 wrongly, the files of another precision are loaded, once.
 */
import { E2PError } from '../error.ts';
import { leaveBringUp, prepareToLeave } from '../storage/device-notes.ts';
import type { LoadedFiles } from './load-files.ts';
import type { CreateResult, LoadParams, WorkerMessage } from './protocol.ts';
import type { Place } from './sealed-frame.ts';
import type { WorkerLink } from './worker-link.ts';

export interface CreateEngine {
  readonly loader: WorkerLink;
  readonly params: LoadParams;
  readonly openEngine: (place: Place) => Promise<WorkerLink>;
  readonly signal: AbortSignal | undefined;
  readonly onMessage: (message: WorkerMessage) => void;
}

export interface CreatedEngine {
  readonly loaded: LoadedFiles;
  readonly link: WorkerLink;
  readonly created: CreateResult;
}

/** @throws what the load or the engine failed with; no engine is open then */
export async function createEngine(how: CreateEngine, isSecond = false): Promise<CreatedEngine> {
  const { loader, params, signal, onMessage } = how;
  const loaded = await loader.call('load', { ...params, isSecond }, { signal, onMessage });
  const { bringUp: id = '' } = loaded;
  // A page that somebody leaves has no time to ask the loader.
  const leave = () => leaveBringUp(id);
  globalThis.addEventListener?.('pagehide', leave);
  void prepareToLeave();
  let created: CreatedEngine | undefined;
  try {
    created = await bringUp(loaded, how);
  } finally {
    globalThis.removeEventListener?.('pagehide', leave);
    await loader.call('endBringUp', id).catch(() => undefined);
  }
  return created ?? createEngine(how, true);
}

/** Undefined where files of another precision may do. */
async function bringUp(
  loaded: LoadedFiles,
  { loader, openEngine, signal, onMessage: tell }: CreateEngine,
): Promise<CreatedEngine | undefined> {
  const link = await openEngine(loaded.place);
  let isWrong = false;
  const onMessage = (message: WorkerMessage) => {
    tell(message);
    if (message.type !== 'found') return;
    const { key, found } = message;
    isWrong ||= found === 0;
    void loader.call('keepFinding', { key, found }).catch(() => undefined);
  };
  try {
    const transfer = Object.values(loaded.binaries);
    return { loaded, link, created: await link.call('create', loaded, { signal, onMessage, transfer }) };
  } catch (error) {
    link.close(new E2PError('destroyed', 'the personalizer could not be created'));
    const isFaulty = error instanceof E2PError && error.code === 'backend-faulty';
    if (isFaulty && isWrong && loaded.canReload) return undefined;
    throw error;
  }
}
