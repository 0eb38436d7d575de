/**
 * The runtimes of the browser: WebGPU through onnxruntime's native provider, else WASM. The choice is by
 * capability and says its reason; WebGPU must also pass a numerical self-test before it is trusted.
 */
import { GraphBuilder } from '../onnx/builder.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import {
  type Binaries,
  canStreamOnCpu,
  type DeviceRequest,
  hasJspi,
  noWebgpu,
  type RuntimeNeeds,
  type ThreadedBundle,
  webgpuObstacle,
} from './device-choice.ts';
import type { Findings } from './findings.ts';
import { WebGpuMemory } from './gpu-memory.ts';
import { importThreaded } from './helper-thread.ts';
import { JSPI_CPU_LACKS } from './operators.ts';
import { WASM_BYTES_AT_MOST } from './out-of-memory.ts';
import { createRuntime, type OrtModule, type Runtime } from './runtime.ts';
import { testGpu } from './test-gpu.ts';
import { chooseThreads } from './thread-count.ts';

export interface WebRuntimeRequest extends RuntimeNeeds {
  readonly device: DeviceRequest;
  /** False: no helper threads, which a worker under a strict Content-Security-Policy can't start. Default true. */
  readonly threads?: boolean | undefined;
  /** Told before helper threads are started: the bundle of onnxruntime that they run. */
  readonly onThreads?: ((bundle: ThreadedBundle) => void) | undefined;
  /** Those of {@link neededBundles}; without them onnxruntime fetches what it needs. */
  readonly binaries?: Binaries | undefined;
  /** What was found of this device before; absent: it is tested anew. */
  readonly findings?: Findings | undefined;
  /** Injectable for tests; default `navigator.gpu`. */
  readonly gpu?: GPU | undefined;
}

/**
 * @throws E2PError `unsupported-device` if WebGPU was demanded and cannot be had.
 */
export async function createWebRuntime(request: WebRuntimeRequest): Promise<Runtime> {
  const { operators, threads, onThreads, binaries, model } = request;
  const onCpu = { operators, threads, onThreads, binaries, model, findings: request.findings };
  if (request.device === 'wasm') return createWasmRuntime('WASM was asked for', onCpu);
  const gpu = request.gpu ?? (typeof navigator === 'undefined' ? undefined : navigator.gpu);
  const obstacle = await webgpuObstacle(gpu, request.activationType);
  if (obstacle === undefined) {
    const { findings } = request;
    let isWrong = false;
    const noting: Findings | undefined = findings && {
      ...findings,
      onFound: (key, found) => {
        isWrong ||= found === 0;
        findings.onFound(key, found);
      },
    };
    try {
      return await createWebGpuRuntime({ ...request, findings: noting });
    } catch (cause) {
      if (request.device === 'webgpu' || (isWrong && findings?.canReload)) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      return createWasmRuntime(`WebGPU was tried and failed: ${why}`, onCpu);
    }
  }
  if (request.device === 'webgpu') throw noWebgpu(obstacle);
  return createWasmRuntime(obstacle, onCpu);
}

/**
 * `reason` says why the CPU computes. For a model whose `operators` are given, and are all in it, the bundle for JSPI is
 * taken where the browser has that: it reads weights piece by piece, and a page that also uses WebGPU has it already.
 * Without them it is the CPU's own bundle, which has every kernel, and which nothing that happened to a GPU has touched.
 */
export async function createWasmRuntime(
  reason: string,
  {
    operators,
    threads = true,
    onThreads,
    binaries,
    model,
    findings,
  }: Partial<
    Pick<WebRuntimeRequest, 'operators' | 'threads' | 'onThreads' | 'binaries' | 'model' | 'findings'>
  > = {},
): Promise<Runtime> {
  const canStream = operators !== undefined && canStreamOnCpu(operators);
  const bundle = canStream ? 'jspi' : 'wasm';
  const ort = await importThreaded(bundle);
  handBinary(ort, binaries?.[bundle]);
  // Threads need SharedArrayBuffer, hence a cross-origin isolated page (COOP/COEP).
  const isIsolated = threads && globalThis.crossOriginIsolated === true;
  const cores = isIsolated ? (globalThis.navigator?.hardwareConcurrency ?? 1) : 1;
  const { threads: count, reason: why, timeKey } = chooseThreads(cores, model, findings?.known);
  ort.env.wasm.numThreads = count;
  if (count > 1) onThreads?.(bundle);
  return createRuntime({
    ...cpuOptions(ort as unknown as OrtModule, why === undefined ? reason : `${reason}; ${why}`),
    ...(canStream && { lacks: JSPI_CPU_LACKS }),
    ...{ threads: count, timeKey },
  });
}

