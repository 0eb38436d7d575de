/** A model on its device, from files that were handed over: the same for the engine and for training. Needs nothing from outside. */
import { type BaseModel, loadBaseModel } from '../model/base-model.ts';
import type { Findings } from '../runtime/findings.ts';
import { startHelpersAs } from '../runtime/helper-thread.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createWebRuntime, startWasm } from '../runtime/web-runtime.ts';
import { handedSource } from '../storage/handed-files.ts';
import type { LoadedFiles } from './load-files.ts';

export interface ModelOnDevice {
  readonly model: BaseModel;
  readonly runtime: Runtime;
}

/**
 * @param onModel called when the files are read, and the device comes next
 * @param findings of the device; absent: it is tested anew
 */
export async function bringUpModel(
  { name, files, dtypes, device, binaries, cpuWeights, needs }: LoadedFiles,
  signal: AbortSignal,
  onModel?: () => void,
  findings?: Findings,
): Promise<ModelOnDevice> {
  // In the page's origin the gate shuts other workers, since those would have its storage.
  const threading = { threads: globalThis.origin === 'null', onThreads: startHelpersAs };
  // Compiled, and tested on a GPU, while the graph is read.
  const starting = createWebRuntime({ ...needs, device, binaries, findings, ...threading }).then(
    async (runtime) => {
      if (runtime.backend === 'wasm') await startWasm(runtime);
      return runtime;
    },
  );
  // Told when it is waited for.
  starting.catch(() => undefined);
  const model = await loadBaseModel({
    ...{ source: handedSource(name, files), dtypes, signal },
    ...(cpuWeights === 'int8' && { int8: async () => true }),
  });
  onModel?.();
  const runtime = await starting;
  return { model, runtime };
}
