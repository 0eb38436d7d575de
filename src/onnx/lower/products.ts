/**
 * Products with weights, quantized or not, and lookups in quantized tables. Weights of 4 and 8 bits stay packed: they are
 * dequantized where they are used, w = (q − z)·s with a scale and a zero point for each block of a row.
 */
import type { ValueName } from '../builder.ts';
import { DataType, type OnnxTensor } from '../onnx-model.ts';
import { sizeOf } from '../shape.ts';
import type { Lowering, LoweringRule } from './lowering.ts';

/** y = x·Wᵀ (+ b) with W [N, K] in blocks along K (com.microsoft.MatMulNBits). */
const matMulNBits: LoweringRule = (at) => {
  const { g } = at;
  const [K, N] = [at.int('K', 0), at.int('N', 0)];
  if (at.has(4)) at.fail('its columns are reordered (g_idx)');
  const bits = at.int('bits', 4);
  if (bits !== 4 && bits !== 8) at.fail(`its weights have ${bits} bits, expected 4 or 8`);
  const blockSize = at.int('block_size', 32);
  const blocks = Math.ceil(K / blockSize);
  const dataType = bits === 4 ? DataType.uint4 : DataType.uint8;
  const asMatrix = (tensor: OnnxTensor, dims: readonly number[], type: number) =>
    at.shared(`${tensor.name} ${type} ${dims}`, () => {
      const name = g.fresh(tensor.name);
      g.initializers.push({ ...tensor, name, dims, dataType: type });
      return name;
    });
  const packed = asMatrix(named(at, 1), [N, blocks * blockSize], dataType);
  const scales = asMatrix(named(at, 2), [N, blocks], at.weight(2).dataType);
  const zeros = at.has(3) ? zeroPoints(at, N, blocks, bits) : middle(at, N, blocks, bits);
  // Named after the weight, so that all graphs of a model call it the same (`split-weights.ts`).
  const name = at.x(1);
  const weights = at.shared(`wide ${name}`, () => {
    const wide = g.op('DequantizeLinear', [packed, scales, asMatrix(zeros, [N, blocks], dataType)], {
      attributes: { axis: 1, block_size: blockSize },
      outputs: [`${name}/wide`],
    });
    const isFloat = at.weight(2).dataType === DataType.float32;
    const padded = isFloat
      ? wide
      : g.op('Cast', [wide], { attributes: { to: DataType.float32 }, outputs: [`${name}/float`] });
    return K === blocks * blockSize ? padded : g.slice(padded, 1, 0, K);
  });
  const before = at.shape(0).slice(0, -1);
  const rows = g.reshape(at.float(0), [sizeOf(before), K]);
  const product = g.reshape(g.op('Gemm', [rows, weights], { attributes: { transB: 1 } }), [...before, N]);
  const bias = at.has(5) ? at.float(5) : undefined;
  at.give(0, () => (bias === undefined ? product : g.add(product, bias)));
};

/** A weight by the name of the value: within a `Constant` node its own is often empty. */
const named = (at: Lowering, i: number): OnnxTensor => ({ ...at.weight(i), name: at.x(i) });

/** In MatMulNBits each row begins a new byte; a tensor of 4-bit numbers runs on. */
function zeroPoints(at: Lowering, N: number, blocks: number, bits: number): OnnxTensor {
  const tensor = named(at, 3);
  if (tensor.dataType !== DataType.uint8) at.fail('its zero points are not integers');
  if (bits === 8 || blocks % 2 === 0) return tensor;
  const { rawData } = tensor;
  if (rawData === undefined) return at.fail('its zero points lie in another file');
  const rowBytes = (blocks + 1) / 2;
  const out = new Uint8Array(Math.ceil((N * blocks) / 2));
  for (let i = 0; i < N * blocks; i++) {
    const [row, block] = [Math.floor(i / blocks), i % blocks];
    const nibble = (rawData[row * rowBytes + (block >> 1)]! >> (4 * (block & 1))) & 15;
    out[i >> 1] = out[i >> 1]! | (nibble << (4 * (i & 1)));
  }
  return { ...tensor, name: `${tensor.name}/run-on`, rawData: out };
}

