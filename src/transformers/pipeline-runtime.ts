/** The onnxruntime that a pipeline runs on, as a runtime of ours. */
import { E2PError } from '../error.ts';
import { createRuntime, type ExternalData, type Runtime } from '../runtime/runtime.ts';
import type { PipelineParts } from './pipeline-parts.ts';

/** Of Transformers.js, with the backend whose kernels they have. */
const BACKENDS = { cpu: 'cpu', cuda: 'cpu', wasm: 'wasm', webgpu: 'webgpu' } as const;

/** @throws E2PError `unsupported-device` */
export function pipelineRuntime({ ort, session }: PipelineParts): Runtime {
  const { device } = session.config;
  if (!Object.hasOwn(BACKENDS, device)) {
    const devices = Object.keys(BACKENDS).join(', ');
    throw new E2PError('unsupported-device', `the pipeline runs on ${device}, expected one of ${devices}`);
  }
  const backend = BACKENDS[device as keyof typeof BACKENDS];
  const isNode = globalThis.process?.versions?.node !== undefined;
  return createRuntime({
    ...{ ort, backend, device: isNode ? 'node' : backend === 'webgpu' ? 'webgpu' : 'wasm' },
    reason: 'the pipeline runs there',
    // The pipeline reads a prompt in one run.
    prefillChunk: Number.MAX_SAFE_INTEGER,
    executionProviders: [device],
    // onnxruntime-node takes no Blob.
    ...(isNode && {
      stage: async (model: Uint8Array, files: readonly ExternalData[]) => ({
        ...{ model, externalData: await Promise.all(files.map(readWhole)), done: async () => {} },
      }),
    }),
  });
}

async function readWhole({ path, data }: ExternalData): Promise<ExternalData> {
  return { path, data: data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data };
}
