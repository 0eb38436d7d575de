/** The runtime of the CLI, of training and of tests: onnxruntime-node on the CPU. */
import * as ort from 'onnxruntime-node';
import { createRuntime, type OrtModule, type Runtime } from './runtime.ts';
import { stageFiles } from './stage-files.ts';

export interface NodeRuntimeOptions {
  /** Threads of one operator; default 1, the fastest for small models on a shared machine. */
  readonly threads?: number;
}

export function createNodeRuntime({ threads = 1 }: NodeRuntimeOptions = {}): Runtime {
  return createRuntime({
    ort: ort as unknown as OrtModule,
    device: 'node',
    reason: 'Node runs onnxruntime on the CPU',
    backend: 'cpu',
    prefillChunk: 512,
    executionProviders: ['cpu'],
    stage: stageFiles,
    sessionOptions: { intraOpNumThreads: threads, interOpNumThreads: 1 },
  });
}
