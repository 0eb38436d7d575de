/** Training in a browser tab: in a worker of its own, on WebGPU or WASM, with what `e2p train` does in Node. */
import type { TrainReport } from '../train/train.ts';
import type { TrainingProgress } from '../train/train-projector.ts';
import { inTrainer, type TrainerOptions } from './open-trainer.ts';
import type { TrainData } from './train-protocol.ts';

/** Of `trainInWorker`: the model, the data and what `train` takes. */
export interface TrainInWorkerOptions extends TrainData, TrainerOptions {
  /** After each step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Bytes to go on from, as `checkpoint`: keep them where personal data may lie. */
  readonly onCheckpoint?: (bytes: Uint8Array, step: number) => void;
}

/** A projector file, and how the training went. */
export interface TrainInWorkerResult {
  /** A projector file. */
  readonly projector: Uint8Array;
  readonly report: TrainReport;
}

/**
 * @throws E2PError as of `train`, and those of loading a model; the signal's reason on an abort, after a last
 *   `onCheckpoint`.
 */
export async function trainInWorker(options: TrainInWorkerOptions): Promise<TrainInWorkerResult> {
  const { model, dtype, device, hub, signal, loader, wasm, onLoad, onReady, ...rest } = options;
  const { onProgress, onCheckpoint, ...data } = rest;
  return inTrainer(
    options,
    (modelId) => ({ type: 'train', data: { modelId, ...data } }),
    (message, resolve) => {
      if (message.type === 'progress') onProgress?.(message.progress);
      else if (message.type === 'checkpoint') onCheckpoint?.(message.bytes, message.step);
      else if (message.type === 'done') resolve({ projector: message.projector, report: message.report });
    },
  );
}
