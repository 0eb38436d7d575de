/**
 * The training worker: born like the engine, it brings up a model from files that were handed over, and trains one projector on the users and
 * examples that are posted to it, or one embedding on its person's feedback. `birth.ts` is imported before any code of others (`gate.test.ts` sees to it).
 */

import { E2PError } from '../error.ts';
import { isHelperThread, runHelperThread } from '../runtime/helper-thread.ts';
import { connected, lookAround } from './birth.ts';
import { bringUpModel, type ModelOnDevice } from './bring-up-model.ts';
import { describePrivacy } from './privacy.ts';
import { toWireError } from './protocol.ts';
import type { FromTrainer, ToTrainer } from './train-protocol.ts';
import { learnOpened, trainOpened } from './training.ts';

const controller = new AbortController();
let opened: ModelOnDevice | undefined;

if (isHelperThread((globalThis as unknown as DedicatedWorkerGlobalScope).name)) {
  void runHelperThread(globalThis.location.hash);
} else {
  void connected.then((port) => {
    const send = (message: FromTrainer) => port.postMessage(message);
    port.addEventListener('message', ({ data }: MessageEvent<ToTrainer>) => {
      if (data.type === 'abort') return controller.abort();
      perform(data, send).catch((error: unknown) => send({ type: 'failed', error: toWireError(error) }));
    });
    port.start();
  });
}

async function perform(
  message: Exclude<ToTrainer, { readonly type: 'abort' }>,
  send: (message: FromTrainer) => void,
): Promise<void> {
  if (message.type === 'open') {
    const privacy = describePrivacy(await lookAround());
    send({ type: 'load', progress: { stage: 'device' } });
    opened = await bringUpModel(message.files, controller.signal);
    const { device, reason } = opened.runtime;
    return send({ type: 'ready', device: { device, reason }, privacy });
  }
  if (opened === undefined) throw new E2PError('destroyed', 'no model was loaded in this training worker');
  if (message.type === 'learn') return learnOpened(opened, message.data, controller.signal, send);
  await trainOpened(opened, message.data, controller.signal, send);
}
