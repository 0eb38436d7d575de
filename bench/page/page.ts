/** What benchmarks run inside Chromium. */
import { inspectGraph } from '../../src/onnx/inspect/inspect-graph.ts';
import { readOnnx } from '../../src/onnx/onnx-file.ts';
import { createWebRuntime } from '../../src/runtime/web-runtime.ts';
import { decodeGraphs, timeDecode } from '../decode-graph.ts';
import { answer, begun, contentOf, forPersona, openSides, sample } from './generate.ts';
import { ourSteps, theirSteps } from './gpu-steps.ts';
import { encodeTexts, openForLikelihood, scoreIds } from './likelihood.ts';
import { load, prepareLoad } from './load.ts';
import { openPrefill } from './prefill.ts';
import { prepareStart, start } from './start.ts';
import { askWllama, openWllama } from './wllama.ts';

async function decode(dtype: 'fp32' | 'q4', options: { readonly past: number; readonly rounds: number }) {
  const graphs = decodeGraphs(dtype);
  const runtime = await createWebRuntime({
    device: 'wasm',
    activationType: 'float32',
    attention: undefined,
    operators: inspectGraph(readOnnx(graphs.original)).operators,
  });
  return timeDecode(runtime, graphs, options);
}

/** Creates a WebGPU session that says on the console where it places each node. */
async function placement(which: 'original' | 'rewritten') {
  const ort = await import('onnxruntime-web/webgpu');
  ort.env.logLevel = 'verbose';
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(decodeGraphs('q4')[which], {
    executionProviders: ['webgpu'],
    logSeverityLevel: 0,
    logVerbosityLevel: 1,
  });
  await session.release();
}

const bench = {
  ...{ decode, placement, prepareLoad, load, openPrefill },
  ...{ openForLikelihood, encodeTexts, scoreIds },
  ...{ openSides, contentOf, answer, begun, forPersona, sample },
  ...{ prepareStart, start, ourSteps, theirSteps, openWllama, askWllama },
};
export type Bench = typeof bench;
Object.assign(globalThis, { bench });
