/** For tests only: graphs of one node, with the operators and types that decoders use, to ask a backend what it has. */
import { GraphBuilder } from '../onnx/builder.ts';
import type { DataTypeName, OnnxModel } from '../onnx/onnx-model.ts';

type Value = readonly [type: DataTypeName, dims: readonly number[]];

interface Sample {
  /** With its domain, as in `GraphFacts.operators`. */
  readonly operator: string;
  readonly inputs: readonly Value[];
  readonly outputs?: readonly DataTypeName[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
  readonly opset?: number;
}

const float = (...dims: number[]): Value => ['float32', dims];
const half = (...dims: number[]): Value => ['float16', dims];
const bytes = (...dims: number[]): Value => ['uint8', dims];
const row = [float(1, 1, 32), float(1, 1, 32), float(1, 1, 32)] as const;
const halfRow = [half(1, 1, 32), half(1, 1, 32), half(1, 1, 32)] as const;
const lookup = { gather_axis: 0, quantize_axis: 1, block_size: 32 } as const;
const linear = { K: 32, N: 8, block_size: 32 } as const;

/** Name → node. */
export const OPERATOR_SAMPLES: Readonly<Record<string, Sample>> = {
  'lookup in 4 bits': {
    operator: 'com.microsoft.GatherBlockQuantized',
    inputs: [bytes(8, 16), ['int64', [1, 2]], float(8, 1)],
    attributes: { ...lookup, bits: 4 },
  },
  'lookup in 8 bits': {
    operator: 'com.microsoft.GatherBlockQuantized',
    inputs: [bytes(8, 32), ['int64', [1, 2]], float(8, 1)],
    attributes: { ...lookup, bits: 8 },
  },
  'linear in 4 bits': {
    operator: 'com.microsoft.MatMulNBits',
    inputs: [float(1, 32), bytes(8, 1, 16), float(8)],
    attributes: { ...linear, bits: 4 },
  },
  'linear in 8 bits': {
    operator: 'com.microsoft.MatMulNBits',
    inputs: [float(1, 32), bytes(8, 1, 32), float(8)],
    attributes: { ...linear, bits: 8 },
  },
  'linear in 4 bits, float16': {
    operator: 'com.microsoft.MatMulNBits',
    inputs: [half(1, 32), bytes(8, 1, 16), half(8)],
    outputs: ['float16'],
    attributes: { ...linear, bits: 4 },
  },
  'linear in int8': {
    operator: 'MatMulInteger',
    inputs: [bytes(1, 16), ['int8', [16, 8]]],
    outputs: ['int32'],
  },
  'linear in float16': { operator: 'MatMul', inputs: [half(1, 16), half(16, 8)], outputs: ['float16'] },
  experts: {
    operator: 'com.microsoft.MoE',
    inputs: [float(2, 16), float(2, 4), float(4, 16, 32), float(4, 32), float(4, 32, 16)],
    attributes: { k: 1, activation_type: 'relu' },
  },
  'attention, grouped': {
    operator: 'com.microsoft.GroupQueryAttention',
    inputs: [...row, float(1, 2, 0, 16), float(1, 2, 0, 16), ['int32', [1]], ['int32', [1]]],
    outputs: ['float32', 'float32', 'float32'],
    attributes: { num_heads: 2, kv_num_heads: 2 },
  },
  'attention, grouped, float16': {
    operator: 'com.microsoft.GroupQueryAttention',
    inputs: [...halfRow, half(1, 2, 0, 16), half(1, 2, 0, 16), ['int32', [1]], ['int32', [1]]],
    outputs: ['float16', 'float16', 'float16'],
    attributes: { num_heads: 2, kv_num_heads: 2 },
  },
  'attention, multi-head': {
    operator: 'com.microsoft.MultiHeadAttention',
    inputs: row,
    attributes: { num_heads: 2 },
  },
  'attention, linear': {
    operator: 'com.microsoft.LinearAttention',
    inputs: row,
    outputs: ['float32', 'float32'],
    attributes: { q_num_heads: 2, kv_num_heads: 2, update_rule: 'linear' },
  },
  'attention of opset 23': {
    operator: 'Attention',
    inputs: [float(1, 2, 1, 16), float(1, 2, 1, 16), float(1, 2, 1, 16)],
    opset: 23,
  },
  'convolution with a state': {
    operator: 'com.microsoft.CausalConvWithState',
    inputs: [float(1, 4, 2), float(4, 1, 3)],
    outputs: ['float32', 'float32'],
    attributes: { activation: 'silu' },
  },
  'rotation of opset 23': {
    operator: 'RotaryEmbedding',
    inputs: [float(1, 2, 1, 16), float(1, 1, 8), float(1, 1, 8)],
    opset: 23,
  },
  'rotation in sections': {
    operator: 'com.microsoft.MRotaryEmbedding',
    inputs: [float(1, 2, 32), ['int64', [3, 1, 2]], float(4, 8), float(4, 8)],
    attributes: { num_heads: 2, mrope_section: [2, 3, 3], mrope_layout: 1 },
  },
  'gate of linear attention': {
    operator: 'com.microsoft.LinearAttentionGate',
    inputs: [float(1, 1, 4), float(4), float(4), float(1, 1, 4)],
    outputs: ['float32', 'float32'],
  },
  'norm with a gate': {
    operator: 'com.microsoft.GatedRMSNorm',
    inputs: [float(1, 1, 64), float(16), float(1, 1, 64)],
  },
  'norm by length': { operator: 'LpNormalization', inputs: [float(1, 16)] },
  'norm of opset 23': { operator: 'RMSNormalization', inputs: [float(1, 16), float(16)], opset: 23 },
  'norm with a skip, float16': {
    operator: 'com.microsoft.SkipSimplifiedLayerNormalization',
    inputs: [half(1, 1, 16), half(1, 1, 16), half(16)],
    outputs: ['float16'],
  },
};

export function operatorSample({
  operator,
  inputs,
  outputs = ['float32'],
  attributes,
  opset,
}: Sample): OnnxModel {
  const g = new GraphBuilder();
  const names = inputs.map(([type, dims], i) => g.input(`in${i}`, type, dims));
  const results = outputs.map((type, i) => g.output(`out${i}`, type));
  const options = { outputs: results, ...(attributes && { attributes }) };
  const fused = /^com\.microsoft\.(\w+)$/.exec(operator)?.[1];
  if (fused === undefined) g.op(operator, names, options);
  else g.fused(fused, names, options);
  return g.model(opset === undefined ? {} : { opset, irVersion: 10 });
}
