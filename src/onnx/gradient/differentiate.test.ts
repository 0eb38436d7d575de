import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { GraphBuilder, makeValueInfo, type ValueName } from '../builder.ts';
import { inferShapes } from '../infer-shapes.ts';
import { writeOnnx } from '../onnx-file.ts';
import { DataType } from '../onnx-model.ts';
import { type Shape, sizeOf } from '../shape.ts';
import { differentiate, gradientName } from './differentiate.ts';

interface Case {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Shape>>;
  /** Keeps the inputs off kinks and out of forbidden ranges. */
  readonly range?: readonly [number, number];
  readonly build: (g: GraphBuilder, ...inputs: ValueName[]) => ValueName;
}

const unary = (op: string, range?: readonly [number, number]): Case => ({
  name: op,
  inputs: { x: [2, 3] },
  ...(range ? { range } : {}),
  build: (g, x) => g.op(op, [x!]),
});
const binary = (op: string, a: Shape, b: Shape, range?: readonly [number, number]): Case => ({
  name: `${op} [${a}] [${b}]`,
  inputs: { a, b },
  ...(range ? { range } : {}),
  build: (g, x, y) => g.op(op, [x!, y!]),
});
const extreme = (g: GraphBuilder, op: string, x: ValueName, axes: readonly number[]) =>
  g.op(op, [x, g.ints(axes)], { attributes: { keepdims: 0 } });
const indices = (g: GraphBuilder, dims: Shape, values: number[]) =>
  g.tensor(g.fresh('indices'), dims, BigInt64Array.from(values, BigInt));