/**
 * Makes ready what goes on after a lost GPU, since a sealed worker can load nothing more. It is the CPU provider in the bundle that
 * WebGPU has loaded already; for a graph with an operator which that lacks, the CPU's own bundle is loaded now (14 MB).
 */
export async function prepareFallback(
  operators: readonly string[],
  binaries?: Binaries,
): Promise<(reason: string) => Promise<Runtime>> {
  if (operators.every((o) => !(o in JSPI_CPU_LACKS))) {
    const ort = await importWebGpu();
    return async (reason) =>
      createRuntime({ ...cpuOptions(ort as unknown as OrtModule, reason), lacks: JSPI_CPU_LACKS });
  }
  const runtime = await createWasmRuntime('the GPU may go away', { threads: false, binaries });
  await startWasm(runtime);
  return async (reason) => ({ ...runtime, reason });
}

/** Compiles and starts the module, as its first session otherwise would. */
export async function startWasm(runtime: Runtime): Promise<void> {
  const g = new GraphBuilder();
  g.input('x', 'float32', [1]);
  g.op('Identity', ['x'], { outputs: ['y'] });
  g.output('y', 'float32', [1]);
  const session = await runtime.createSession(writeOnnx(g.model()));
  await session.release();
}

const cpuOptions = (ort: OrtModule, reason: string) =>
  ({
    ort,
    device: 'wasm',
    reason,
    backend: 'wasm',
    prefillChunk: 256,
    availableBytes: () => WASM_BYTES_AT_MOST,
    executionProviders: ['wasm'],
  }) as const;

function handBinary(
  { env }: { readonly env: { readonly wasm: { wasmBinary?: ArrayBufferLike | Uint8Array } } },
  binary: ArrayBuffer | undefined,
): void {
  if (binary !== undefined) env.wasm.wasmBinary = binary;
}

/**
 * The same provider in two bundles. The one for JSPI is 10 MB smaller and reads weights from a `Blob` piece by piece; the
 * other reads it whole first.
 */
export const importWebGpu = () =>
  hasJspi() ? import('onnxruntime-web/jspi') : import('onnxruntime-web/webgpu');

async function createWebGpuRuntime({
  attention,
  activationType,
  binaries,
  findings,
}: Pick<WebRuntimeRequest, 'attention' | 'activationType' | 'binaries' | 'findings'>): Promise<Runtime> {
  const ort = await importWebGpu();
  handBinary(ort, binaries?.[hasJspi() ? 'jspi' : 'webgpu']);
  // One thread: the provider only feeds the GPU.
  ort.env.wasm.numThreads = 1;
  let lost = false;
  const options = {
    ort: ort as unknown as OrtModule,
    device: 'webgpu',
    reason: 'WebGPU is available',
    backend: 'webgpu',
    executionProviders: ['webgpu'],
    isLost: () => lost,
  } as const;
  const probe = createRuntime({ ...options, prefillChunk: 1 });
  const layout = attention ?? { heads: 4, kvHeads: 2, headSize: 64 };
  const { prefillChunk, identity } = await testGpu(probe, {
    ...{ layout, type: activationType === 'float16' ? activationType : 'float32', findings },
    info: async () => ((await ort.env.webgpu.device) as GPUDevice).adapterInfo,
  });
  // The device exists only now, made by the first session.
  const device = (await ort.env.webgpu.device) as GPUDevice;
  void device.lost.then(() => {
    lost = true;
  });
  const gpu = await WebGpuMemory.open(device, options.ort);
  return createRuntime({ ...options, prefillChunk, identity, gpu, lost: device.lost });
}
