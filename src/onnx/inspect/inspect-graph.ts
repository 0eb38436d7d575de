/**
 * Finds, by structure and never by name, the places of a decoder graph that personalisation needs: where ids
 * become embeddings, where the hidden state meets the LM head, what is carried from call to call and which inputs
 * tell positions. Whatever is not found is refused with the reason; nothing is guessed.
 */
import { E2PError } from '../../error.ts';
import { branches, followDown, type GraphIndex, indexGraph, originOf } from '../graph-index.ts';
import {
  type DataTypeName,
  dataTypeName,
  intAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
  operatorName,
  shapeOf,
} from '../onnx-model.ts';
import { type CacheTensor, findCache } from './find-cache.ts';
import { behindLookup, type EmbeddingFacts, findLookups, keepsBatch, type Lookup } from './find-embedding.ts';
import { findHead, type HeadFacts } from './find-head.ts';
import { findRoles, type IntegerInput, type RoleFacts } from './find-roles.ts';
import { seesPastOnly } from './sees-past-only.ts';

export type { CacheTensor, EmbeddingFacts, HeadFacts, IntegerInput };

export interface GraphFacts extends RoleFacts {
  readonly ids: IntegerInput;
  readonly embedding: EmbeddingFacts;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  readonly head: HeadFacts;
  readonly cache: readonly CacheTensor[];
  /** Structure shows that attention is causal and the cache a past; else running has to. */
  readonly isCausal: boolean;
  /** Element type of activations: `float16` needs `shader-f16` on WebGPU. */
  readonly activationType: DataTypeName;
  /** Operator names with their domain, for a check against what a backend has. */
  readonly operators: readonly string[];
  readonly weightBits: number;
}

