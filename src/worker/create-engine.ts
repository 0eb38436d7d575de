/**
 * From a loader to an engine with the model in it. The loader keeps what the engine finds out about the device, and that a model is being brought
 * up, in case the tab is killed at it. Where a GPU computes float16 wrongly, the files of another precision are loaded, once.
 */
import { E2PError } from '../error.ts';
import { webgpuObstacle } from '../runtime/device-choice.ts';
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
  const early = openEarly(how);
  let loaded: LoadedFiles;
  try {
    loaded = await loader.call('load', { ...params, isSecond }, { signal, onMessage });
  } catch (error) {
    early.drop();
    throw error;
  }
  const { bringUp: id = '' } = loaded;
  // A page that somebody leaves has no time to ask the loader.
  const leave = () => leaveBringUp(id);
  globalThis.addEventListener?.('pagehide', leave);
  void prepareToLeave();
  let created: CreatedEngine | undefined;
  try {
    created = await bringUp(loaded, await early.take(loaded.place), how);
  } finally {
    globalThis.removeEventListener?.('pagehide', leave);
    await loader.call('endBringUp', id).catch(() => undefined);
  }
  return created ?? createEngine(how, true);
}

/**
 * An engine that starts while files are read, which takes as long where they are kept: where it will most likely be wanted. In the other place it is
 * only for models of float16 alone on a GPU without that.
 */
function openEarly({ params, openEngine }: Pick<CreateEngine, 'params' | 'openEngine'>) {
  const opening = guessPlace(params).then(async (place) => ({ place, link: await openEngine(place) }));
  const drop = () =>
    void opening.then(
      ({ link }) => link.close(notCreated()),
      () => undefined,
    );
  return {
    drop,
    take: async (wanted: Place): Promise<WorkerLink> => {
      const { place, link } = await opening;
      if (place === wanted) return link;
      drop();
      return openEngine(wanted);
    },
  };
}

async function guessPlace({ device }: LoadParams): Promise<Place> {
  const isGpu =
    device !== 'wasm' && (await webgpuObstacle(globalThis.navigator?.gpu, 'float32')) === undefined;
  return isGpu ? 'same-origin' : 'opaque';
}

const notCreated = () => new E2PError('destroyed', 'the personalizer could not be created');

/** Undefined where files of another precision may do. */
async function bringUp(
  loaded: LoadedFiles,
  link: WorkerLink,
  { loader, signal, onMessage: tell }: CreateEngine,
): Promise<CreatedEngine | undefined> {
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
    link.close(notCreated());
    const isFaulty = error instanceof E2PError && error.code === 'backend-faulty';
    if (isFaulty && isWrong && loaded.canReload) return undefined;
    throw error;
  }
}
