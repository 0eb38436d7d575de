/** Helper threads of onnxruntime are workers that run this worker's own file; which bundle they are for stands in their address. */
import type { ThreadedBundle } from '../runtime/device-choice.ts';

export function startHelpersAs(bundle: ThreadedBundle): void {
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(`${url}#${bundle}`, { ...options, type: 'classic' });
    }
  };
}
