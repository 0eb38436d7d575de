/** The work of the training worker. */
import { readProjector, writeProjector } from '../projector/projector.ts';
import { train } from '../train/train.ts';
import type { ModelOnDevice } from './bring-up-model.ts';
import type { FromTrainer, TrainData } from './train-protocol.ts';

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
