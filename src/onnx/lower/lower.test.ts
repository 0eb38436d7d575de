/** Each fused operator against onnxruntime's own kernel for it: the same numbers, and nothing is left that has no gradient. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { quantize4 } from '../../../tools/llama/quantize.ts';
import { GraphBuilder, makeNode, type NodeOptions, type ValueName } from '../builder.ts';
import { fusedRules } from '../gradient/fused.ts';
import { writeOnnx } from '../onnx-file.ts';
import type { OnnxModel } from '../onnx-model.ts';
import { type Shape, sizeOf } from '../shape.ts';
import { lower } from './lower.ts';

type Attributes = NonNullable<NodeOptions['attributes']>;

interface Case {
  readonly name: string;
  /** With its domain. */
  readonly operator: string;
  readonly attributes?: Attributes;
  /** A shape: random floats; else an input made by hand. '' = not given. */
  readonly inputs: readonly (Shape | Tensor | Weight | '')[];
  /** Which outputs are compared. Default: the first. */
  readonly outputs?: readonly boolean[];
  readonly opset?: number;
}

/** Inputs that have to be weights of the file. */
interface Weight {
  readonly weight: (g: GraphBuilder) => ValueName;
}

const random = (() => {
  let state = 11;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
})();
const floats = (dims: Shape) => Float32Array.from({ length: sizeOf(dims) }, () => 2 * random() - 1);
const int32 = (values: readonly number[], dims: Shape) => new Tensor('int32', Int32Array.from(values), dims);
const int64 = (values: readonly number[], dims: Shape) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
const bools = (values: readonly number[], dims: Shape) => new Tensor('bool', Uint8Array.from(values), dims);

const [B, L, N, KV, D] = [2, 5, 4, 2, 16];
const W = N * D;
const none = [B, KV, 0, D];
/** In three parts, the last of them short. */
const LONG = 150;
/** seqlens_k, total_sequence_length */
const lengths = [int32([L - 1, L - 1], [B]), int32([L], [1])];
const tables: Shape[] = [
  [8, D / 2],
  [8, D / 2],
];
const gqa = { operator: 'com.microsoft.GroupQueryAttention', outputs: [true, true, true] };
const heads = { num_heads: N, kv_num_heads: KV };
const qkv: Shape[] = [
  [B, L, W],
  [B, L, KV * D],
  [B, L, KV * D],
];
const three: Shape[] = [
  [B, L, W],
  [B, L, W],
  [B, L, W],
];
const packed = (rows: number, columns: number, seed: number) => {
  const values = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * seed));
  return quantize4(values, rows, columns);
};
const bytes = (count: number) => Uint8Array.from({ length: count }, () => Math.floor(256 * random()));
const weight = (dims: Shape, data: Float32Array | Uint8Array): Weight => ({
  weight: (g) => g.tensor(g.fresh('weight'), dims, data),
});
const q4 = (n: number, k: number): Weight[] => {
  const { packed: data, scales, blocks } = packed(n, k, 0.7);
  return [weight([n, blocks, 16], data), weight([n * blocks], scales)];
};