/** Where none are given: 8 of 16, 128 of 256. */
function middle(at: Lowering, N: number, blocks: number, bits: number): OnnxTensor {
  const bytes = new Uint8Array(Math.ceil((N * blocks * bits) / 8)).fill(bits === 4 ? 0x88 : 0x80);
  const name = at.shared(`zeros ${N} ${blocks} ${bits}`, () => at.g.fresh('zeros'));
  return {
    ...{ name, dims: [N, blocks], dataType: bits === 4 ? DataType.uint4 : DataType.uint8, rawData: bytes },
    ...{ stringData: [], externalData: [] },
  };
}

/** A depthwise convolution along the last axis: Σₖ w[:, k]·x[:, t + k], as hybrids with a short memory have. */
const depthwise: LoweringRule = (at) => {
  const { g } = at;
  const [batch, channels, length] = at.shape(0) as [number, number, number];
  const kernel = at.shape(1);
  const lists = (name: string) => at.node.attributes.find((a) => a.name === name)?.ints.map(Number) ?? [];
  const isPlain = [...lists('strides'), ...lists('dilations')].every((n) => n === 1);
  if (at.shape(0).length !== 3 || at.int('group', 1) !== channels || kernel[0] !== channels || !isPlain) {
    at.fail('it is not a depthwise convolution along one axis');
  }
  const [before = 0, behind = 0] = lists('pads');
  const x = at.float(0);
  const padded = before + behind === 0 ? x : g.op('Pad', [x, g.ints([0, 0, before, 0, 0, behind])]);
  const size = kernel[2]!;
  const count = length + before + behind - size + 1;
  const weights = g.reshape(at.float(1), [channels, size]);
  const taps = Array.from({ length: size }, (_, k) =>
    g.mul(g.slice(padded, 2, k, k + count), g.slice(weights, 1, k, k + 1)),
  );
  const sum = taps.reduce((a, b) => g.add(a, b));
  const bias = at.has(2) ? g.reshape(at.float(2), [channels, 1]) : undefined;
  at.give(0, () => g.reshape(bias ? g.add(sum, bias) : sum, [batch, channels, count]));
};

/** Rows of a quantized table (com.microsoft.GatherBlockQuantized), unpacked by arithmetic: low nibble first. */
const gatherBlockQuantized: LoweringRule = (at) => {
  const { g } = at;
  const { dataType, shape } = at.value(0);
  const bits = dataType === DataType.uint8 ? at.int('bits', 4) : 4;
  if (dataType !== DataType.uint8 && dataType !== DataType.uint4) at.fail('its table is signed');
  if (shape.length !== 2 || at.int('gather_axis', 0) !== 0 || ![1, -1].includes(at.int('quantize_axis', 1))) {
    at.fail('it does not look up rows of a matrix that is quantized along them');
  }
  const perByte = 8 / bits;
  const columns = dataType === DataType.uint8 ? shape[1]! * perByte : shape[1]!;
  const blockSize = at.int('block_size', 128);
  if (columns % blockSize !== 0) at.fail(`its ${columns} columns are not whole blocks of ${blockSize}`);
  const blocks = columns / blockSize;
  const looked = at.shape(1);
  const bytes = (i: number): ValueName => {
    if (at.value(i).dataType === DataType.uint8) return at.x(i);
    const tensor = at.weight(i);
    const name = g.fresh(tensor.name);
    g.initializers.push({
      ...tensor,
      name,
      dims: [shape[0]!, at.shape(i)[1]! / 2],
      dataType: DataType.uint8,
    });
    return name;
  };
  /** Whole numbers of the looked-up rows, `count` in a row. */
  const unpacked = (i: number, count: number): ValueName => {
    const rows = at.cast(g.gather(bytes(i), at.x(1)), DataType.float32);
    if (bits === 8) return rows;
    const high = g.op('Floor', [g.mul(rows, g.float(1 / 16))]);
    const low = g.sub(rows, g.mul(high, g.float(16)));
    const byteCount = Math.ceil(count / 2);
    const pairs = g.concat(
      [low, high].map((x) => g.reshape(x, [...looked, byteCount, 1])),
      looked.length + 1,
    );
    const row = g.reshape(pairs, [...looked, 2 * byteCount]);
    return count % 2 === 0 ? row : g.slice(row, looked.length, 0, count);
  };
  const levels = g.reshape(unpacked(0, columns), [...looked, blocks, blockSize]);
  const zero = at.has(3)
    ? g.reshape(unpacked(3, blocks), [...looked, blocks, 1])
    : g.float(dataType === DataType.uint8 ? 2 ** (bits - 1) : 0);
  const scales = g.reshape(g.gather(at.float(2), at.x(1)), [...looked, blocks, 1]);
  const values = g.mul(g.sub(levels, zero), scales);
  at.give(0, () => g.reshape(values, [...looked, columns]), at.value(2).dataType);
};

