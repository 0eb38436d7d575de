import { statSync } from 'node:fs';
import { expect, it } from 'vitest';
import { WASM_BYTES } from './wasm-bytes.ts';

it('is as long as the files of the onnxruntime that is installed', () => {
  const bytesOf = (name: string) =>
    statSync(new URL(`../../node_modules/onnxruntime-web/dist/${name}`, import.meta.url)).size;
  expect(WASM_BYTES).toEqual({
    jspi: bytesOf('ort-wasm-simd-threaded.jspi.wasm'),
    wasm: bytesOf('ort-wasm-simd-threaded.wasm'),
    webgpu: bytesOf('ort-wasm-simd-threaded.asyncify.wasm'),
  });
});
