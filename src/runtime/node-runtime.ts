/** The runtime of the CLI, of training and of tests: onnxruntime-node on the CPU. */
import { createRequire } from 'node:module';
import { freemem, totalmem } from 'node:os';
import { E2PError } from '../error.ts';
import { createRuntime, type OrtModule, type Runtime } from './runtime.ts';
import { SAFE_CHUNK } from './self-test.ts';
import { stageFiles } from './stage-files.ts';

/** Of `createRuntime` in Node. */
export interface NodeRuntimeOptions {
  /** Threads of one operator; default 1, the fastest for small models on a shared machine. */
  readonly threads?: number;
  /** Where onnxruntime-node computes; `cuda` needs its CUDA libraries, `webgpu` a driver. Default `cpu`. */
  readonly device?: NodeDevice;
}

/** Where onnxruntime-node computes. */
export type NodeDevice = 'cpu' | 'cuda' | 'webgpu';

/** @throws E2PError `unsupported-device` where onnxruntime-node, an optional package, is not installed or does not load */
export function createNodeRuntime({ threads = 1, device = 'cpu' }: NodeRuntimeOptions = {}): Runtime {
  return createRuntime({
    ort: loadOrt(),
    device: 'node',
    reason: device === 'cpu' ? 'Node runs onnxruntime on the CPU' : `${device} was asked for`,
    backend: 'cpu',
    // As much as every WebGPU device seen computes rightly; nothing is tested here.
    prefillChunk: device === 'webgpu' ? SAFE_CHUNK : 512,
    // What a provider has no kernel for runs on the CPU.
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    // 0 where nothing limits it.
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Infinity),
    availableBytes: () => process.availableMemory?.() ?? freemem(),
    stage: stageFiles,
    sessionOptions: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
}

const require = createRequire(import.meta.url);

/** When a runtime is first wanted: what needs none runs without the package. */
function loadOrt(): OrtModule {
  try {
    return require('onnxruntime-node');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const [line = ''] = message.split('\n');
    const isMissing = code === 'MODULE_NOT_FOUND' && line.includes("'onnxruntime-node'");
    throw new E2PError(
      'unsupported-device',
      isMissing
        ? 'Node computes with the package onnxruntime-node, which is not installed: npm install onnxruntime-node'
        : `the package onnxruntime-node could not be loaded: ${line}`,
      { cause },
    );
  }
}
