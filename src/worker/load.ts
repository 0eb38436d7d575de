/** Brings model, projector and device up from files that were handed over. Runs in the engine, and needs nothing from outside. */
import { throwIfAborted } from '../error.ts';
import { Engine } from '../generate/engine.ts';
import { LocalPersonalizer } from '../generate/personalizer.ts';
import { checkContract } from '../projector/check-contract.ts';
import { readProjector, withAnchorRows } from '../projector/projector.ts';
import { prepareFallback } from '../runtime/web-runtime.ts';
import { bringUpModel } from './bring-up-model.ts';
import type { LoadedFiles } from './load-files.ts';
import type { LoadProgress } from './protocol.ts';

export async function bringUp(
  loaded: LoadedFiles,
  signal: AbortSignal,
  onProgress: (progress: LoadProgress) => void,
): Promise<LocalPersonalizer> {
  const { device, projector: given, binaries } = loaded;
  const projector = given && readProjector(given.bytes, given.url.slice(given.url.lastIndexOf('/') + 1));
  const { model, runtime } = await bringUpModel(loaded, signal, () => onProgress({ stage: 'device' }));
  if (projector !== undefined) await checkContract(projector.contract, model, runtime, given!.url);
  throwIfAborted(signal);
  onProgress({ stage: 'graph' });
  const fallback =
    runtime.device === 'webgpu' && device === 'auto'
      ? await prepareFallback(model.facts.operators, binaries)
      : undefined;
  const engine = await Engine.create({ model, runtime, fallback });
  return new LocalPersonalizer(engine, projector && (await withAnchorRows(projector, model, runtime)));
}
