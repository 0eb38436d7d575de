/** Training in a browser tab: in a worker of its own, on WebGPU or WASM, with what `e2p train` does in Node. */
import { E2PError } from '../error.ts';
import { folderUrl, type HubOptions } from '../model/hub.ts';
import type { Dtype } from '../model/model-config.ts';
import type { DeviceRequest } from '../runtime/device-choice.ts';
import type { DeviceChoice } from '../runtime/runtime.ts';
import { checkModelFiles, type ModelFiles } from '../storage/handed-files.ts';
import type { LoadProgress } from '../storage/load-progress.ts';
import type { TrainReport } from '../train/train.ts';
import type { TrainingProgress } from '../train/train-projector.ts';
import { openLoader, openTrainer, type SealedFiles, wasmUrls } from './open-workers.ts';
import type { PrivacyReport } from './privacy.ts';
import { fromWireError } from './protocol.ts';
import type { SealedWorker } from './sealed-frame.ts';
import type { FromTrainer, ToTrainer, TrainData } from './train-protocol.ts';

/** Of `trainInWorker`: the model, the data and what `train` takes. */
export interface TrainInWorkerOptions extends TrainData, Pick<SealedFiles, 'loader' | 'wasm'> {
  /** Hub id (`owner/name`), or URL of a folder in the same layout, relative to the page or absolute; or the files of one. */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`. Default `auto`: q4, else fp32, else fp16. */
  readonly dtype?: Dtype | 'auto';
  /** Default `auto`: WebGPU where it works, else WASM. */
  readonly device?: DeviceRequest;
  readonly hub?: HubOptions;
  /** Stages of the model's load. */
  readonly onLoad?: (progress: LoadProgress) => void;
  /** Told once, when the model is there and every way out of the worker is shut. */
  readonly onReady?: (ready: { readonly device: DeviceChoice; readonly privacy: PrivacyReport }) => void;
  /** After each step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Bytes to go on from, as `checkpoint`: keep them where personal data may lie. */
  readonly onCheckpoint?: (bytes: Uint8Array, step: number) => void;
  readonly signal?: AbortSignal;
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
  const { model, dtype = 'auto', device = 'auto', hub, signal, loader: loaderUrl, wasm, ...rest } = options;
  const { onLoad, onReady, onProgress, onCheckpoint, ...data } = rest;
  signal?.throwIfAborted();
  const isUrl = typeof model === 'string';
  const place = isUrl ? folderUrl('the model', model, hub) : checkModelFiles(model);
  const loader = await openLoader(loaderUrl);
  let worker: SealedWorker | undefined;
  const post = (message: ToTrainer, transfer: Transferable[] = []) =>
    worker?.port.postMessage(message, transfer);
  const abort = () => post({ type: 'abort' });
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const params = {
      model: place,
      dtype,
      device,
      projector: undefined,
      manifestSha256: undefined,
      evict: undefined,
      isTraining: true,
      cpuWeights: 'as-stored' as const,
      wasm: wasmUrls(wasm),
    };
    const files = await loader.call('load', params, {
      signal,
      onMessage: (message) => message.type === 'progress' && onLoad?.(message.progress),
    });
    const opened = await openTrainer(files.place);
    worker = opened;
    return await new Promise((resolve, reject) => {
      void opened.stopped.then((why) =>
        reject(new E2PError('runtime-failed', `the training worker stopped: ${why}`)),
      );
      opened.port.addEventListener('message', ({ data: message }: MessageEvent<FromTrainer>) => {
        switch (message.type) {
          case 'load':
            return onLoad?.(message.progress);
          case 'ready':
            onReady?.(message);
            return post({ type: 'train', data: { modelId: isUrl ? model : model.name, ...data } });
          case 'progress':
            return onProgress?.(message.progress);
          case 'checkpoint':
            return onCheckpoint?.(message.bytes, message.step);
          case 'done':
            return resolve({ projector: message.projector, report: message.report });
          case 'failed':
            return reject(fromWireError(message.error));
        }
      });
      opened.port.start();
      post({ type: 'open', files }, Object.values(files.binaries));
      if (signal?.aborted) abort();
    });
  } catch (error) {
    // The worker's own AbortError has lost the caller's reason.
    if (error instanceof DOMException && error.name === 'AbortError') signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
    worker?.close();
    loader.close(new E2PError('destroyed', 'the training has ended'));
  }
}
