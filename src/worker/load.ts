/** Loads model, projector and device in the worker: the phase that may use the network and knows nobody. */
import { E2PError, throwIfAborted } from '../error.ts';
import { Engine } from '../generate/engine.ts';
import { LocalPersonalizer } from '../generate/personalizer.ts';
import { loadBaseModel } from '../model/base-model.ts';
import type { Dtype } from '../model/model-config.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector } from '../projector/projector.ts';
import { createWasmRuntime, createWebRuntime, webgpuObstacle } from '../runtime/web-runtime.ts';
import { createUrlSource, readUrl } from '../storage/url-source.ts';
import { openWeightStore, type WeightStore } from '../storage/weight-store.ts';
import type { CreateParams, LoadProgress } from './protocol.ts';

export async function loadPersonalizer(
  params: CreateParams,
  signal: AbortSignal,
  onProgress: (progress: LoadProgress) => void,
): Promise<LocalPersonalizer> {
  const store = await openWeightStore();
  const read = { signal, onProgress: (p: object) => onProgress({ stage: 'file', ...p } as LoadProgress) };
  const source = createUrlSource({ base: params.model, store });
  const dtypes = params.dtype === 'auto' ? await wantedDtypes(params) : [params.dtype];
  const [model, projector] = await Promise.all([
    loadBaseModel({ source, dtypes, ...read }),
    params.projector === undefined ? undefined : loadProjector(params.projector, store, read),
  ]);
  if (projector !== undefined) await checkContract(projector.contract, model, params.projector!);
  throwIfAborted(signal);
  onProgress({ stage: 'device' });
  const runtime = await createWebRuntime({
    device: params.device,
    activationType: model.facts.activationType,
    attention: model.config.attention,
    operators: model.facts.operators,
  });
  throwIfAborted(signal);
  onProgress({ stage: 'graph' });
  const fallback =
    runtime.device === 'webgpu' && params.device === 'auto'
      ? (reason: string) => createWasmRuntime(reason)
      : undefined;
  return new LocalPersonalizer(await Engine.create({ model, runtime, fallback }), projector);
}

/** The smallest variant that the device computes well, first. */
async function wantedDtypes({ device }: CreateParams): Promise<readonly Dtype[]> {
  const half = device !== 'wasm' && (await webgpuObstacle(navigator.gpu, 'float16')) === undefined;
  return half ? ['q4f16', 'q4', 'fp16', 'fp32'] : ['q4', 'fp32'];
}

async function loadProjector(
  url: string,
  store: WeightStore,
  read: { readonly signal: AbortSignal; readonly onProgress: (progress: object) => void },
) {
  const file = url.slice(url.lastIndexOf('/') + 1);
  const blob = await readUrl(url, file, { store, fetch: globalThis.fetch, ...read });
  if (blob === undefined) throw new E2PError('invalid-projector', `${url}: no such file`);
  return readProjector(new Uint8Array(await blob.arrayBuffer()), file);
}
