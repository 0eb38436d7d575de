/**
 * The training worker: loads a model, seals itself like the engine worker, then trains one projector on the users and examples that
 * are posted to it. `engine-gate.ts` is imported before any code of others (`gate.test.ts` sees to it).
 */
import { E2PError } from '../error.ts';
import { isHelperThread, runHelperThread } from '../runtime/helper-thread.ts';
import { allowsWorkers } from './content-policy.ts';
import { gate } from './engine-gate.ts';
import { probePolicy } from './policy-probe.ts';
import { describePrivacy } from './privacy.ts';
import { toWireError } from './protocol.ts';
import type { FromTrainer, OpenForTraining, ToTrainer, TrainData } from './train-protocol.ts';
import { type Opened, openForTraining, trainOpened } from './training.ts';

const controller = new AbortController();
let opened: Opened | undefined;

const send = (message: FromTrainer) => globalThis.postMessage(message);

if (isHelperThread((globalThis as unknown as DedicatedWorkerGlobalScope).name)) {
  gate.seal();
  void runHelperThread(globalThis.location.hash);
} else {
  globalThis.addEventListener('message', ({ data }: MessageEvent<ToTrainer>) => {
    if (data.type === 'abort') return controller.abort();
    const work = data.type === 'open' ? open(data.params) : run(data.data);
    work.catch((error: unknown) => send({ type: 'failed', error: toWireError(error) }));
  });
}

async function open(params: OpenForTraining): Promise<void> {
  const policy = await probePolicy();
  const threading = {
    threads: policy.enforced.every(allowsWorkers),
    onThreads: (bundle: 'jspi' | 'wasm') => {
      gate.helpers.hint = bundle;
    },
  };
  opened = await openForTraining(params, threading, controller.signal, (progress) =>
    send({ type: 'load', progress }),
  );
  const privacy = describePrivacy(gate.seal(), policy, gate.helpers.strangers);
  const { device, reason } = opened.runtime;
  send({ type: 'ready', device: { device, reason }, privacy });
}

async function run(data: TrainData): Promise<void> {
  if (opened === undefined) throw new E2PError('destroyed', 'no model was loaded in this training worker');
  await trainOpened(opened, data, controller.signal, send);
}
