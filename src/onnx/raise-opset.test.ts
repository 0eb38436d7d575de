import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './builder.ts';
import { writeOnnx } from './onnx-file.ts';
import { prune } from './prune.ts';
import { raiseOpset } from './raise-opset.ts';

describe('a model in a newer opset', () => {
  it('computes the same: axes of reductions, and parts of a Split', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2, 6]);
    const mean = g.op('ReduceMean', [x], { attributes: { axes: [1], keepdims: 1 } });
    g.op('Split', [g.sub(x, mean)], { outputs: ['a', 'b'], attributes: { axis: 1 } });
    g.op('Mul', ['a', 'b'], { outputs: ['y'] });
    g.output('y', 'float32', [2, 3]);
    const old = g.model({ opset: 13, irVersion: 7 });
    const raised = raiseOpset(old, 21);
    expect(raised).toMatchObject({ irVersion: 10, opsets: [{ domain: '', version: 21 }, {}] });
    const feeds = {
      x: new Tensor(
        'float32',
        Float32Array.from({ length: 12 }, (_, i) => i * i),
        [2, 6],
      ),
    };
    const run = async (model: typeof old) => (await InferenceSession.create(writeOnnx(model))).run(feeds);
    expect((await run(raised)).y!.data).toEqual((await run(old)).y!.data);
  });

  it('is refused where it is too old to be told apart', () => {
    const model = new GraphBuilder().model({ opset: 11 });
    expect(() => raiseOpset(model, 21)).toThrow("the model's opset is 11, expected 13 or newer");
  });
});

describe('pruning', () => {
  it('keeps what the outputs need, and nothing else', () => {
    const g = new GraphBuilder();
    const [a, b] = [g.input('a', 'float32', [1]), g.input('b', 'float32', [1])];
    g.add(b, g.tensor('unused', [1], Float32Array.of(1)));
    g.op('Mul', [a, g.tensor('used', [1], Float32Array.of(2))], { outputs: ['y'] });
    g.output('y', 'float32', [1]);
    const { graph } = prune(g.model());
    expect(graph.nodes.map((n) => n.opType)).toEqual(['Mul']);
    expect(graph.inputs.map((i) => i.name)).toEqual(['a']);
    expect(graph.initializers.map((t) => t.name)).toEqual(['used']);
  });
});
