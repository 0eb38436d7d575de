/** Exact products of bytes, and a runtime that cuts them off. */
import { expect, it } from 'vitest';
import { createNodeRuntime } from './node-runtime.ts';
import type { Runtime } from './runtime.ts';
import { createWasmRuntime } from './web-runtime.ts';
import { hasWholeProducts } from './whole-products.ts';

it('a runtime whose int8 products saturate at 16 bits is told from one whose products do not', async () => {
  const runtime = createNodeRuntime();
  const cut: Runtime = {
    ...runtime,
    createSession: async (...args) => {
      const session = await runtime.createSession(...args);
      // Pairs of 255·127, cut off at 2¹⁵ − 1, and 128 times the sum of the weights taken away.
      const sum = 32 * 32_767 - 128 * 64 * 127;
      return {
        ...session,
        run: async () => ({ y: runtime.tensor('float32', new Float32Array(16 * 32).fill(sum), [16, 32]) }),
      };
    },
  };
  expect(await hasWholeProducts(cut)).toBe(false);
  // In WASM always, in Node by the machine.
  expect(await hasWholeProducts(await createWasmRuntime('a test', { threads: false }))).toBe(true);
  expect(await hasWholeProducts(runtime)).toBeTypeOf('boolean');
});
