/** Shapes and small constants that are told from a graph are those that onnxruntime computes. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type ValueName } from './builder.ts';
import { inferShapes, lostShape } from './infer-shapes.ts';
import { writeOnnx } from './onnx-file.ts';
import { DataType } from './onnx-model.ts';

type Build = (g: GraphBuilder, x: ValueName) => ValueName;
const int64 = (g: GraphBuilder, dims: readonly number[], values: readonly number[]) =>
  g.tensor(g.fresh('given'), dims, BigInt64Array.from(values, BigInt));
const op = (type: string, attributes = {}): Build => {
  return (g, x) => g.op(type, [x], { attributes });
};

/** x is float32 [2, 3, 4]. */
const cases: readonly (readonly [string, Build])[] = [
  ['IsNaN', op('IsNaN')],
  ['IsInf', op('IsInf')],
  ['Flatten', op('Flatten')],
  ['Flatten from the end', op('Flatten', { axis: -1 })],
  ['Flatten before all', op('Flatten', { axis: 0 })],
  ['ReduceMax', (g, x) => g.op('ReduceMax', [x, g.ints([1])], { attributes: { keepdims: 0 } })],
  ['GatherND', (g, x) => g.op('GatherND', [x, int64(g, [5, 2], [0, 0, 1, 2, 0, 1, 1, 1, 1, 0])])],
  [
    'GatherND in rows of a batch',
    (g, x) => g.op('GatherND', [x, int64(g, [2, 1], [0, 2])], { attributes: { batch_dims: 1 } }),
  ],
  [
    'TopK',
    (g, x) => g.op('TopK', [x, g.ints([2])], { outputs: ['largest', 'places'], attributes: { axis: 1 } }),
  ],
  ['OneHot', (g) => g.op('OneHot', [int64(g, [2, 2], [0, 1, 2, 1]), g.int(5), int64(g, [2], [0, 1])])],
  [
    'constants compared, broadcast',
    (g) => g.op('Less', [int64(g, [2, 1], [1, 3]), int64(g, [3], [0, 1, 2])]),
  ],
  [
    'constants reduced along an axis',
    (g) =>
      g.op('ReduceSum', [int64(g, [2, 3], [1, 2, 3, 4, 5, 6]), g.ints([0])], { attributes: { keepdims: 0 } }),
  ],
  ['the largest of constants', (g) => g.op('ReduceMax', [int64(g, [2, 2], [4, 7, 5, 6])])],
  ['NonZero of constants', (g) => g.op('NonZero', [int64(g, [2, 3], [0, 7, 1, 0, 0, 2])])],
  [
    'a choice of constants, broadcast',
    (g) => {
      const bigger = g.op('Greater', [int64(g, [2, 1], [1, 3]), g.int(2)]);
      return g.where(bigger, int64(g, [3], [7, 8, 9]), g.int(-1));
    },
  ],
  [
    // repeat_interleave(x, 2, dim = -1) as torch writes it: each channel as often as a constant says.
    'as torch repeats channels',
    (g, x) => {
      const repeats = g.op('Expand', [g.int(2), g.ints([4])]);
      const most = g.op('ReduceMax', [repeats], { attributes: { keepdims: 0 } });
      const counted = g.op('Range', [g.int(0), most, g.int(1)]);
      const wanted = g.op('Less', [counted, g.op('Unsqueeze', [repeats, g.ints([1])])]);
      const places = g.transpose(g.op('NonZero', [wanted]), [1, 0]);
      const channels = g.op('Unsqueeze', [g.transpose(x, [2, 0, 1]), g.ints([1])]);
      const size = g.concat([g.ints([-1]), g.op('Unsqueeze', [most, g.ints([0])]), g.ints([-1, -1])], 0);
      const kept = g.op('Equal', [size, g.ints([-1, -1, -1, -1])]);
      const copies = g.op('Expand', [channels, g.where(kept, g.ints([1, 1, 1, 1]), size)]);
      return g.transpose(g.op('GatherND', [copies, places]), [1, 2, 0]);
    },
  ],
];

describe('shapes told from a graph', () => {
  it.each(cases)('are those of the run: %s', async (_, build) => {
    const g = new GraphBuilder();
    const y = build(g, g.input('x', 'float32', [2, 3, 4]));
    const found = inferShapes(g.model().graph).get(y)!;
    g.output(y, found.dataType);
    const session = await InferenceSession.create(writeOnnx(g.model()), { logSeverityLevel: 3 });
    const data = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
    const out = (await session.run({ x: new Tensor('float32', data, [2, 3, 4]) }))[y]!;
    expect(found.shape).toEqual(out.dims);
    if (found.numbers !== undefined)
      expect(found.numbers).toEqual(Array.from(out.data as Int32Array, Number));
    await session.release();
  });

  it('carry the numbers of constants along', () => {
    for (const [name, build] of cases.filter(([name]) => name.includes('constants'))) {
      const g = new GraphBuilder();
      const y = build(g, g.input('x', 'float32', [2, 3, 4]));
      expect(inferShapes(g.model().graph).get(y)?.numbers, name).toBeDefined();
    }
  });

  it('say at which node they are lost, and why', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2, 3]);
    const places = g.op('NonZero', [x]);
    const y = g.neg(g.op('Cast', [places], { attributes: { to: DataType.float32 } }));
    const z = g.neg(g.op('Unheard', [x]));
    const { graph } = g.model();
    const values = inferShapes(graph);
    expect(lostShape(graph.nodes, values, x)).toBeUndefined();
    expect(lostShape(graph.nodes, values, y)).toMatchObject({
      node: { opType: 'NonZero' },
      why: expect.stringContaining('run time'),
    });
    expect(lostShape(graph.nodes, values, z)).toMatchObject({
      node: { opType: 'Unheard' },
      why: expect.stringContaining('neither a shape rule nor a gradient'),
    });
  });
});
