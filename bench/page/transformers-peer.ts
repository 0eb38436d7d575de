/** Transformers.js in a page on a folder that is served, on the build of onnxruntime that has every kernel there: its own has none for the lookup of some q4 files. */

import gpuUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import cpuUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { Peer } from '../generate-sides.ts';

/** Its modules. @returns what opens it */
export async function importPeer(device: 'wasm' | 'webgpu'): Promise<(name: string) => Promise<Peer>> {
  const ort = await (device === 'wasm' ? import('onnxruntime-web/wasm') : import('onnxruntime-web/webgpu'));
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm: device === 'wasm' ? cpuUrl : gpuUrl };
  Object.assign(globalThis, { [Symbol.for('onnxruntime')]: ort });
  const { env, pipeline, TextStreamer } = await import('@huggingface/transformers');
  Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: '/' });
  return async (name) => ({
    generator: await pipeline('text-generation', name, {
      ...{ dtype: 'q4', device: device === 'wasm' ? 'auto' : device },
      session_options: { executionProviders: [device] },
    }),
    TextStreamer,
  });
}
