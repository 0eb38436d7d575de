/** A base model in Node, with what is told on the way. */
import { existsSync } from 'node:fs';
import type { FetchProgress } from '../storage/file-source.ts';
import type { ModelFiles } from '../storage/handed-files.ts';
import type { BytesProgress, LoadProgress } from '../storage/load-progress.ts';
import { createProgressMeter } from '../storage/total-progress.ts';
import { type BaseModel, type LoadModelOptions, loadBaseModel } from './base-model.ts';
import { findGraphs } from './graph-files.ts';
import type { HubOptions } from './hub.ts';
import type { Dtype } from './model-config.ts';
import { withNodeSource } from './node-source.ts';
import { planModel } from './plan-files.ts';

/** Which model, in which precision, and where it is kept. */
export interface NodeModelOptions {
  /**
   * A folder, the URL of one, or a Hub id (`owner/name`) where no such folder exists: from the cache of `hf download` where it is there, else
   * fetched; or the files of a folder.
   */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`; default q4, else fp32. */
  readonly dtype?: Dtype;
  /** Host, path and revision of a Hub id; default `main` of huggingface.co. */
  readonly hub?: HubOptions;
  /**
   * Folder where a model that is fetched is kept, gone on with and used again, as a browser does; many models may share it
   * (`weightsIn`). Default: memory only.
   */
  readonly cache?: string;
  /** As in a browser: where a fetched model is kept, files by bytes with a total over all of them, the device and the graph. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Ends the load; what had come stays in `cache`. */
  readonly signal?: AbortSignal;
}

/** What is looked for unless the caller says: the smallest that computes well, then what there is. */
const BY_SIZE = ['q4', 'fp32', 'q4f16', 'fp16', 'q8', 'int8', 'uint8'] as const;

const NOT_KEPT =
  'The model is kept in memory only and will be downloaded again next time: no cache was named.';

/** Those whose activations are no halves. */
const FLOAT32 = BY_SIZE.filter((dtype) => !dtype.endsWith('16'));

/**
 * A model of float16 in a precision that does not overflow, where its folder is on this machine and has one: nothing is downloaded for it.
 * @throws E2PError what is wrong with that file
 */
export async function loadSaferModel(
  { model: given }: Pick<NodeModelOptions, 'model'>,
  { dtype, facts }: BaseModel,
): Promise<BaseModel | undefined> {
  const isHalf = dtype.endsWith('16') || facts.activationType === 'float16';
  if (!isHalf || (typeof given === 'string' && !existsSync(given))) return undefined;
  return withNodeSource({ model: given }, async (source) => {
    for await (const _ of findGraphs(source, FLOAT32, {})) return loadBaseModel({ source, dtypes: FLOAT32 });
    return undefined;
  });
}

/**
 * A base model for `train` and `evaluate`; a personalizer loads its own.
 * @throws E2PError naming the file and what is wrong with it
 */
export const loadNodeModel = (options: NodeModelOptions): Promise<BaseModel> => loadForNode(options);

/** @param int8 as of {@link LoadModelOptions} */
export async function loadForNode(
  { dtype, signal, onProgress, ...where }: NodeModelOptions,
  int8?: LoadModelOptions['int8'],
): Promise<BaseModel> {
  const dtypes = dtype ? [dtype] : BY_SIZE;
  const meter = createProgressMeter<BytesProgress>(['model'], (progress) => onProgress?.(progress));
  const read = { signal, onProgress: (file: FetchProgress) => meter.add({ stage: 'file', ...file }) };
  return withNodeSource({ ...where, signal }, async (source, backend) => {
    if (backend !== undefined) {
      onProgress?.({ stage: 'storage', backend, warning: backend === 'memory' ? NOT_KEPT : undefined });
    }
    const onConvert = ({ file, loaded, total }: FetchProgress) =>
      onProgress?.({ stage: 'convert', file, loaded, total: total! });
    const planned = planModel(source, dtypes, read).then((plan) => meter.plan('model', plan?.files));
    const [model] = await Promise.all([loadBaseModel({ source, dtypes, int8, onConvert, ...read }), planned]);
    return model;
  });
}
