/** Which device a model gets, and which files of onnxruntime that needs; without onnxruntime itself. */
import { E2PError } from '../error.ts';
import type { DataTypeName } from '../onnx/onnx-model.ts';
import { JSPI_CPU_LACKS } from './operators.ts';
import type { AttentionLayout } from './self-test.ts';

/** `auto`: WebGPU where it computes right, else WASM. */
export type DeviceRequest = 'auto' | 'webgpu' | 'wasm';

/** The bundles that compute on the CPU with threads. */
export type ThreadedBundle = 'jspi' | 'wasm';

/** What of a model the runtime depends on. */
export interface RuntimeNeeds {
  /** Activations: `float16` needs the GPU feature `shader-f16`. */
  readonly activationType: DataTypeName;
  readonly attention: AttentionLayout | undefined;
  /** With their domains. */
  readonly operators: readonly string[];
  /** Which model, for the time it takes with so many threads; absent: that is not measured. */
  readonly model?: string | undefined;
}

/** Those, and the one for WebGPU in browsers without JSPI. */
export type Bundle = ThreadedBundle | 'webgpu';

/** WebAssembly of the bundles, for where onnxruntime can't fetch it. */
export type Binaries = Readonly<Partial<Record<Bundle, ArrayBuffer>>>;

/**
 * `webgpu` or the reason why not.
 * @throws nothing; a GPU that cannot be asked is a reason too.
 */
export async function webgpuObstacle(
  gpu: GPU | undefined,
  activationType: DataTypeName,
): Promise<string | undefined> {
  if (gpu === undefined) return 'this browser has no WebGPU';
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (adapter === null) return 'the browser has WebGPU, but no adapter for it';
  if (activationType === 'float16' && !adapter.features.has('shader-f16')) {
    return 'the model computes in float16 and the GPU lacks shader-f16';
  }
  return undefined;
}

/** @param obstacle in the words of {@link webgpuObstacle} */
export const noWebgpu = (obstacle: string): E2PError =>
  new E2PError('unsupported-device', `WebGPU was asked for, but ${obstacle}`);

/** What a model needs on a device, and on the CPU behind a GPU that may fail or go away. */
export function neededBundles(isGpu: boolean, operators: readonly string[]): readonly Bundle[] {
  const onCpu = canStreamOnCpu(operators) ? 'jspi' : 'wasm';
  return isGpu ? [...new Set<Bundle>([hasJspi() ? 'jspi' : 'webgpu', onCpu])] : [onCpu];
}

export const canStreamOnCpu = (operators: readonly string[]): boolean =>
  hasJspi() && operators.every((o) => !(o in JSPI_CPU_LACKS));

/** JavaScript Promise Integration: the browser's own way of letting WebAssembly wait. */
export const hasJspi = () => 'Suspending' in WebAssembly;
