/** Samples of weights, against what onnxruntime makes of the same weights. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder, type ValueName } from '../onnx/builder.ts';
import { toFloat16 } from '../onnx/float16.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { DataType } from '../onnx/onnx-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import { sourceOf, zooFolder } from '../testing/zoo/zoo-folder.ts';
import { H, V, type ZooStyle } from '../testing/zoo/zoo-style.ts';
import { bytes, seeded } from '../testing/zoo/zoo-weights.ts';
import { loadBaseModel } from './base-model.ts';
import { sampleGains, sampleProducts } from './weight-samples.ts';

const runtime = createNodeRuntime();
const K = 96;
const N = 40;

function floats(name: string, count: number): Float32Array {
  const random = seeded(name);
  return Float32Array.from({ length: count }, () => random() - 0.5);
}

type Layer = (g: GraphBuilder, x: ValueName) => ValueName;

const blocks =
  (bits: 4 | 8, zeroPoints: boolean): Layer =>
  (g, x) => {
    const packed = g.tensor('w', [N, 3, 4 * bits], bytes('w', N * 12 * bits));
    const scales = g.tensor('scales', [N, 3], floats('scales', N * 3));
    const row = Math.ceil((3 * bits) / 8);
    const zeros = zeroPoints ? [g.tensor('zeros', [N, row], bytes('zeros', N * row))] : [];
    const attributes = { K, N, bits, block_size: 32 };
    return g.fused('MatMulNBits', [x, packed, scales, ...zeros], { attributes });
  };

const integers: Layer = (g, x) => {
  g.op('DynamicQuantizeLinear', [x], { outputs: ['xq', 'x_scale', 'x_zero'] });
  const weight = g.tensor('w', [K, N], new Int8Array(bytes('w', K * N).buffer));
  const product = g.op('MatMulInteger', ['xq', weight, 'x_zero', g.tensor('zero', [], Int8Array.of(-7))]);
  const scale = g.mul('x_scale', g.tensor('scale', [1], Float32Array.of(0.03)));
  return g.mul(g.op('Cast', [product], { attributes: { to: DataType.float32 } }), scale);
};

const LAYERS: Readonly<Record<string, Layer>> = {
  MatMul: (g, x) => g.matMul(x, g.tensor('w', [K, N], floats('w', K * N))),
  'MatMul with a weight in float16': (g, x) => {
    const weight = g.tensor('w', [K, N], toFloat16(floats('w', K * N)));
    return g.matMul(x, g.op('Cast', [weight], { attributes: { to: DataType.float32 } }));
  },
  'MatMul with a transposed weight': (g, x) =>
    g.matMul(x, g.transpose(g.tensor('w', [N, K], floats('w', K * N)), [1, 0])),
  Gemm: (g, x) => g.op('Gemm', [x, g.tensor('w', [N, K], floats('w', K * N))], { attributes: { transB: 1 } }),
  'MatMulNBits, 4 bits': blocks(4, false),
  'MatMulNBits, 4 bits with zero points': blocks(4, true),
  'MatMulNBits, 8 bits': blocks(8, false),
  'MatMulNBits, 8 bits with zero points': blocks(8, true),
  'MatMulInteger, one scale': integers,
};

describe('a sample of a product', () => {
  it.each(Object.entries(LAYERS))('%s: what the first input is weighted with', async (name, layer) => {
    const g = new GraphBuilder();
    g.input('x', 'float32', [1, K]);
    g.op('Identity', [layer(g, 'x')], { outputs: ['y'] });
    g.output('y', 'float32', [1, N]);
    const model = g.model();
    const session = await runtime.createSession(writeOnnx(model));
    const first = Float32Array.from({ length: K }, (_, i) => (i === 0 ? 1 : 0));
    const run = await session.run({ x: runtime.tensor('float32', first, [1, K]) });
    const expected = run.y!.data as Float32Array;

    const { count, groups } = await sampleProducts({
      ...{ model, path: 'm.onnx', weights: [], hiddenSize: K, vocabularySize: 7 },
    });
    expect(count).toBe(1);
    const { inputs, members } = groups.get(0)!;
    expect([inputs, members.length]).toEqual([K, 1]);
    const { values, steps } = members[0]!;
    expect(values).toHaveLength(N);
    const clipped = values.filter(Number.isNaN).length;
    for (const [n, v] of values.entries()) {
      if (!Number.isNaN(v)) expect(v).toBeCloseTo(expected[n]!, 4);
    }
    // Random codes: of 4 bits one of 8 is at an end, of 8 bits one of 128.
    expect(clipped).toBeLessThan(N / 3);
    if (name.includes('4 bits')) expect(clipped).toBeGreaterThan(0);
    expect(steps.every((s) => s > 0)).toBe(
      name.startsWith('MatMulNBits') || name.startsWith('MatMulInteger'),
    );
  });
});

describe('samples of a model', () => {
  const isKnown = (s: ZooStyle) => s.embedding !== 'embed-layer-norm' && s.attention !== 'fused';

  it.each(ZOO.filter(isKnown))('$name: every norm, and the same groups of products', async (style) => {
    const { model } = buildZoo(style);
    const table = { model, path: 'm', weights: [], hiddenSize: H, vocabularySize: V };
    // Two layers with two norms, and one before the head.
    const gains = await sampleGains(table);
    expect(gains).toHaveLength(5);
    for (const { values } of gains) {
      expect(values).toHaveLength(H);
      // Drawn from 0.9 to 1.1.
      expect(Math.max(...values.map((v) => Math.abs(v - 1)))).toBeLessThan(0.101);
    }
    const { count } = await sampleProducts(table);
    if (style.attention !== 'conv') expect(count).toBe(8);
  });

  it.each(
    ZOO.filter((s) => ['quantized', 'int8', 'dequantized'].includes(s.embedding ?? '')),
  )('$name: steps of the table, whose numbers are whole steps apart', async (style) => {
    const model = await loadBaseModel({ source: sourceOf(zooFolder(style)), dtypes: ['fp32'] });
    const ids = [3, 0, 17];
    const { values, steps } = (await model.sampleEmbeddings(runtime, ids))!;
    const plain = await model.tokenEmbeddings(runtime, ids);
    const codes = plain.map((v, i) => v / steps[i]!);
    const [lowest, highest] = [Math.min(...codes), Math.max(...codes)];
    for (const [i, v] of values.entries()) {
      expect(Math.abs(codes[i]! - Math.round(codes[i]!))).toBeLessThan(0.02);
      if (Number.isNaN(v))
        expect([lowest, highest].some((end) => Math.abs(end - codes[i]!) < 0.02)).toBe(true);
      else expect(v).toBe(plain[i]);
    }
    if (style.embedding === 'quantized') expect(values.some(Number.isNaN)).toBe(true);
  });
});
