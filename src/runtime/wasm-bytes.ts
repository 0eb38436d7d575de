/** Bytes of onnxruntime's WebAssembly, told before it comes: a server that compresses it says another length, or none. */
import type { Bundle } from './device-choice.ts';

export const WASM_BYTES: Readonly<Record<Bundle, number>> = {
  jspi: 16_811_691,
  wasm: 14_264_838,
  webgpu: 26_861_777,
};
