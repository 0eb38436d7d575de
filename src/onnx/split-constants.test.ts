import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { GraphBuilder } from './builder.ts';
import { writeOnnx } from './onnx-file.ts';
import { splitConstants } from './split-constants.ts';

const runtime = createNodeRuntime();
const N = 200;
const weights = Float32Array.from({ length: N * N }, (_, i) => Math.sin(i));

/** x · (W · 2)ᵀ + (b + 1) */
function product() {
  const g = new GraphBuilder();
  g.input('x', 'float32', [1, N]);
  const doubled = g.mul(g.tensor('W', [N, N], weights), g.float(2));
  const bias = g.add(g.tensor('b', [N], weights.slice(0, N)), g.float(1));
  g.op('Add', [g.matMul('x', g.transpose(doubled, [1, 0])), bias], { outputs: ['y'] });
  g.output('y', 'float32', [1, N]);
  return g.model();
}

describe('what is computed from weights alone', () => {
  it('is computed once, where it is large, and fed to the rest', async () => {
    const { constants, rest } = splitConstants(product());
    expect(constants!.graph.nodes.map((n) => n.opType)).toEqual(['Mul', 'Transpose']);
    expect(rest.graph.nodes.map((n) => n.opType)).toEqual(['Add', 'MatMul', 'Add']);
    expect(rest.graph.initializers.map((t) => t.name)).not.toContain('W');
    const [all, first, second] = await Promise.all(
      [product(), constants!, rest].map((model) =>
        runtime.createSession(writeOnnx(model), { asWritten: true }),
      ),
    );
    const x = runtime.tensor('float32', weights.slice(0, N), [1, N]);
    const expected = await all!.run({ x });
    const found = await second!.run({ ...(await first!.run({})), x });
    expect(found.y!.data).toEqual(expected.y!.data);
    for (const session of [all, first, second]) await session!.release();
  });

  it('stays where it is, where there is nothing of that kind', () => {
    const g = new GraphBuilder();
    g.input('x', 'float32', [N, N]);
    g.op('MatMul', ['x', g.tensor('W', [N, N], weights)], { outputs: ['y'] });
    g.output('y', 'float32', [N, N]);
    const model = g.model();
    expect(splitConstants(model)).toEqual({ constants: undefined, rest: model });
  });
});
