/** The work of the training worker. */
import { readProjector, writeProjector } from '../projector/projector.ts';
import { readyProjector } from '../projector/ready-projector.ts';
import { adaptEmbedding } from '../train/adapt-embedding.ts';
import { train } from '../train/train.ts';
import type { ModelOnDevice } from './bring-up-model.ts';
import type { FeedbackData, FromTrainer, TrainData } from './train-protocol.ts';

export async function trainOpened(
  opened: ModelOnDevice,
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

export async function learnOpened(
  opened: ModelOnDevice,
  { projector, ...data }: FeedbackData,
  signal: AbortSignal,
  send: (message: FromTrainer) => void,
): Promise<void> {
  try {
    const { values, report } = await adaptEmbedding({
      ...opened,
      ...data,
      projector: await readyProjector(projector, opened.model, opened.runtime),
      signal,
      onProgress: (progress) => send({ type: 'learning', progress }),
    });
    send({ type: 'learnt', values, report });
    values?.fill(0);
  } finally {
    data.values.fill(0);
  }
}
