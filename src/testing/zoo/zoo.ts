/** For tests only: the styles of decoder exports that the rewrites are to work on, and those that are refused. */
import type { ZooStyle } from './zoo-style.ts';

const genai = { attention: 'gqa', norm: 'fused' } as const;
const torch = { attention: 'decomposed', norm: 'decomposed', constantNodes: true, opset: 14 } as const;
const gpt2 = { norm: 'layer', positions: 'ids', learnedPositions: true } as const;

export const ZOO: readonly ZooStyle[] = [
  { name: 'genai, fp32', ...genai },
  { name: 'genai, shared table turned for the lookup', ...genai, embedding: 'transposed', head: 'tied' },
  { name: 'genai, q4', ...genai, embedding: 'quantized', weights: 'q4', opset: 21 },
  { name: 'genai, q4 with zero points', ...genai, weights: 'q4-zero-points' },
  { name: 'genai, 8-bit blocks', ...genai, weights: '8-bit' },
  { name: 'genai, q4 with accuracy_level 4', ...genai, weights: 'q4-accuracy-4' },
  { name: 'genai, position_ids', ...genai, positions: 'ids' },
  { name: 'genai, fp16', ...genai, float: 'float16' },
  { name: 'genai, q4f16', ...genai, float: 'float16', embedding: 'quantized', weights: 'q4', opset: 21 },
  { name: 'Optimum, fp32, position_ids', ...torch, positions: 'ids' },
  { name: 'Optimum, fp32, positions counted', ...torch, positions: 'counted' },
  { name: 'Optimum, fp16', ...torch, positions: 'ids', float: 'float16' },
  {
    name: 'Optimum, int8, rows dequantised behind the lookup',
    ...torch,
    positions: 'ids',
    embedding: 'int8',
    weights: 'int8',
  },
  {
    name: 'Optimum, int8, table dequantised before the lookup',
    ...torch,
    positions: 'ids',
    embedding: 'dequantized',
    weights: 'int8',
  },
  { name: 'Optimum, int32 ids', ...torch, positions: 'ids', ids: 'int32' },
  { name: 'MultiHeadAttention, learned positions', attention: 'multi-head', ...gpt2 },
  { name: 'GPT-2, decomposed', ...torch, ...gpt2, opset: 17 },
  {
    name: 'GPT-2, EmbedLayerNormalization and fused past, int32',
    attention: 'fused',
    ...gpt2,
    embedding: 'embed-layer-norm',
    ids: 'int32',
  },
  { name: 'hybrid with convolution state', attention: 'conv', norm: 'fused' },
  {
    name: 'scaled embeddings, soft-capped logits (Gemma)',
    ...genai,
    scale: Math.fround(Math.sqrt(32)),
    head: 'soft-capped',
  },
  { name: 'scaled embeddings, torch style', ...torch, positions: 'ids', scale: 5.65625 },
  { name: 'num_logits_to_keep', ...genai, logitCount: true },
  {
    name: 'biased head and a hidden state among the outputs',
    ...torch,
    positions: 'ids',
    head: 'biased',
    hiddenOutput: true,
  },
  { name: 'flat head (Gemm)', ...torch, positions: 'ids', head: 'flat' },
];
