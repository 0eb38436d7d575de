/** The dedicated worker: one personalizer, its sessions by number, and the requests that are under way. */
import { E2PError } from '../error.ts';
import type { LocalPersonalizer } from '../generate/personalizer.ts';
import type { LocalSession } from '../generate/session.ts';
import { allowsImport, allowsWorkers } from './content-policy.ts';
import { loadPersonalizer } from './load.ts';
import { probePolicy } from './policy-probe.ts';
import { describePrivacy, type ExitState } from './privacy.ts';
import {
  type CreateParams,
  type CreateResult,
  type LoadProgress,
  type PageMessage,
  type Request,
  toWireError,
  type WorkerMessage,
} from './protocol.ts';
import { sealExits } from './seal.ts';

let personalizer: LocalPersonalizer | undefined;
const sessions = new Map<number, LocalSession>();
const running = new Map<number, AbortController>();
let nextSession = 1;

const send = (message: WorkerMessage) => globalThis.postMessage(message);

globalThis.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => {
  if ('abort' in data) running.get(data.abort)?.abort();
  else void answer(data);
});

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
    return open(request.params, signal, (progress) => send({ id, type: 'progress', progress }));
  }
  const current = personalizer;
  if (current === undefined) throw new E2PError('destroyed', 'no personalizer was created in this worker');
  switch (request.op) {
    case 'setUser':
      return current.user.set(request.params);
    case 'clearUser':
      return current.user.clear();
    case 'forgetUser':
      return current.forget();
    case 'createSession':
      return keep(await current.createSession(request.params));
    case 'cloneSession':
      return keep(await session(request.params).clone());
    case 'destroySession': {
      const ended = sessions.get(request.params);
      sessions.delete(request.params);
      return ended?.destroy();
    }
    case 'generate': {
      const { session: number, input, options } = request.params;
      const onText = (text: string) => send({ id, type: 'text', text });
      const result = await session(number).generate(input, { ...options, signal, onText });
      return { result, device: current.device };
    }
    case 'destroy':
      sessions.clear();
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
  const mayThread = policy === undefined || allowsWorkers(policy);
  const {
    personalizer: created,
    storage,
    threads,
  } = await loadPersonalizer(params, mayThread, signal, onProgress);
  const canImport = policy === undefined || allowsImport(policy);
  const exits: ExitState[] = [
    { name: 'import()', ...(canImport ? { state: 'open', by: 'nothing' } : { state: 'shut', by: 'policy' }) },
    ...sealExits(),
  ];
  personalizer = created;
  const { device, model, space } = created;
  return { device, model, space, storage, privacy: describePrivacy(exits, policy, threads) };
}

function keep(created: LocalSession): number {
  const number = nextSession++;
  sessions.set(number, created);
  return number;
}

function session(number: number): LocalSession {
  const found = sessions.get(number);
  if (found === undefined) throw new E2PError('destroyed', 'the session was destroyed');
  return found;
}