/** α · op(A) · op(B), op turning the last two axes where asked to (com.microsoft.FusedMatMul, of onnxruntime's own optimiser). */
const fusedMatMul: LoweringRule = (at) => {
  const { g } = at;
  if (at.int('transBatchA', 0) + at.int('transBatchB', 0) > 0) at.fail('its batch axis is turned too');
  const factor = (i: number, name: string): ValueName => {
    const rank = at.shape(i).length;
    if (at.int(name, 0) === 0 || rank < 2) return at.float(i);
    const perm = Array.from({ length: rank }, (_, axis) => axis)
      .with(-2, rank - 1)
      .with(-1, rank - 2);
    return g.op('Transpose', [at.float(i)], { attributes: { perm } });
  };
  const product = g.op('MatMul', [factor(0, 'transA'), factor(1, 'transB')]);
  const alpha = at.number('alpha', 1);
  at.give(0, () => (alpha === 1 ? product : g.mul(product, g.float(alpha))));
};

/** A Gemm and the activation behind it (com.microsoft.FusedGemm). */
const fusedGemm: LoweringRule = (at) => {
  const { g, node } = at;
  const activation = at.text('activation') ?? '';
  if (!['Relu', 'Sigmoid', 'Tanh'].includes(activation)) at.fail(`its activation is ${activation}`);
  const factors = node.inputs.flatMap((input, i) => (input === '' ? [] : [at.float(i)]));
  const product = g.op('Gemm', factors, {
    attributes: {
      ...{ alpha: { float: at.number('alpha', 1) }, beta: { float: at.number('beta', 1) } },
      ...{ transA: at.int('transA', 0), transB: at.int('transB', 0) },
    },
  });
  at.give(0, () => g.op(activation, [product]));
};

/** Integers between the two have no gradient, and the activations' scale depends on the whole batch. */
const refuseInt8: LoweringRule = (at) =>
  at.fail(
    'its activations are quantized to int8, which has no gradient; train with the q4 or fp32 file of the same model',
  );

export const productRules: Readonly<Record<string, LoweringRule>> = {
  Conv: depthwise,
  'com.microsoft.FusedGemm': fusedGemm,
  'com.microsoft.FusedMatMul': fusedMatMul,
  'com.microsoft.MatMulNBits': matMulNBits,
  'com.microsoft.GatherBlockQuantized': gatherBlockQuantized,
  DynamicQuantizeLinear: refuseInt8,
  MatMulInteger: refuseInt8,
  'com.microsoft.DynamicQuantizeMatMul': refuseInt8,
  'com.microsoft.MatMulIntegerToFloat': refuseInt8,
};
