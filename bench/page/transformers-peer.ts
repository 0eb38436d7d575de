/** Transformers.js in a page on a folder that is served, one thread. */
import gpuUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import cpuUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { Peer } from '../generate-sides.ts';

/** Its modules. @returns what opens it */
export async function importPeer(device: 'wasm' | 'webgpu'): Promise<(name: string) => Promise<Peer>> {
  if (device === 'wasm') {
    // The build of onnxruntime that has every kernel there: its own has none for the lookup of some q4 files.
    const ort = await import('onnxruntime-web/wasm');
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = { wasm: cpuUrl };
    Object.assign(globalThis, { [Symbol.for('onnxruntime')]: ort });
  }
  const { env, pipeline, TextStreamer } = await import('@huggingface/transformers');
  Object.assign(env, { allowRemoteModels: false, allowLocalModels: true, localModelPath: '/' });
  if (device === 'webgpu') {
    const wasmPaths = { wasm: gpuUrl, mjs: gpuUrl.replace(/\.wasm.*/, '.mjs') };
    Object.assign(env.backends.onnx.wasm!, { numThreads: 1, wasmPaths });
  }
  return async (name) => ({
    generator: await pipeline('text-generation', name, {
      ...(device === 'webgpu'
        ? { dtype: 'q4', device }
        : { dtype: 'q4', device: 'auto', session_options: { executionProviders: [device] } }),
    }),
    TextStreamer,
  });
}
