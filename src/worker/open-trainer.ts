/** A training worker from its files to its end: the loader fetches the model, the sealed worker gets it and one job, and what it answers is told. */
import { E2PError } from '../error.ts';
import { folderUrl, type HubOptions } from '../model/hub.ts';
import type { Dtype } from '../model/model-config.ts';
import type { DeviceRequest } from '../runtime/device-choice.ts';
import type { DeviceChoice } from '../runtime/runtime.ts';
import { checkModelFiles, type ModelFiles } from '../storage/handed-files.ts';
import type { LoadProgress } from '../storage/load-progress.ts';
import { openLoader, openTrainer, type SealedFiles, wasmUrls } from './open-workers.ts';
import type { PrivacyReport } from './privacy.ts';
import { fromWireError } from './protocol.ts';
import type { SealedWorker } from './sealed-frame.ts';
import type { FromTrainer, ToTrainer } from './train-protocol.ts';

/** Which model a training worker gets, and where from. */
export interface TrainerOptions extends Pick<SealedFiles, 'loader' | 'wasm'> {
  /** Hub id (`owner/name`), or URL of a folder in the same layout, relative to the page or absolute; or the files of one. */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`. Default `auto`: q4, else fp32, else fp16. */
  readonly dtype?: Dtype | 'auto';
  /** Default `auto`: WebGPU where it works, else WASM. */
  readonly device?: DeviceRequest;
  /** Where ids of the Hub lead. */
  readonly hub?: HubOptions;
  /** Stages of the model's load. */
  readonly onLoad?: (progress: LoadProgress) => void;
  /** Told once, when the model is there and every way out of the worker is shut. */
  readonly onReady?: (ready: { readonly device: DeviceChoice; readonly privacy: PrivacyReport }) => void;
  /** Ends loading and learning. */
  readonly signal?: AbortSignal;
}

/**
 * @param job posted when the worker is sealed, by the name of the model.
 * @param onMessage what the worker says of its job; `resolve` with the last.
 * @param endsAtOnce an abort does not wait for what the worker may still have to say.
 */
export async function inTrainer<T>(
  options: TrainerOptions,
  job: (modelName: string) => ToTrainer,
  onMessage: (message: FromTrainer, resolve: (result: T) => void) => void,
  endsAtOnce = false,
): Promise<T> {
  const { model, dtype = 'auto', device = 'auto', hub, signal, wasm, onLoad, onReady } = options;
  signal?.throwIfAborted();
  const isUrl = typeof model === 'string';
  const place = isUrl ? folderUrl('the model', model, hub) : checkModelFiles(model);
  const loader = await openLoader(options.loader);
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
            return post(job(isUrl ? model : model.name));
          case 'failed':
            return reject(fromWireError(message.error));
          default:
            return onMessage(message, resolve);
        }
      });
      opened.port.start();
      post({ type: 'open', files }, Object.values(files.binaries));
      if (endsAtOnce) signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (signal?.aborted) endsAtOnce ? reject(signal.reason) : abort();
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