/** @throws E2PError `unsupported-graph` with the reason. `fileName` appears in messages only. */
export function inspectGraph({ graph }: OnnxModel, fileName = 'model.onnx'): GraphFacts {
  const refuse = (reason: string): never => {
    throw new E2PError('unsupported-graph', `${fileName}: ${reason}`);
  };
  const operators = operatorsOf(graph);
  if (operators.includes('com.microsoft.MatMulBnb4')) {
    refuse('its weights are bnb4 (MatMulBnb4), for which WebGPU has no kernel; take q4 instead');
  }
  const index = indexGraph(graph);
  const cache = findCache(index);
  const head = findHead(index, new Set(cache.map((c) => c.present)));
  const lookups = findLookups(index, graph.nodes);
  if (head === undefined || lookups.length === 0) {
    const outside = graph.nodes.filter((n) => branches(n).length > 0).map((n) => n.opType);
    if (outside.length > 0) {
      refuse(
        `the decoder lies inside ${[...new Set(outside)].join(', ')}; expected a plain graph, or branches of one If that a flag among the inputs chooses from, of which one alone reads the cache`,
      );
    }
  }
  const rounded = [...index.outputs.keys()].find((name) => isRounded(index, name));
  if (rounded !== undefined) {
    refuse(
      `the output ${rounded} is rounded to integers of a fixed scale (static quantisation), and so is every activation, soft tokens too; take fp16, q4, or int8 by dynamic quantisation`,
    );
  }
  const sideways = graph.nodes.find(
    (n) => n.opType === 'GatherBlockQuantized' && !isAlongRows(index, n) && index.constants.has(n.inputs[0]!),
  );
  if (sideways !== undefined) {
    refuse(
      `the blocks of ${sideways.inputs[0]} run across its rows (GatherBlockQuantized, quantize_axis 0), expected along them: quantise it with quantize_axis 1`,
    );
  }
  if (lookups.length === 0) {
    refuse(
      `no embedding lookup found: expected a Gather or GatherBlockQuantized of a weight table by an integer input, found inputs ${[...index.inputs.values()].map(describeInput).join(', ')}`,
    );
  }
  if (head === undefined) {
    return refuse(
      `no LM head found: expected an output that is a MatMul, Gemm, MatMulNBits or MatMulInteger with a weight, but for casts, biases and scales, found ${outputsOf(index, cache)}; an encoder or embedder has none`,
    );
  }
  const lookup = tokenLookup(lookups, head, refuse);
  if (!keepsBatch(graph, index, lookup)) {
    refuse(`the ids are reshaped before the lookup in ${lookup.table} in a way that could not be followed`);
  }
  if (head.columns * 2 < lookup.rows || head.columns > lookup.rows * 2) {
    refuse(
      `the output ${head.logits} has ${head.columns} columns where the embedding table has ${lookup.rows} rows, expected a logit for each token: this is a classifier or an encoder, no decoder`,
    );
  }
  const embedding = behindLookup(index, lookup);
  if (!['float32', 'float16'].includes(embedding.type)) {
    refuse(`the embeddings are ${embedding.type}, expected float32 or float16: take another precision of it`);
  }
  const stored = cache.find(({ type }) => !['float32', 'float16'].includes(type));
  if (stored !== undefined) {
    refuse(
      `the cache input ${stored.past} is ${stored.type}, expected float32 or float16: take another precision of it`,
    );
  }
  const fixed = cache.find(({ past, present, dims, lengthAxis }) => {
    // Of a window the oldest is dropped; of a short memory of three axes too, which is a state.
    const node = index.producer.get(
      dims.length === 4 ? originOf(index, present, ['Slice', 'Gather']) : present,
    );
    return lengthAxis === undefined && node?.opType === 'Concat' && node.inputs.includes(past);
  });
  if (fixed !== undefined) {
    refuse(
      `the cache input ${fixed.past} has a fixed length, expected an open one: export it with dynamic axes`,
    );
  }
  const buffers = graph.nodes.find((n) => n.opType === 'TensorScatter');
  if (buffers !== undefined) {
    refuse(
      `its cache is a buffer of fixed length that is written in place (TensorScatter, ${buffers.name}), expected one that grows by what is read: export it without a static cache`,
    );
  }
  const pasts = new Set(cache.map(({ past }) => past));
  const foreign = [...index.inputs.values()].find(
    (input) =>
      !pasts.has(input.name) && elementType(input).includes('float') && (shapeOf(input)?.length ?? 0) > 2,
  );
  if (foreign !== undefined) {
    refuse(
      `the input ${describeInput(foreign)} is no cache of its own: what an encoder read, or pictures; expected a decoder of text alone`,
    );
  }
  if (cache.length === 0) {
    refuse(
      'it has no KV cache: an encoder, or a decoder exported without one; export it with past (Optimum: --task text-generation-with-past)',
    );
  }
  const other = otherReader(index, lookup);
  if (other !== undefined) {
    refuse(
      `the ids are also read by ${operatorName(other)} (${other.name || other.outputs[0]}): a soft token stands in for the lookup in ${lookup.table} alone`,
    );
  }
  const known = new Set([lookup.ids, ...cache.map((c) => c.past)]);
  const roles = findRoles(index, head.hidden, known, refuse);
  const perToken = [lookup.ids, roles.attentionMask?.name, roles.positionIds?.name];
  for (const input of index.inputs.values()) {
    const length = shapeOf(input)?.at(-1);
    if (perToken.includes(input.name) && typeof length === 'number') {
      refuse(
        `${input.name} is fixed to ${length} tokens, expected an open length: export it with dynamic axes`,
      );
    }
  }
  const cut = cutBefore(index, head.hidden);
  if (
    cut !== undefined &&
    cut !== lookup.node &&
    !(cut.opType === 'Slice' && roles.logitCount !== undefined)
  ) {
    refuse(
      `what its head reads is cut by ${cut.opType} (${cut.name || cut.outputs[0]}) in a way that could not be followed, expected all positions or the last`,
    );
  }
  return {
    ids: { name: lookup.ids, type: elementType(index.inputs.get(lookup.ids)!) as 'int64' | 'int32' },
    embedding,
    hiddenSize: lookup.width,
    vocabularySize: lookup.rows,
    head,
    cache,
    isCausal: seesPastOnly(index, graph.nodes, cache),
    ...roles,
    activationType: embedding.type,
    operators,
    weightBits: weightBits(graph.nodes, embedding.type),
  };
}