const cases: readonly Case[] = [
  {
    ...{ name: 'RMS norm', operator: 'SimplifiedLayerNormalization' },
    inputs: [[B, L, W], [W]],
    attributes: { axis: -1, epsilon: { float: 1e-6 } },
  },
  { name: 'RMS norm of opset 23', operator: 'RMSNormalization', inputs: [[B, L, W], [W]], opset: 23 },
  {
    ...{ name: 'layer norm over two axes', operator: 'LayerNormalization', attributes: { axis: 1 } },
    inputs: [
      [B, L, W],
      [L, W],
      [L, W],
    ],
    outputs: [true, true, true],
  },
  {
    ...{ name: 'RMS norm of a sum', operator: 'com.microsoft.SkipSimplifiedLayerNormalization' },
    inputs: [[B, L, W], [B, L, W], [W], [W]],
    outputs: [true, false, false, true],
  },
  {
    ...{ name: 'layer norm of a sum', operator: 'com.microsoft.SkipLayerNormalization' },
    inputs: [[B, L, W], [B, L, W], [W], [W], [W]],
    outputs: [true, false, false, true],
  },
  {
    ...{ name: 'layer norm of a sum, no bias', operator: 'com.microsoft.SkipLayerNormalization' },
    inputs: [[B, L, W], [B, L, W], [W]],
  },
  { name: 'Gelu', operator: 'com.microsoft.Gelu', inputs: [[B, W]] },
  {
    name: 'FusedMatMul, both factors turned',
    operator: 'com.microsoft.FusedMatMul',
    attributes: { transA: 1, transB: 1, alpha: { float: 0.5 } },
    inputs: [
      [B, 3, L],
      [B, W, 3],
    ],
  },
  {
    name: 'FusedGemm',
    operator: 'com.microsoft.FusedGemm',
    attributes: { transB: 1, alpha: { float: 0.5 }, activation: 'Relu' },
    inputs: [[L, 3], [W, 3], [W]],
  },
  { name: 'BiasGelu', operator: 'com.microsoft.BiasGelu', inputs: [[B, W], [W]] },
  { name: 'FastGelu', operator: 'com.microsoft.FastGelu', inputs: [[B, W], [W]] },
  {
    name: 'QuickGelu',
    operator: 'com.microsoft.QuickGelu',
    inputs: [[B, W]],
    attributes: { alpha: { float: 1 } },
  },
  { name: 'QuickGelu as it comes', operator: 'com.microsoft.QuickGelu', inputs: [[B, W]] },
  { name: 'Gelu of opset 20', operator: 'Gelu', inputs: [[B, W]], attributes: { approximate: 'tanh' } },
  { name: 'Gelu of opset 20, exact', operator: 'Gelu', inputs: [[B, W]] },
  {
    ...{ name: 'depthwise convolution', operator: 'Conv', inputs: [[B, 6, 9], [6, 1, 3], [6]] },
    attributes: { group: 6, kernel_shape: [3], pads: [2, 0] },
  },
  {
    ...{ name: 'rotation', operator: 'com.microsoft.RotaryEmbedding', attributes: { num_heads: N } },
    inputs: [[B, L, W], int64([0, 1, 2, 3, 4, 2, 3, 4, 5, 6], [B, L]), ...tables],
  },
  {
    ...{ name: 'rotation from an offset', operator: 'com.microsoft.RotaryEmbedding' },
    inputs: [[B, N, L, D], int64([2], [1]), ...tables],
  },
  {
    ...{ name: 'rotation in pairs', operator: 'com.microsoft.RotaryEmbedding' },
    inputs: [[B, N, L, D], int64([0], [1]), ...tables],
    attributes: { interleaved: 1 },
  },
  {
    ...{ name: 'rotation of some channels', operator: 'com.microsoft.RotaryEmbedding' },
    inputs: [[B, L, W], int64([0], [1]), [8, 4], [8, 4]],
    attributes: { num_heads: N, rotary_embedding_dim: 8 },
  },
  {
    ...{ name: 'rotation of opset 23', operator: 'RotaryEmbedding', opset: 23 },
    inputs: [[B, N, L, D], ...tables, int64([0, 1, 2, 3, 4, 2, 3, 4, 5, 6], [B, L])],
  },
  {
    ...{ name: 'rotation of opset 23, tables by row', operator: 'RotaryEmbedding', opset: 23 },
    inputs: [
      [B, L, W],
      [B, L, D / 2],
      [B, L, D / 2],
    ],
    attributes: { num_heads: N },
  },
  { ...gqa, name: 'grouped attention', inputs: [...qkv, none, none, ...lengths], attributes: heads },
  {
    ...{ ...gqa, name: 'grouped attention with rotation' },
    inputs: [...qkv, none, none, ...lengths, ...tables],
    attributes: { ...heads, do_rotary: 1 },
  },
  {
    ...{ ...gqa, name: 'grouped attention, rotation in pairs, of its own scale' },
    inputs: [...qkv, none, none, ...lengths, ...tables],
    attributes: { ...heads, do_rotary: 1, rotary_interleaved: 1, scale: { float: 0.4 } },
  },
  {
    ...{ ...gqa, name: 'grouped attention, all in one input' },
    inputs: [[B, L, W + 2 * KV * D], '', '', none, none, ...lengths, ...tables],
    attributes: { ...heads, do_rotary: 1 },
  },
  {
    ...{ ...gqa, name: 'grouped attention in a window' },
    inputs: [...qkv, none, none, ...lengths],
    attributes: { ...heads, local_window_size: 2 },
  },
  ...[-1, 40].map((window) => ({
    ...{ ...gqa, name: `grouped attention in parts, window ${window}` },
    inputs: [
      ...qkv.map(([, , width]) => [B, LONG, width!]),
      ...[none, none, int32([LONG - 1, LONG - 1], [B]), int32([LONG], [1])],
    ],
    attributes: { ...heads, local_window_size: window },
  })),
  {
    ...{ ...gqa, name: 'grouped attention, capped' },
    inputs: [...qkv, none, none, ...lengths],
    attributes: { ...heads, softcap: { float: 0.5 } },
  },
  {
    ...{ ...gqa, name: 'grouped attention with a bias' },
    inputs: [...qkv, none, none, ...lengths, '', '', '', [B, N, L, L]],
    attributes: { ...heads, softcap: { float: 0.5 } },
  },
  {
    ...{ ...gqa, name: 'grouped attention with a sink' },
    inputs: [...qkv, none, none, ...lengths, '', '', '', '', [N]],
    attributes: heads,
  },
  {
    ...{ ...gqa, name: 'grouped attention, smooth softmax' },
    inputs: [...qkv, none, none, ...lengths],
    attributes: { ...heads, smooth_softmax: 1 },
  },
  {
    ...{ name: 'multi-head attention', operator: 'com.microsoft.MultiHeadAttention' },
    inputs: [...three, [3 * W], '', [B, 1, L, L + 2], [B, N, 2, D], [B, N, 2, D]],
    outputs: [true, true, true],
    attributes: { num_heads: N },
  },
  {
    ...{ name: 'multi-head attention, causal', operator: 'com.microsoft.MultiHeadAttention' },
    inputs: three,
    attributes: { num_heads: N, unidirectional: 1 },
  },
  {
    ...{ name: 'multi-head attention with padding', operator: 'com.microsoft.MultiHeadAttention' },
    inputs: [...three, '', int32([1, 1, 1, 1, 0, 1, 1, 1, 1, 1], [B, L])],
    attributes: { num_heads: N },
  },
  {
    ...{ name: 'attention with its product', operator: 'com.microsoft.Attention' },
    inputs: [
      [B, L, W],
      weight([W, 3 * W], floats([W, 3 * W])),
      weight([3 * W], floats([3 * W])),
      int32([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [B, L + 2]),
      [2, B, N, 2, D],
    ],
    outputs: [true, true],
    attributes: { num_heads: N, unidirectional: 1 },
  },
  {
    ...{ name: 'attention of opset 23', operator: 'Attention', opset: 23 },
    inputs: [
      [B, N, L, D],
      [B, KV, L, D],
      [B, KV, L, D],
    ],
    attributes: { is_causal: 1 },
  },
  {
    ...{ name: 'attention of opset 23, flat, masked', operator: 'Attention', opset: 23 },
    inputs: [
      ...qkv,
      bools(
        [...Array(L * L).keys()].map((i) => Number(i % L <= i / L || i % 3 === 0)),
        [L, L],
      ),
    ],
    attributes: { q_num_heads: N, kv_num_heads: KV, scale: { float: 0.3 } },
  },
  {
    ...{ name: 'product with 4-bit weights', operator: 'com.microsoft.MatMulNBits' },
    inputs: [[B, L, 64], ...q4(24, 64)],
    attributes: { K: 64, N: 24, bits: 4, block_size: 32 },
  },
  {
    ...{ name: 'product with 4-bit weights, the last block not full', operator: 'com.microsoft.MatMulNBits' },
    inputs: [[B, L, 80], ...q4(6, 80), '', '', [6]],
    attributes: { K: 80, N: 6, bits: 4, block_size: 32 },
  },
  {
    ...{ name: 'product with 4-bit weights and zero points', operator: 'com.microsoft.MatMulNBits' },
    inputs: [[B, L, 96], ...q4(5, 96), weight([5 * 2], bytes(10))],
    attributes: { K: 96, N: 5, bits: 4, block_size: 32 },
  },
  {
    ...{ name: 'product with 8-bit weights', operator: 'com.microsoft.MatMulNBits' },
    inputs: [[B, L, 64], weight([6, 2, 32], bytes(6 * 64)), weight([12], floats([12]))],
    attributes: { K: 64, N: 6, bits: 8, block_size: 32 },
  },
  {
    ...{ name: 'lookup in 4 bits', operator: 'com.microsoft.GatherBlockQuantized' },
    inputs: [weight([9, 32], bytes(9 * 32)), int64([8, 0, 3, 3], [2, 2]), weight([9, 2], floats([9, 2]))],
    attributes: { bits: 4, block_size: 32, gather_axis: 0, quantize_axis: 1 },
  },
  {
    ...{ name: 'lookup in 4 bits with zero points', operator: 'com.microsoft.GatherBlockQuantized' },
    inputs: [
      weight([9, 48], bytes(9 * 48)),
      int64([8, 0], [1, 2]),
      weight([9, 3], floats([9, 3])),
      weight([9, 2], bytes(18)),
    ],
    attributes: { bits: 4, block_size: 32, gather_axis: 0, quantize_axis: 1 },
  },
  {
    ...{ name: 'lookup in 8 bits', operator: 'com.microsoft.GatherBlockQuantized' },
    inputs: [weight([9, 64], bytes(9 * 64)), int64([8, 0], [1, 2]), weight([9, 2], floats([9, 2]))],
    attributes: { bits: 8, block_size: 32, gather_axis: 0, quantize_axis: 1 },
  },
];

function build({ operator, inputs, attributes = {}, outputs = [true], opset }: Case) {
  const g = new GraphBuilder();
  const feeds: Record<string, Tensor> = {};
  const names = inputs.map((input, i) => {
    if (input === '') return '';
    if ('weight' in input) return input.weight(g);
    const tensor =
      input instanceof Tensor ? input : new Tensor('float32', floats(input as Shape), input as Shape);
    feeds[`in${i}`] = tensor;
    return g.input(`in${i}`, tensor.type as 'float32', tensor.dims);
  });
  const made = outputs.map((wanted, i) => (wanted ? g.output(`out${i}`, 'float32') : ''));
  const fused = /^com\.microsoft\.(\w+)$/.exec(operator)?.[1];
  if (fused === undefined) g.op(operator, names, { attributes, outputs: made });
  else g.fused(fused, names, { attributes, outputs: made });
  return { model: g.model(opset === undefined ? {} : { opset }), feeds };
}

async function run(model: OnnxModel, feeds: Record<string, Tensor>) {
  const session = await InferenceSession.create(writeOnnx(model), { logSeverityLevel: 3 });
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

describe('a lowered operator', () => {
  it.each(cases)('computes the same: $name', async (given) => {
    const { model, feeds } = build(given);
    const lowered = lower(model, { from: Object.keys(feeds) });
    const names = lowered.graph.nodes.map((n) => (n.domain === '' ? n.opType : `${n.domain}.${n.opType}`));
    const fused = names.filter((name) => name.startsWith('com.microsoft') || name === given.operator);
    // What is still fused has a gradient as it is.
    expect(fused.filter((name) => !Object.hasOwn(fusedRules, name))).toEqual([]);
    const [expected, found] = [await run(model, feeds), await run(lowered, feeds)];
    for (const [name, { data, dims }] of Object.entries(expected)) {
      expect(found[name]!.dims).toEqual(dims);
      const largest = (data as Float32Array).reduce(
        (max, x, i) => Math.max(max, Math.abs(x - Number(found[name]!.data[i]))),
        0,
      );
      expect(largest, name).toBeLessThanOrEqual(1e-5);
    }
  });

  it('norms queries and keys inside grouped attention as onnxruntime does it in operators of its own', async () => {
    // The CPU has no kernel for inputs 14 and 15 (onnxruntime 1.30): the same in nodes that it has.
    const [plain, normed] = [new GraphBuilder(), new GraphBuilder()].map((g, i) => {
      const [q, k, v] = qkv.map((dims, at) => g.input(`in${at}`, 'float32', dims));
      const gains = [0, 1].map((at) => g.input(`gain${at}`, 'float32', [D]));
      const tables = ['cos', 'sin'].map((name) => g.input(name, 'float32', [8, D / 2]));
      const past = ['keys', 'values'].map((name) => g.input(name, 'float32', none));
      const rest = [...past, g.input('last', 'int32', [B]), g.input('total', 'int32', [1]), ...tables];
      const byHead = (x: ValueName, gain: ValueName) => {
        const attributes = { axis: -1, epsilon: { float: 1e-3 } };
        const heads = g.reshape(x, [B, L, -1, D]);
        return g.reshape(g.op('SimplifiedLayerNormalization', [heads, gain], { attributes }), [B, L, -1]);
      };
      const inputs =
        i === 0
          ? [byHead(q!, gains[0]!), byHead(k!, gains[1]!), v!, ...rest]
          : [q!, k!, v!, ...rest, '', '', '', '', '', ...gains];
      g.fused('GroupQueryAttention', inputs, {
        attributes: { ...heads, do_rotary: 1, ...(i === 1 && { qk_norm_epsilon: { float: 1e-3 } }) },
        outputs: ['out', 'present_keys', 'present_values'],
      });
      for (const name of ['out', 'present_keys', 'present_values']) g.output(name, 'float32');
      return g.model();
    });
    const of = (dims: Shape) => new Tensor('float32', floats(dims), dims);
    const feeds = {
      ...Object.fromEntries(qkv.map((dims, at) => [`in${at}`, of(dims)])),
      ...{ gain0: of([D]), gain1: of([D]), cos: of([8, D / 2]), sin: of([8, D / 2]) },
      ...{ keys: of(none), values: of(none), last: lengths[0]!, total: lengths[1]! },
    };
    const lowered = lower(normed!, { from: ['in0'] });
    const [expected, found] = [await run(plain!, feeds), await run(lowered, feeds)];
    for (const [name, { data }] of Object.entries(expected)) {
      for (const [i, x] of (data as Float32Array).entries())
        expect(Math.abs(x - Number(found[name]!.data[i])), name).toBeLessThanOrEqual(1e-5);
    }
  });

  it('takes each weight in a Constant node, where tensors have no name, for itself', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2, 64]);
    const attributes = { K: 64, N: 8, bits: 4, block_size: 32 };
    for (const name of ['first', 'second']) {
      const given = [weight([8, 2, 16], bytes(256)), weight([16], floats([16]))].map((w) => w.weight(g));
      g.fused('MatMulNBits', [x, ...given], { attributes, outputs: [name] });
      g.output(name, 'float32', [2, 8]);
    }
    const { graph, ...file } = g.model();
    const constants = graph.initializers.map((t) => {
      const value = { name: 'value', type: 4, t: { ...t, name: '' }, ints: [], strings: [], graphs: [] };
      return { ...makeNode('Constant', [], [t.name]), attributes: [value] };
    });
    const model = {
      ...file,
      graph: { ...graph, initializers: [], nodes: [...constants, ...graph.nodes] },
    };
    const feeds = { x: new Tensor('float32', floats([2, 64]), [2, 64]) };
    const [expected, found] = [await run(model, feeds), await run(lower(model, { from: ['x'] }), feeds)];
    for (const name of ['first', 'second'])
      for (const [i, v] of (expected[name]!.data as Float32Array).entries())
        expect(Math.abs(v - Number(found[name]!.data[i])), name).toBeLessThanOrEqual(1e-5);
  });

  it('is left fused where no gradient passes', () => {
    const { model } = build(cases.find((c) => c.name === 'Gelu')!);
    expect(lower(model, { from: [] }).graph.nodes.map((n) => n.opType)).toEqual(['Gelu']);
  });

  it('is refused by name where its form is not covered', () => {
    const { model } = build({
      name: '',
      operator: 'com.microsoft.GroupQueryAttention',
      inputs: [...qkv, [B, KV, 3, D], [B, KV, 3, D], ...lengths],
      attributes: heads,
    });
    expect(() => lower(model, { from: ['in0'] })).toThrow(
      expect.objectContaining({
        code: 'unsupported-graph',
        message: expect.stringMatching(/GroupQueryAttention \(node .*out0\): it continues a past/),
      }),
    );
  });

  it('is refused with a way out where activations are integers', () => {
    const g = new GraphBuilder();
    g.op('DynamicQuantizeLinear', [g.input('x', 'float32', [2, 4])], { outputs: ['q', 's', 'z'] });
    expect(() => lower(g.model(), { from: ['x'] })).toThrow('train with the q4 or fp32 file');
  });
});
