/** The work of the training worker, before the seal and behind it. */
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createWebRuntime, type WebRuntimeRequest } from '../runtime/web-runtime.ts';
import type { FetchProgress } from '../storage/file-source.ts';
import { createTotalProgress } from '../storage/total-progress.ts';
import { withUrlFolder } from '../storage/url-source.ts';
import { openWeightStore } from '../storage/weight-store.ts';
import { train } from '../train/train.ts';
import type { LoadProgress } from './protocol.ts';
import type { FromTrainer, OpenForTraining, TrainData } from './train-protocol.ts';

export interface Opened {
  readonly model: BaseModel;
  readonly runtime: Runtime;
}

/** May use the network, and knows nobody. */
export async function openForTraining(
  { model: url, dtype, device }: OpenForTraining,
  threading: Pick<WebRuntimeRequest, 'threads' | 'onThreads'>,
  signal: AbortSignal,
  onProgress: (progress: LoadProgress) => void,
): Promise<Opened> {
  const store = await openWeightStore();
  onProgress({ stage: 'storage', backend: store.backend, warning: store.warning });
  const total = createTotalProgress();
  const read = {
    signal,
    onProgress: (file: FetchProgress) => onProgress({ stage: 'file', ...file, all: total(file) }),
  };
  // float16 overflows in a backward pass more easily than in the forward one, so it comes last.
  const dtypes = dtype === 'auto' ? (['q4', 'fp32', 'fp16', 'q4f16'] as const) : [dtype];
  const model = await withUrlFolder({ url, store, ...read }, (source) =>
    loadBaseModel({ source, dtypes, ...read }),
  );
  onProgress({ stage: 'device' });
  const runtime = await createWebRuntime({
    device,
    activationType: model.facts.activationType,
    attention: model.config.attention,
    operators: model.facts.operators,
    ...threading,
  });
  // onnxruntime fetches its WASM with the first session.
  await model.embeddingRms(runtime);
  return { model, runtime };
}

/** Needs nothing from outside any more. */
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
