/** The work of the training worker. */
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createWebRuntime, type WebRuntimeRequest } from '../runtime/web-runtime.ts';
import { handedSource } from '../storage/handed-files.ts';
import { train } from '../train/train.ts';
import type { LoadedFiles } from './load-files.ts';
import type { FromTrainer, TrainData } from './train-protocol.ts';

export interface Opened {
  readonly model: BaseModel;
  readonly runtime: Runtime;
}

export async function openForTraining(
  { name, files, dtypes, device, binaries }: LoadedFiles,
  onThreads: WebRuntimeRequest['onThreads'],
  signal: AbortSignal,
): Promise<Opened> {
  const model = await loadBaseModel({ source: handedSource(name, files), dtypes, signal });
  const { activationType, operators } = model.facts;
  const { attention } = model.config;
  const runtime = await createWebRuntime({
    device,
    activationType,
    attention,
    operators,
    onThreads,
    binaries,
  });
  return { model, runtime };
}

export async function trainOpened(
  opened: Opened,
  { init, ...data }: TrainData,
  signal: AbortSignal,
  send: (message: FromTrainer) => void,
): Promise<void> {
  const { projector, report } = await train({
    ...opened,
    ...data,
    init: init && readProjector(init.bytes, init.name),
    signal,
    onProgress: (progress) => send({ type: 'progress', progress }),
    onCheckpoint: (bytes, step) => send({ type: 'checkpoint', bytes, step }),
  });
  send({ type: 'done', projector: writeProjector(projector), report });
}
