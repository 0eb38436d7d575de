/** Loads model, projector and device in the worker: the phase that may use the network and knows nobody. */
import { E2PError, throwIfAborted } from '../error.ts';
import { Engine } from '../generate/engine.ts';
import { LocalPersonalizer } from '../generate/personalizer.ts';
import { loadBaseModel } from '../model/base-model.ts';
import type { Dtype } from '../model/model-config.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector, withAnchorRows } from '../projector/projector.ts';
import {
  createWebRuntime,
  prepareFallback,
  type WebRuntimeRequest,
  webgpuObstacle,
} from '../runtime/web-runtime.ts';
import type { FetchProgress, FileSource, ReadOptions } from '../storage/file-source.ts';
import { createTotalProgress } from '../storage/total-progress.ts';
import { withUrlFolder } from '../storage/url-source.ts';
import { openWeightStore, type WeightStore } from '../storage/weight-store.ts';
import type { CreateParams, LoadProgress, StoragePlace } from './protocol.ts';

export interface Loaded {
  readonly personalizer: LocalPersonalizer;
  readonly storage: StoragePlace;
}

export async function loadPersonalizer(
  params: CreateParams,
  threading: Pick<WebRuntimeRequest, 'threads' | 'onThreads'>,
  signal: AbortSignal,
  onProgress: (progress: LoadProgress) => void,
): Promise<Loaded> {
  const store = await openWeightStore();
  const storage = { backend: store.backend, warning: store.warning };
  onProgress({ stage: 'storage', ...storage });
  const total = createTotalProgress();
  const read = {
    signal,
    onProgress: (file: FetchProgress) => onProgress({ stage: 'file', ...file, all: total(file) }),
  };
  const { model, projector } = await loadFiles(params, store, read);
  throwIfAborted(signal);
  onProgress({ stage: 'device' });
  const runtime = await createWebRuntime({
    device: params.device,
    activationType: model.facts.activationType,
    attention: model.config.attention,
    operators: model.facts.operators,
    ...threading,
  });
  if (projector !== undefined) await checkContract(projector.contract, model, runtime, params.projector!);
  throwIfAborted(signal);
  onProgress({ stage: 'graph' });
  const fallback =
    runtime.device === 'webgpu' && params.device === 'auto'
      ? await prepareFallback(model.facts.operators)
      : undefined;
  const engine = await Engine.create({ model, runtime, fallback });
  const ready = projector && (await withAnchorRows(projector, model, runtime));
  return { personalizer: new LocalPersonalizer(engine, ready), storage };
}

/** The smallest variant that the device computes well, first. */
async function wantedDtypes({ device }: CreateParams): Promise<readonly Dtype[]> {
  const half = device !== 'wasm' && (await webgpuObstacle(navigator.gpu, 'float16')) === undefined;
  return half ? ['q4f16', 'q4', 'fp16', 'fp32'] : ['q4', 'fp32'];
}

/** A projector that lies in the model's folder is a file of it: listed, checked and replaced together with it. */
async function loadFiles(params: CreateParams, store: WeightStore, read: Required<ReadOptions>) {
  const { projector: url, manifestSha256, evict } = params;
  const dtypes = params.dtype === 'auto' ? await wantedDtypes(params) : [params.dtype];
  const folder = params.model.endsWith('/') ? params.model : `${params.model}/`;
  const inside = url?.startsWith(folder) ? decodeURI(url.slice(folder.length)) : undefined;
  const options = { store, evict, ...read };
  const [files, alone] = await Promise.all([
    withUrlFolder({ url: folder, manifestSha256, ...options }, async (source) => {
      const [model, projector] = await Promise.all([
        loadBaseModel({ source, dtypes, ...read }),
        inside === undefined ? undefined : loadProjector(source, inside, url!, read),
      ]);
      return { model, projector };
    }),
    url === undefined || inside !== undefined
      ? undefined
      : withUrlFolder({ url, single: true, ...options }, (source) =>
          loadProjector(source, url.slice(url.lastIndexOf('/') + 1), url, read),
        ),
  ]);
  return { model: files.model, projector: files.projector ?? alone };
}

async function loadProjector(source: FileSource, path: string, url: string, read: ReadOptions) {
  const bytes = await source.read(path, read);
  if (bytes === undefined) throw new E2PError('invalid-projector', `${url}: no such file`);
  return readProjector(bytes, path);
}