const cases: readonly Case[] = [
  ...['Identity', 'Neg', 'Exp', 'Sigmoid', 'Tanh', 'Erf', 'Sin', 'Cos', 'Softplus'].map((op) => unary(op)),
  ...['Sqrt', 'Reciprocal', 'Log', 'Relu', 'Abs'].map((op) => unary(op, [0.3, 2])),
  { ...unary('Relu', [-2, -0.1]), name: 'Relu below zero' },
  ...['Add', 'Sub', 'Mul'].flatMap((op) => [
    binary(op, [2, 3], [2, 3]),
    binary(op, [2, 3], [3]),
    binary(op, [1, 3], [4, 2, 1]),
    binary(op, [2, 3], []),
  ]),
  binary('Div', [2, 3], [2, 3], [0.5, 2]),
  binary('Div', [3], [2, 3], [0.5, 2]),
  ...['Max', 'Min'].map((op) => ({
    name: `${op} with broadcasting`,
    inputs: { a: [2, 3], b: [3] },
    // Far from where the two are equal.
    build: (g: GraphBuilder, a?: ValueName, b?: ValueName) =>
      g.op(op, [g.add(a!, g.tensor('apart', [2, 3], Float32Array.of(5, -5, 5, -5, 5, -5))), b!]),
  })),
  {
    name: 'Clip',
    inputs: { x: [2, 3] },
    build: (g, x) => g.op('Clip', [g.mul(x!, g.float(3)), g.float(-1), g.float(1)]),
  },
  { name: 'Mul with itself', inputs: { x: [4] }, build: (g, x) => g.mul(x!, x!) },
  { name: 'Pow 2', inputs: { x: [2, 3] }, build: (g, x) => g.op('Pow', [x!, g.float(2)]) },
  {
    name: 'Pow 3.5',
    inputs: { x: [2, 3] },
    range: [0.5, 2],
    build: (g, x) => g.op('Pow', [x!, g.float(3.5)]),
  },
  {
    name: 'Where',
    inputs: { a: [2, 3], b: [3] },
    build: (g, a, b) => g.where(g.op('Greater', [a!, g.float(10)]), a!, g.where(mask(g), a!, b!)),
  },
  {
    name: 'Cast',
    inputs: { x: [3] },
    build: (g, x) => toFloat(g, g.op('Cast', [x!], { attributes: { to: DataType.float64 } })),
  },
  { name: 'ReduceSum keepdims', inputs: { x: [2, 3, 4] }, build: (g, x) => g.reduceSum(x!, [1]) },
  { name: 'ReduceSum', inputs: { x: [2, 3, 4] }, build: (g, x) => g.reduceSum(x!, [0, -1], false) },
  { name: 'ReduceMean', inputs: { x: [2, 3, 4] }, build: (g, x) => g.reduceMean(x!, [2, 0], false) },
  { name: 'ReduceMean of all', inputs: { x: [2, 3] }, build: (g, x) => g.op('ReduceMean', [x!]) },
  { name: 'ReduceMax', inputs: { x: [2, 3, 4] }, build: (g, x) => extreme(g, 'ReduceMax', x!, [1]) },
  {
    name: 'ReduceMin, two axes',
    inputs: { x: [2, 3, 4] },
    build: (g, x) => extreme(g, 'ReduceMin', x!, [0, 2]),
  },
  {
    name: 'TopK',
    inputs: { x: [3, 5] },
    range: [0, 0.15],
    build: (g, x) => {
      // Far from where two are equal.
      const apart = Float32Array.from({ length: 15 }, (_, i) => 0.2 * ((i * 7) % 15));
      const attributes = { axis: 0 };
      return g.op('TopK', [g.add(x!, g.tensor('apart', [3, 5], apart)), g.ints([2])], {
        outputs: ['largest', 'places'],
        attributes,
      });
    },
  },
  {
    name: 'Flatten',
    inputs: { x: [2, 3, 4] },
    build: (g, x) => g.op('Flatten', [x!], { attributes: { axis: -1 } }),
  },
  { name: 'Softmax', inputs: { x: [2, 3, 4] }, build: (g, x) => g.softmax(x!) },
  { name: 'Softmax on axis 1', inputs: { x: [2, 3, 4] }, build: (g, x) => g.softmax(x!, 1) },
  {
    name: 'LogSoftmax',
    inputs: { x: [2, 5] },
    build: (g, x) => g.op('LogSoftmax', [x!], { attributes: { axis: -1 } }),
  },
  binary('MatMul', [2, 3], [3, 4]),
  binary('MatMul', [2, 2, 3], [3, 4]),
  binary('MatMul', [2, 2, 2, 3], [2, 2, 3, 4]),
  binary('MatMul', [2, 3], [2, 3, 2]),
  binary('MatMul', [2, 1, 2, 3], [3, 3, 2]),
  ...[0, 1, 2, 3].map((turned) => {
    const [transA, transB] = [turned & 1, turned >> 1];
    return {
      name: `Gemm, transA ${transA}, transB ${transB}`,
      inputs: { a: transA ? [3, 2] : [2, 3], b: transB ? [4, 3] : [3, 4], c: [4] },
      build: (g: GraphBuilder, ...abc: ValueName[]) => {
        const attributes = { transA, transB, alpha: { float: 0.5 }, beta: { float: 2 } };
        return g.op('Gemm', abc, { attributes });
      },
    };
  }),
  {
    name: 'Gemm of two',
    inputs: { a: [2, 3], b: [3, 4] },
    build: (g, a, b) => g.op('Gemm', [a!, b!]),
  },
  { name: 'Transpose', inputs: { x: [2, 3, 4] }, build: (g, x) => g.transpose(x!, [2, 0, 1]) },
  { name: 'Transpose without perm', inputs: { x: [2, 3] }, build: (g, x) => g.op('Transpose', [x!]) },
  { name: 'Reshape', inputs: { x: [2, 3, 4] }, build: (g, x) => g.reshape(x!, [0, -1]) },
  {
    name: 'Reshape to a shape taken from the graph',
    inputs: { x: [2, 6], like: [3, 4] },
    build: (g, x, like) => g.mul(like!, g.op('Reshape', [x!, g.op('Shape', [like!])])),
  },
  { name: 'Squeeze', inputs: { x: [2, 1, 3] }, build: (g, x) => g.op('Squeeze', [x!, g.ints([1])]) },
  { name: 'Unsqueeze', inputs: { x: [2, 3] }, build: (g, x) => g.op('Unsqueeze', [x!, g.ints([0, -1])]) },
  { name: 'Expand', inputs: { x: [3, 1] }, build: (g, x) => g.op('Expand', [x!, g.ints([2, 3, 4])]) },
  { name: 'Tile', inputs: { x: [2, 3] }, build: (g, x) => g.op('Tile', [x!, g.ints([3, 2])]) },
  { name: 'Slice', inputs: { x: [4, 5] }, build: (g, x) => g.slice(x!, 1, -4, 2 ** 31) },
  {
    name: 'Slice of every other element',
    inputs: { x: [2, 7] },
    build: (g, x) => g.op('Slice', [x!, g.ints([1]), g.ints([7]), g.ints([1]), g.ints([2])]),
  },
  {
    name: 'Slice with steps on two axes',
    inputs: { x: [5, 8] },
    build: (g, x) => g.op('Slice', [x!, g.ints([0, 1]), g.ints([5, 6]), g.ints([0, 1]), g.ints([3, 2])]),
  },
  { name: 'Split', inputs: { x: [2, 6] }, build: (g, x) => split(g, x!, [1, 2, 3]) },
  { name: 'Concat', inputs: { a: [2, 1], b: [2, 3] }, build: (g, a, b) => g.concat([a!, b!, a!], -1) },
  {
    name: 'Gather with repeated rows',
    inputs: { x: [4, 3] },
    build: (g, x) => g.gather(x!, indices(g, [2, 3], [3, 0, 3, 1, 3, 0])),
  },
  {
    name: 'Gather on axis 1',
    inputs: { x: [2, 4, 3] },
    build: (g, x) => g.gather(x!, indices(g, [2, 2], [3, 0, 3, 1]), 1),
  },
  {
    name: 'Gather of one row',
    inputs: { x: [2, 4, 3] },
    build: (g, x) => g.gather(x!, indices(g, [], [2]), 1),
  },
  {
    name: 'GatherElements, one a row',
    inputs: { x: [3, 4] },
    build: (g, x) => pick(g, x!, [3, 1], [2, 0, 3]),
  },
  {
    name: 'GatherElements, several a row',
    inputs: { x: [2, 4] },
    build: (g, x) => pick(g, x!, [2, 3], [2, 2, 0, 3, 1, 1]),
  },
  {
    name: 'ScatterElements',
    inputs: { x: [2, 4], updates: [2, 2] },
    build: (g, x, updates) => {
      const places = indices(g, [2, 2], [3, 0, 1, 2]);
      return g.op('ScatterElements', [x!, places, updates!], { attributes: { axis: 1 } });
    },
  },
  {
    name: 'an RMSNorm',
    inputs: { x: [2, 3, 8], w: [8] },
    build: (g, x, w) => {
      const scale = g.op('Sqrt', [g.add(g.reduceMean(g.mul(x!, x!), [-1]), g.float(1e-5))]);
      return g.mul(g.div(x!, scale), w!);
    },
  },
  {
    name: 'a fused RMS norm over two axes',
    inputs: { x: [2, 3, 4], w: [3, 4] },
    build: (g, x, w) => {
      const attributes = { axis: 1, epsilon: { float: 1e-5 } };
      return g.op('SimplifiedLayerNormalization', [x!, w!], { attributes });
    },
  },
  ...[1, 1.702].map((alpha) => ({
    name: `QuickGelu with α = ${alpha}`,
    inputs: { x: [2, 3] },
    build: (g: GraphBuilder, x?: ValueName) =>
      g.fused('QuickGelu', [x!], { attributes: { alpha: { float: alpha } } }),
  })),
  ...[0, 1].map((interleaved) => ({
    name: `a rotation of some channels, interleaved: ${interleaved}`,
    inputs: { x: [2, 3, 12] },
    build: (g: GraphBuilder, x?: ValueName) => {
      const table = (f: (angle: number) => number) =>
        g.tensor(
          g.fresh('table'),
          [5, 2],
          Float32Array.from({ length: 10 }, (_, i) => f(0.7 * i)),
        );
      const attributes = { interleaved, num_heads: 2, rotary_embedding_dim: 4 };
      const places = indices(g, [2, 3], [0, 1, 2, 2, 3, 4]);
      return g.fused('RotaryEmbedding', [x!, places, table(Math.cos), table(Math.sin)], { attributes });
    },
  })),
  {
    name: 'attention with grouped heads',
    inputs: { q: [2, 4, 3, 2], k: [2, 2, 3, 2], v: [2, 2, 3, 2] },
    build: (g, q, k, v) => {
      const grouped = g.reshape(q!, [2, 2, 6, 2]);
      const scores = g.mul(g.matMul(grouped, g.transpose(k!, [0, 1, 3, 2])), g.float(2 ** -0.5));
      return g.matMul(g.softmax(scores), v!);
    },
  },
];

