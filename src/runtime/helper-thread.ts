/**
 * Helper threads of onnxruntime's WASM. Each is a worker that runs the file which onnxruntime's script is part of, and onnxruntime knows
 * by the worker's name that it is one. Where an app bundles the engine worker as one file, that file is the engine worker's own:
 * then it has to hand over to the right bundle of onnxruntime, which the engine tells in the address.
 */

import type { ThreadedBundle } from './device-choice.ts';

/** Names that onnxruntime gives to its helper threads. */
export const HELPER_NAME = 'em-pthread';

export const isHelperThread = (name: string): boolean => name.startsWith(HELPER_NAME);

export const importThreaded = (bundle: ThreadedBundle) =>
  bundle === 'jspi' ? import('onnxruntime-web/jspi') : import('onnxruntime-web/wasm');

/** Becomes the helper; the import itself starts it. `hint`: the bundle, as in the hash of the worker's address. */
export async function runHelperThread(hint: string): Promise<void> {
  await importThreaded(hint === '#jspi' ? 'jspi' : 'wasm');
}

/** Those started from now on run this worker's own file too, a classic script, with the bundle in its address. */
export function startHelpersAs(bundle: ThreadedBundle): void {
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(`${url}#${bundle}`, { ...options, type: 'classic' });
    }
  };
}
