/**
 * The dedicated worker: one personalizer and the requests that are under way. `engine-gate.ts` is imported
 * before any code of others (`gate.test.ts` sees to it).
 */
import { E2PError } from '../error.ts';
import type { LocalPersonalizer } from '../generate/personalizer.ts';
import { isHelperThread, runHelperThread } from '../runtime/helper-thread.ts';
import { allowsWorkers } from './content-policy.ts';
import { gate } from './engine-gate.ts';
import { loadPersonalizer } from './load.ts';
import { probePolicy } from './policy-probe.ts';
import { describePrivacy } from './privacy.ts';
import {
  type CreateParams,
  type CreateResult,
  type LoadProgress,
  type PageMessage,
  type Request,
  toWireError,
  type WorkerMessage,
} from './protocol.ts';

let personalizer: LocalPersonalizer | undefined;
const running = new Map<number, AbortController>();
let isOpened = false;

const send = (message: WorkerMessage) => globalThis.postMessage(message);

if (isHelperThread((globalThis as unknown as DedicatedWorkerGlobalScope).name)) {
  // It is sent what it computes with, and has nothing to fetch.
  gate.seal();
  void runHelperThread(globalThis.location.hash);
} else {
  globalThis.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => {
    if ('abort' in data) running.get(data.abort)?.abort();
    else void answer(data);
  });
}

async function answer(request: Request): Promise<void> {
  const { id } = request;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    send({ id, type: 'done', value: await perform(request, controller.signal) });
  } catch (error) {
    send({ id, type: 'failed', error: toWireError(error) });
  } finally {
    running.delete(id);
  }
}

async function perform(request: Request, signal: AbortSignal): Promise<unknown> {
  const { id } = request;
  if (request.op === 'create') {
    if (isOpened) throw new E2PError('sealed', 'this engine worker has loaded a model already');
    isOpened = true;
    return open(request.params, signal, (progress) => send({ id, type: 'progress', progress }));
  }
  const current = personalizer;
  if (current === undefined) throw new E2PError('destroyed', 'no personalizer was created in this worker');
  switch (request.op) {
    case 'setUser':
      return current.user.set(request.params);
    case 'endUser':
      return current.endUser(request.params);
    case 'createSession':
      return current.openSession(request.params);
    case 'cloneSession':
      return current.sessions.clone(request.params);
    case 'destroySession':
      return current.sessions.destroy(request.params);
    case 'generate': {
      const { session, input, options } = request.params;
      const onText = (text: string) => send({ id, type: 'text', text });
      const result = await current.sessions.generate(session, input, { ...options, signal, onText });
      return { result, device: current.device };
    }
    case 'destroy':
      return current.destroy();
  }
}

/** Loads everything, then shuts every way out. Only after that can anything personal come in. */
async function open(
  params: CreateParams,
  signal: AbortSignal,
  onProgress: (progress: LoadProgress) => void,
): Promise<CreateResult> {
  const policy = await probePolicy();
  const { personalizer: created, storage } = await loadPersonalizer(
    params,
    {
      threads: policy.enforced.every(allowsWorkers),
      onThreads: (bundle) => {
        gate.helpers.hint = bundle;
      },
    },
    signal,
    onProgress,
  );
  const privacy = describePrivacy(gate.seal(), policy, gate.helpers.strangers);
  personalizer = created;
  const { device, model, space } = created;
  return { device, model, space, storage, privacy };
}