describe('the gradient of a graph', () => {
  it.each(cases)('agrees with finite differences: $name', async ({ inputs, range = [-1, 1], build }) => {
    const g = new GraphBuilder();
    const names = Object.keys(inputs);
    for (const name of names) g.input(name, 'float32', inputs[name]!);
    const y = build(g, ...names);
    const { shape } = inferShapes(g.model().graph).get(y)!;
    const random = uniform(7);
    const mixed = g.mul(
      y,
      g.tensor(
        'mix',
        shape,
        Float32Array.from({ length: sizeOf(shape) }, () => random() - 0.3),
      ),
    );
    g.op('ReduceSum', [mixed], { attributes: { keepdims: 0 }, outputs: ['loss'] });
    g.output('loss', 'float32', []);
    const model = differentiate(g.model(), { loss: 'loss', wrt: names });
    const session = await InferenceSession.create(writeOnnx(model), { logSeverityLevel: 3 });
    const point = Object.fromEntries(
      names.map((name) => [
        name,
        Float32Array.from(
          { length: sizeOf(inputs[name]!) },
          () => range[0] + random() * (range[1] - range[0]),
        ),
      ]),
    );
    const run = (at: Record<string, Float32Array>) =>
      session.run(Object.fromEntries(names.map((n) => [n, new Tensor('float32', at[n]!, inputs[n]!)])));
    const exact = await run(point);
    for (const name of names) {
      const gradient = exact[gradientName(name)]!;
      expect(gradient.dims).toEqual(inputs[name]);
      for (let i = 0; i < gradient.size; i++) {
        const step = 0.01;
        const at = async (d: number) => {
          const moved = Float32Array.from(point[name]!);
          moved[i] = moved[i]! + d * step;
          return Number((await run({ ...point, [name]: moved })).loss!.data[0]);
        };
        // Fourth-order central difference: its error is far below float32's.
        const slope = (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * step);
        expect(Number(gradient.data[i])).toBeCloseTo(slope, 2.5);
      }
    }
    await session.release();
  });

  it('loses no summand of a table when several threads add', async () => {
    const [count, width] = [4096, 32];
    const g = new GraphBuilder();
    const rows = g.gather(g.input('table', 'float32', [2, width]), g.input('ids', 'int64', [count]));
    g.op('ReduceSum', [rows], { attributes: { keepdims: 0 }, outputs: ['loss'] });
    const model = writeOnnx(differentiate(g.model(), { loss: 'loss', wrt: ['table'] }));
    const session = await InferenceSession.create(model, { intraOpNumThreads: 4 });
    const feeds = {
      table: new Tensor('float32', new Float32Array(2 * width), [2, width]),
      ids: new Tensor('int64', new BigInt64Array(count), [count]),
    };
    for (let run = 0; run < 20; run++) {
      const gradient = (await session.run(feeds))['grad/table']!.data as Float32Array;
      expect(new Set(gradient.subarray(0, width))).toEqual(new Set([count]));
      expect(new Set(gradient.subarray(width))).toEqual(new Set([0]));
    }
    await session.release();
  });

  it('uses the shapes it is given for symbolic inputs', async () => {
    const g = new GraphBuilder();
    g.reduceMean(g.input('x', 'float32', ['rows', 2]), [0, 1]);
    g.op('ReduceSum', [g.mul('x', 'x')], { attributes: { keepdims: 0 }, outputs: ['loss'] });
    expect(() => differentiate(g.model(), { loss: 'loss', wrt: ['x'] })).toThrow('[rows, 2]');
    const model = differentiate(g.model(), { loss: 'loss', wrt: ['x'], shapes: { x: [1, 2] } });
    const session = await InferenceSession.create(writeOnnx(model));
    const out = await session.run({ x: new Tensor('float32', [3, 4], [1, 2]) });
    expect([...(out['grad/x']!.data as Float32Array)]).toEqual([6, 8]);
  });

  it('raises an old opset to one that can scatter', () => {
    const g = new GraphBuilder();
    g.reduceSum(g.input('x', 'float32', [2]), [0]);
    const model = differentiate(g.model({ opset: 14, irVersion: 8 }), {
      loss: g.nodes[0]!.outputs[0]!,
      wrt: ['x'],
    });
    expect(model.opsets[0]?.version).toBe(16);
  });

  it('leaves operators alone that no gradient passes', () => {
    const g = new GraphBuilder();
    const odd = g.op('Celu', [g.input('other', 'float32', [2])]);
    const loss = g.reduceSum(g.mul(g.input('x', 'float32', [2]), odd), [0]);
    const model = g.model();
    const valueInfo = [makeValueInfo(odd, 'float32', [2])];
    const known = { ...model, graph: { ...model.graph, valueInfo } };
    expect(() => differentiate(known, { loss, wrt: ['x'] })).not.toThrow();
    // Without the file's word for the shape, the operator that hides it is named.
    expect(() => differentiate(model, { loss, wrt: ['x'] })).toThrow(
      'Celu (node Celu/Celu_0): the operator has neither a shape rule nor a gradient',
    );
  });

  it('names the operator and the node that it cannot differentiate', () => {
    const g = new GraphBuilder();
    const y = g.fused('FastGelu', [g.input('x', 'float32', [2])], { outputs: ['activated'] });
    const loss = g.reduceSum(y, [0]);
    expect(() => differentiate(g.model(), { loss, wrt: ['x'] })).toThrow(
      expect.objectContaining({
        code: 'unsupported-graph',
        message: expect.stringMatching(/com\.microsoft\.FastGelu.*FastGelu\/activated/),
      }),
    );
  });

  it('refuses a loss of several elements and one that does not depend on the value', () => {
    const g = new GraphBuilder();
    const y = g.neg(g.input('x', 'float32', [2]));
    g.input('unused', 'float32', [2]);
    expect(() => differentiate(g.model(), { loss: y, wrt: ['x'] })).toThrow('expected one element');
    const loss = g.reduceSum(y, [0]);
    expect(() => differentiate(g.model(), { loss, wrt: ['unused'] })).toThrow('does not depend on unused');
  });
});

const mask = (g: GraphBuilder) => g.tensor('mask', [2, 1], Uint8Array.of(1, 0), 'bool');
const toFloat = (g: GraphBuilder, x: ValueName) =>
  g.op('Cast', [x], { attributes: { to: DataType.float32 } });
const pick = (g: GraphBuilder, x: ValueName, dims: Shape, at: number[]) =>
  g.op('GatherElements', [x, indices(g, dims, at)], { attributes: { axis: 1 } });

/** Uses two of three parts, one of them twice. */
function split(g: GraphBuilder, x: ValueName, sizes: number[]): ValueName {
  g.op('Split', [x, g.ints(sizes)], { outputs: ['a', 'b', 'c'], attributes: { axis: 1 } });
  return g.mul(g.mul('a', 'c'), 'c');
}

function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}
