/** Transformers.js in a page on a folder that is served, one thread. */
import gpuUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import cpuUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { Peer } from '../generate-sides.ts';

/** Its modules. @returns what opens it, weights in a file beside the graph where told so */
export async function importPeer(
  device: 'wasm' | 'webgpu',
): Promise<(name: string, isBeside?: boolean) => Promise<Peer>> {
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
  return async (name, isBeside = false) => ({
    generator: await pipeline('text-generation', name, {
      use_external_data_format: isBeside,
      ...(device === 'webgpu'
        ? { dtype: 'q4', device }
        : { dtype: 'q4', device: 'auto', session_options: { executionProviders: [device] } }),
    }),
    TextStreamer,
  });
}