/** Whether an output is what is left of a value when it was rounded to whole numbers. */
function isRounded(index: GraphIndex, output: string): boolean {
  const wide = index.producer.get(output);
  const made = wide?.opType === 'DequantizeLinear' ? index.producer.get(wide.inputs[0]!)?.opType : undefined;
  return made === 'QuantizeLinear' || (made?.startsWith('QLinear') ?? false);
}

function isAlongRows(index: GraphIndex, node: OnnxNode): boolean {
  const rank = index.constants.get(node.inputs[0]!)?.dims.length ?? 2;
  return [-1, rank - 1].includes(intAttribute(node, 'quantize_axis', 1));
}

/** Operators that leave positions out, or turn them. */
const CUTTING = 'Slice Gather GatherElements GatherND Split Squeeze Unsqueeze Compress ScatterND'.split(' ');

function cutBefore(index: GraphIndex, hidden = ''): OnnxNode | undefined {
  const node = index.producer.get(originOf(index, hidden, ['Identity', 'Cast']));
  return node !== undefined && CUTTING.includes(node.opType) ? node : undefined;
}

/** Outputs that are no cache, with what makes them. */
function outputsOf(index: GraphIndex, cache: readonly CacheTensor[]): string {
  const presents = new Set(cache.map(({ present }) => present));
  const others = [...index.outputs.keys()].filter((name) => !presents.has(name));
  return others.map((name) => `${name} by ${index.producer.get(name)?.opType ?? 'nobody'}`).join(', ');
}

/** Who reads the ids, and not their shape alone, beside the lookup. */
function otherReader(index: GraphIndex, lookup: Lookup): OnnxNode | undefined {
  let found: OnnxNode | undefined;
  followDown(index, lookup.ids, (node) => {
    if (['Cast', 'Reshape', 'Identity'].includes(node.opType)) return true;
    if (node !== lookup.node && !['Shape', 'Size'].includes(node.opType)) found ??= node;
    return false;
  });
  return found;
}

/** A model with learned positions has two tables; the one with a row per logit is that of the tokens. */
function tokenLookup(lookups: readonly Lookup[], head: HeadFacts, refuse: (reason: string) => never): Lookup {
  const [only] = lookups;
  if (lookups.length === 1) return only!;
  const found = lookups.map((l) => `${l.table} with ${l.rows} rows`).join(', ');
  const matching = lookups.filter((l) => l.rows === head.columns);
  if (matching.length === 0) {
    return refuse(
      `${lookups.length} embedding lookups (${found}), none with a row per logit (${head.columns})`,
    );
  }
  if (matching.length > 1) {
    return refuse(
      `${matching.length} embedding lookups with a row per logit (${found}); a soft token stands in for one`,
    );
  }
  return matching[0]!;
}

/** Names with their domain, those in branches too, in alphabetical order. */
export function operatorsOf(graph: OnnxGraph): string[] {
  const names = (nodes: readonly OnnxNode[]): string[] =>
    nodes.flatMap((n) => [operatorName(n), ...branches(n).flatMap((b) => names(b.nodes))]);
  return [...new Set(names(graph.nodes))].sort();
}

function weightBits(nodes: readonly OnnxNode[], type: DataTypeName): number {
  const quantized = nodes.find((n) => n.opType === 'MatMulNBits');
  if (quantized !== undefined) return intAttribute(quantized, 'bits', 4);
  if (nodes.some((n) => ['MatMulInteger', 'DynamicQuantizeMatMul'].includes(n.opType))) return 8;
  return type === 'float16' ? 16 : 32;
}

function elementType(value: OnnxValueInfo): string {
  return dataTypeName(value.type?.tensor?.elemType ?? 0);
}

function describeInput(value: OnnxValueInfo): string {
  return `${value.name} ${elementType(value)}[${shapeOf(value)?.join(', ') ?? '?'}]`;
}
