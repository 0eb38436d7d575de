/** Brings model, projector and device up from files that were handed over. Runs in the engine, and needs nothing from outside. */
import { throwIfAborted } from '../error.ts';
import { Engine } from '../generate/engine.ts';
import { LocalPersonalizer } from '../generate/personalizer.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector, withAnchorRows } from '../projector/projector.ts';
import { createWebRuntime, prepareFallback, type WebRuntimeRequest } from '../runtime/web-runtime.ts';
import { handedSource } from '../storage/handed-files.ts';
import type { LoadedFiles } from './load-files.ts';
import type { LoadProgress } from './protocol.ts';

export async function bringUp(
  { name, files, dtypes, device, projector: given, binaries }: LoadedFiles,
  onThreads: WebRuntimeRequest['onThreads'],
  signal: AbortSignal,
  onProgress: (progress: LoadProgress) => void,
): Promise<LocalPersonalizer> {
  const model = await loadBaseModel({ source: handedSource(name, files), dtypes, signal });
  const projector = given && readProjector(given.bytes, given.url.slice(given.url.lastIndexOf('/') + 1));
  onProgress({ stage: 'device' });
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
  if (projector !== undefined) await checkContract(projector.contract, model, runtime, given!.url);
  throwIfAborted(signal);
  onProgress({ stage: 'graph' });
  const fallback =
    runtime.device === 'webgpu' && device === 'auto' ? await prepareFallback(operators, binaries) : undefined;
  const engine = await Engine.create({ model, runtime, fallback });
  return new LocalPersonalizer(engine, projector && (await withAnchorRows(projector, model, runtime)));
}
