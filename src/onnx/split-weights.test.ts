import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { GraphBuilder } from './builder.ts';
import { writeOnnx } from './onnx-file.ts';
import { splitWeights } from './split-weights.ts';

const runtime = createNodeRuntime();
const N = 32;
const numbers = Float32Array.from({ length: N }, (_, i) => Math.sin(i));

describe('quantized weights', () => {
  it('are dequantized by a graph of their own, and fed to the rest', async () => {
    const g = new GraphBuilder();
    g.input('x', 'float32', [1, N]);
    const packed = g.tensor(
      'W',
      [N, N],
      Uint8Array.from({ length: N * N }, (_, i) => (7 * i) % 256),
    );
    const wide = g.op('DequantizeLinear', [packed, g.tensor('scale', [], Float32Array.of(0.1))]);
    g.op('Gemm', ['x', wide, g.add(g.tensor('b', [N], numbers), g.float(1))], { outputs: ['y'] });
    g.output('y', 'float32', [1, N]);
    const { weights, rest, bytes } = splitWeights(g.model());
    expect(bytes).toBe(4 * N * N);
    expect(weights!.graph.nodes.map((n) => n.opType)).toEqual(['DequantizeLinear']);
    expect(rest.graph.nodes.map((n) => n.opType)).toEqual(['Add', 'Gemm']);
    expect(rest.graph.initializers.map((t) => t.name)).not.toContain('W');
    const [all, first, second] = await Promise.all(
      [g.model(), weights!, rest].map((model) =>
        runtime.createSession(writeOnnx(model), { asWritten: true }),
      ),
    );
    const x = runtime.tensor('float32', numbers, [1, N]);
    const expected = await all!.run({ x });
    const found = await second!.run({ ...(await first!.run({})), x });
    expect(found.y!.data).toEqual(expected.y!.data);
    for (const session of [all, first, second]) await session!.release();
  });

  it('are not looked for in a graph without', () => {
    const g = new GraphBuilder();
    g.input('x', 'float32', [1, N]);
    g.op('Add', ['x', g.tensor('b', [N], numbers)], { outputs: ['y'] });
    g.output('y', 'float32', [1, N]);
    const model = g.model();
    expect(splitWeights(model)).toEqual({ weights: undefined, rest: model, bytes: 0 });
  });
});
