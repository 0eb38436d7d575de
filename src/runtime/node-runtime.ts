/** The runtime of the CLI, of training and of tests: onnxruntime-node on the CPU. */
import { totalmem } from 'node:os';
import * as ort from 'onnxruntime-node';
import { createRuntime, type OrtModule, type Runtime } from './runtime.ts';
import { stageFiles } from './stage-files.ts';

export interface NodeRuntimeOptions {
  /** Threads of one operator; default 1, the fastest for small models on a shared machine. */
  readonly threads?: number;
  /** Where onnxruntime-node computes; `cuda` needs its CUDA libraries, `webgpu` a driver. Default `cpu`. */
  readonly device?: NodeDevice;
}

export type NodeDevice = 'cpu' | 'cuda' | 'webgpu';

export function createNodeRuntime({ threads = 1, device = 'cpu' }: NodeRuntimeOptions = {}): Runtime {
  return createRuntime({
    ort: ort as unknown as OrtModule,
    device: 'node',
    reason: device === 'cpu' ? 'Node runs onnxruntime on the CPU' : `${device} was asked for`,
    backend: 'cpu',
    prefillChunk: 512,
    // What a provider has no kernel for runs on the CPU.
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    // 0 where nothing limits it.
    memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Infinity),
    stage: stageFiles,
    sessionOptions: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
}
