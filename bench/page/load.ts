/** Ways of loading a model in a page. Each first imports its modules, and gives the function that loads. */
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import { createWebRuntime } from '../../src/runtime/web-runtime.ts';
import type { LoadDevice, LoadWay } from '../load-ways.ts';

const WAYS: Readonly<Record<LoadWay, (device: LoadDevice) => Promise<() => Promise<unknown>>>> = {
  bytes: async (device) => {
    const ort = await (device === 'webgpu'
      ? import('onnxruntime-web/webgpu')
      : import('onnxruntime-web/wasm'));
    ort.env.wasm.numThreads = 1;
    return async () => {
      const bytes = new Uint8Array(await (await fetch('/load/onnx/model.onnx')).arrayBuffer());
      return ort.InferenceSession.create(bytes, { executionProviders: [device] });
    };
  },
  transformers: async (device) => {
    const { AutoModelForCausalLM, env } = await import('@huggingface/transformers');
    env.allowRemoteModels = false;
    env.allowLocalModels = true;
    env.localModelPath = '/';
    Object.assign(env.backends.onnx.wasm!, {
      numThreads: 1,
      wasmPaths: { wasm: wasmUrl, mjs: wasmUrl.replace(/\.wasm.*/, '.mjs') },
    });
    return () => AutoModelForCausalLM.from_pretrained('load', { dtype: 'fp32', device });
  },
  'e2p-web': async (device) => {
    const { loadBaseModel } = await import('../../src/model/base-model.ts');
    const { withUrlFolder } = await import('../../src/storage/url-source.ts');
    const { openWeightStore } = await import('../../src/storage/weight-store.ts');
    return async () => {
      const url = new URL('/load', location.href).href;
      const model = await withUrlFolder({ url, store: await openWeightStore() }, (source) =>
        loadBaseModel({ source, dtypes: ['fp32'] }),
      );
      const { activationType, operators } = model.facts;
      const runtime = await createWebRuntime({
        device,
        activationType,
        operators,
        attention: model.config.attention,
      });
      return model.createSession(runtime);
    };
  },
};

let start: (() => Promise<unknown>) | undefined;
let held: unknown;

export async function prepareLoad(way: LoadWay, device: LoadDevice): Promise<void> {
  start = await WAYS[way](device);
}

/** Milliseconds; the session stays. */
export async function load(): Promise<number> {
  const began = performance.now();
  held = await start?.();
  return held === undefined ? Number.NaN : performance.now() - began;
}
