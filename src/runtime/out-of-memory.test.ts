import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/builder.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { createNodeRuntime } from './node-runtime.ts';
import { asOutOfMemory } from './out-of-memory.ts';
import { createWasmRuntime } from './web-runtime.ts';

/** One number, repeated as often as it is told. */
function expanding(): Uint8Array {
  const g = new GraphBuilder();
  g.op('Expand', [g.input('x', 'float32', [1]), g.input('shape', 'int64', [2])], { outputs: ['y'] });
  g.output('y', 'float32', ['A', 'B']);
  return writeOnnx(g.model());
}

describe('a lack of memory', () => {
  it('in a run: how much was needed and there, and the next run succeeds', async () => {
    const runtime = createNodeRuntime();
    const session = await runtime.createSession(expanding());
    const run = (rows: bigint) =>
      session.run({
        x: runtime.tensor('float32', Float32Array.of(7), [1]),
        shape: runtime.tensor('int64', BigInt64Array.of(rows, 2n ** 20n), [2]),
      });
    // 64 TiB: more than any address space has room for.
    const error = await run(2n ** 24n).catch((e) => e);
    expect(error).toMatchObject({ name: 'E2PError', code: 'out-of-memory', memory: { needed: 2 ** 46 } });
    expect(error.memory.available).toBeGreaterThan(2 ** 20);
    expect(error.message).toMatch(/^a run on node needs at least 67108864 MiB, and there are \d+ MiB; /);
    expect((await run(1n)).y!.dims).toEqual([1, 2 ** 20]);
    await session.release();
  });

  it('of more than WebAssembly addresses is told before anything is read', async () => {
    const runtime = await createWasmRuntime('a test');
    const part = new Blob([new Uint8Array(2 ** 20)]);
    const data = new Blob(new Array(2049).fill(part));
    const externalData = ['a', 'b'].map((path) => ({ path, data, bytes: data.size }));
    const model = expanding();
    const needed = 2 * data.size + model.byteLength;
    await expect(runtime.createSession(model, { externalData })).rejects.toMatchObject({
      code: 'out-of-memory',
      memory: { needed, available: 2 ** 32 },
      message: expect.stringMatching(/^a session on wasm needs at least 4099 MiB, and there are 4096 MiB; /),
    });
  });

  it.each([
    'std::bad_alloc',
    'Aborted(OOM). Build with -sASSERTIONS for more info.',
    'Array buffer allocation failed',
    'Failed to execute createBuffer: Out of memory',
  ])('is known by %j, where nobody tells how much', (told) => {
    const unknown = { needed: undefined, available: undefined };
    expect(asOutOfMemory('a run on webgpu', told, unknown)).toMatchObject({
      code: 'out-of-memory',
      memory: unknown,
      message: expect.stringMatching(
        /^a run on webgpu needs an unknown number of bytes, and it is not known how many there are; /,
      ),
    });
  });

  it('is not every failure', () => {
    const memory = { needed: 1, available: 2 };
    expect(asOutOfMemory('a run', 'Invalid rank for input: x', memory)).toBeUndefined();
  });
});
