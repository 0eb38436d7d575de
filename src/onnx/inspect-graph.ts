/**
 * Finds, by structure and never by name, the places of a decoder graph that personalisation needs: where ids
 * become embeddings, where the hidden state meets the LM head, what the KV cache is made of and which inputs
 * tell positions. Whatever is not found is refused with the reason; nothing is guessed.
 */
import { E2PError } from '../error.ts';
import { ancestorInputs, type GraphIndex, indexGraph, originOf } from './graph-index.ts';
import {
  DataType,
  type DataTypeName,
  dataTypeName,
  intAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
  shapeOf,
} from './onnx-model.ts';
import { numbersOf } from './tensor-data.ts';

export interface EmbeddingFacts {
  /** Gather or GatherBlockQuantized. */
  readonly operator: string;
  /** The initializer with one row per token. */
  readonly table: string;
  /** The factor behind the lookup (√H in Gemma), 1 where there is none. */
  readonly scale: number;
  /** The value [batch, sequence, H] that soft tokens replace rows of: behind lookup, cast and scale. */
  readonly value: string;
  readonly type: DataTypeName;
}

export interface KvPair {
  readonly past: string;
  readonly present: string;
  readonly type: DataTypeName;
  /** [batch, KV heads, length, head size]; undefined where the file does not state them. */
  readonly heads: number | undefined;
  readonly headSize: number | undefined;
}

export interface GraphFacts {
  readonly ids: { readonly name: string; readonly type: 'int64' | 'int32' };
  readonly embedding: EmbeddingFacts;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  readonly head: {
    readonly operator: string;
    /** The final hidden state [batch, sequence, H], the head's first input. */
    readonly hidden: string;
    readonly logits: string;
    readonly type: DataTypeName;
  };
  readonly kv: readonly KvPair[];
  /** [batch, past + new], 1 for each real position. */
  readonly attentionMask: string | undefined;
  /** [batch, new], positions counted from 0. */
  readonly positionIds: string | undefined;
  /** Element type of activations: `float16` needs `shader-f16` on WebGPU. */
  readonly activationType: DataTypeName;
  /** Operator names with their domain, for a check against what a backend has. */
  readonly operators: readonly string[];
  readonly weightBits: number;
}

/** @throws E2PError `unsupported-graph` with the reason. `fileName` appears in messages only. */
export function inspectGraph(model: OnnxModel, fileName = 'model.onnx'): GraphFacts {
  const refuse = (reason: string): never => {
    throw new E2PError('unsupported-graph', `${fileName}: ${reason}`);
  };
  const { graph } = model;
  const index = indexGraph(graph);
  if (graph.nodes.some((n) => n.attributes.some((a) => a.g !== undefined))) {
    refuse('the graph branches (If or Loop, as in "merged" decoders); expected a plain decoder graph');
  }

  const kv = findKv(index, graph.nodes);
  const lookups = findLookups(index, graph.nodes);
  const [first] = lookups;
  if (first === undefined) {
    const ids = [...index.inputs.values()].map((i) => `${i.name} ${describeType(i)}`).join(', ');
    return refuse(
      `no embedding lookup found: expected a Gather or GatherBlockQuantized of a weight table by an integer input, found inputs ${ids}`,
    );
  }
  const headFacts = findHead(index, graph.outputs, new Set(kv.map((p) => p.present)));
  if (headFacts === undefined) {
    return refuse(
      'no LM head found: expected an output computed by a MatMul, Gemm or MatMulNBits with a weight',
    );
  }
  // A model with learned positions has two tables; the one with a row per logit is that of the tokens.
  const lookup =
    lookups.find((l) => l.rows === headFacts.columns) ?? (lookups.length === 1 ? first : undefined);
  if (lookup === undefined) {
    return refuse(
      `${lookups.length} embedding lookups found (${lookups.map((l) => `${l.table} with ${l.rows} rows`).join(', ')}), none with a row per logit (${headFacts.columns})`,
    );
  }
  const idsInput = index.inputs.get(lookup.ids)!;
  const embedding = behindScale(index, lookup);
  const roles = inputRoles(index, graph.nodes, lookup.ids, new Set(kv.map((p) => p.past)), refuse);

  return {
    ids: { name: lookup.ids, type: elementType(idsInput) as 'int64' | 'int32' },
    embedding,
    hiddenSize: lookup.width,
    vocabularySize: lookup.rows,
    head: headFacts.head,
    kv,
    ...roles,
    activationType: embedding.type,
    operators: [...new Set(graph.nodes.map((n) => (n.domain ? `${n.domain}.${n.opType}` : n.opType)))].sort(),
    weightBits: weightBits(graph.nodes, embedding.type),
  };
}

interface Lookup {
  readonly node: OnnxNode;
  readonly ids: string;
  readonly table: string;
  readonly rows: number;
  readonly width: number;
  readonly type: DataTypeName;
}

function findLookups(index: GraphIndex, nodes: readonly OnnxNode[]): Lookup[] {
  const found: Lookup[] = [];
  for (const node of nodes) {
    const [data = '', indices = '', scales = ''] = node.inputs;
    const quantized = node.opType === 'GatherBlockQuantized';
    if (!quantized && (node.opType !== 'Gather' || intAttribute(node, 'axis', 0) !== 0)) continue;
    const ids = originOf(index, indices, ['Identity', 'Cast']);
    const input = index.inputs.get(ids);
    if (input === undefined || !['int64', 'int32'].includes(elementType(input))) continue;
    const table = originOf(index, data);
    const tensor = index.initializers.get(table);
    if (tensor === undefined) continue;
    const size = quantized ? quantizedTableSize(index, node, tensor) : tableSize(index, data, tensor);
    if (size === undefined) continue;
    const typeSource = quantized ? index.initializers.get(originOf(index, scales)) : tensor;
    if (typeSource === undefined) continue;
    found.push({ node, ids, table, ...size, type: dataTypeName(typeSource.dataType) as DataTypeName });
  }
  return found;
}

/** [rows, width] of a float table; a transposed one ([H, V], as shared with the head) is turned. */
function tableSize(index: GraphIndex, data: string, tensor: OnnxTensor) {
  const [a, b, more] = tensor.dims;
  if (a === undefined || b === undefined || more !== undefined) return undefined;
  let turned = false;
  for (let at = data; at !== tensor.name; at = index.producer.get(at)!.inputs[0]!) {
    if (index.producer.get(at)?.opType === 'Transpose') turned = !turned;
  }
  return turned ? { rows: b, width: a } : { rows: a, width: b };
}

/** uint8 tables hold 8 / bits values a byte; scales [rows, blocks] give the number of rows. */
function quantizedTableSize(index: GraphIndex, node: OnnxNode, tensor: OnnxTensor) {
  const scales = index.initializers.get(originOf(index, node.inputs[2] ?? ''));
  if (scales === undefined || tensor.dims.length < 2) return undefined;
  const bits = intAttribute(node, 'bits', 4);
  const perByte = tensor.dataType === DataType.uint8 ? 8 / bits : 1;
  const elements = tensor.dims.reduce((p, d) => p * d, 1) * perByte;
  const blockSize = intAttribute(node, 'block_size', 128);
  const blocks = scales.dims.reduce((p, d) => p * d, 1);
  const rows = scales.dims.length === 2 ? scales.dims[0]! : tensor.dims[0]!;
  if (rows === 0 || elements % rows !== 0 || blocks * blockSize < elements) return undefined;
  return { rows, width: elements / rows };
}

/** Steps behind casts and the multiplication by a constant that some families put after the lookup. */
function behindScale(index: GraphIndex, lookup: Lookup): EmbeddingFacts {
  let value = lookup.node.outputs[0]!;
  let scale = 1;
  let type = lookup.type;
  for (;;) {
    const next = index.consumers.get(value) ?? [];
    const [node] = next;
    if (node === undefined || next.length !== 1 || index.outputs.has(value)) break;
    if (node.opType === 'Cast') type = dataTypeName(intAttribute(node, 'to', 1)) as DataTypeName;
    else if (node.opType === 'Mul') {
      const other = node.inputs.find((i) => i !== value);
      const factor = other === undefined ? undefined : index.initializers.get(originOf(index, other));
      const numbers = factor && numbersOf(factor);
      if (numbers?.length !== 1) break;
      scale *= numbers[0]!;
    } else if (node.opType !== 'Identity') break;
    value = node.outputs[0]!;
  }
  return { operator: lookup.node.opType, table: lookup.table, scale, value, type };
}

/** Operators between the head's product and the logits output: casts, soft-capping. */
const BEHIND_HEAD = ['Identity', 'Cast', 'Mul', 'Div', 'Tanh', 'Add'];

function findHead(index: GraphIndex, outputs: readonly OnnxValueInfo[], presents: ReadonlySet<string>) {
  for (const output of outputs) {
    if (presents.has(output.name)) continue;
    const node = index.producer.get(originOf(index, output.name, BEHIND_HEAD));
    const columns = node && headColumns(index, node);
    if (node === undefined || columns === undefined) continue;
    const head = {
      operator: node.opType,
      hidden: node.inputs[0]!,
      logits: output.name,
      type: elementType(output) as DataTypeName,
    };
    return { head, columns };
  }
  return undefined;
}

function headColumns(index: GraphIndex, node: OnnxNode): number | undefined {
  if (node.opType === 'MatMulNBits') return intAttribute(node, 'N', 0);
  if (node.opType !== 'MatMul' && node.opType !== 'Gemm') return undefined;
  const weight = node.inputs[1] ?? '';
  const tensor = index.initializers.get(originOf(index, weight));
  if (tensor?.dims.length !== 2) return undefined;
  const size = tableSize(index, weight, tensor);
  const turned = node.opType === 'Gemm' && intAttribute(node, 'transB', 0) === 1;
  return turned ? size?.rows : size?.width;
}

function findKv(index: GraphIndex, nodes: readonly OnnxNode[]): KvPair[] {
  const pairs: KvPair[] = [];
  const pair = (past: string | undefined, present: string | undefined) => {
    const input = index.inputs.get(past ?? '');
    if (input === undefined || !index.outputs.has(present ?? '')) return;
    const shape = shapeOf(input);
    const number = (d: number | string | undefined) => (typeof d === 'number' ? d : undefined);
    pairs.push({
      past: input.name,
      present: present!,
      type: elementType(input) as DataTypeName,
      heads: number(shape?.[1]),
      headSize: number(shape?.[3]),
    });
  };
  for (const node of nodes) {
    if (node.opType === 'GroupQueryAttention') {
      pair(node.inputs[3], node.outputs[1]);
      pair(node.inputs[4], node.outputs[2]);
    } else if (node.opType === 'Concat') pair(node.inputs[0], node.outputs[0]);
  }
  return pairs;
}

function inputRoles(
  index: GraphIndex,
  nodes: readonly OnnxNode[],
  ids: string,
  pasts: ReadonlySet<string>,
  refuse: (reason: string) => never,
): { attentionMask: string | undefined; positionIds: string | undefined } {
  const lengths = new Set<string>();
  const positions = new Set<string>();
  for (const node of nodes) {
    if (node.opType === 'GroupQueryAttention') {
      for (const value of [node.inputs[5], node.inputs[6]]) {
        for (const name of ancestorInputs(index, value ?? '')) lengths.add(name);
      }
      for (const name of ancestorInputs(index, node.inputs[9] ?? '')) positions.add(name);
    } else if (node.opType === 'RotaryEmbedding') {
      for (const name of ancestorInputs(index, node.inputs[1] ?? '')) positions.add(name);
    }
  }
  let attentionMask: string | undefined;
  let positionIds: string | undefined;
  for (const name of index.inputs.keys()) {
    if (name === ids || pasts.has(name)) continue;
    if (lengths.has(name)) attentionMask = name;
    else if (positions.has(name)) positionIds = name;
    else
      refuse(
        `the input ${name} has no known role; expected token ids, past keys and values, a mask or positions`,
      );
  }
  return { attentionMask, positionIds };
}

function weightBits(nodes: readonly OnnxNode[], type: DataTypeName): number {
  const quantized = nodes.find((n) => n.opType === 'MatMulNBits');
  if (quantized !== undefined) return intAttribute(quantized, 'bits', 4);
  return type === 'float16' ? 16 : 32;
}

function elementType(value: OnnxValueInfo): string {
  return dataTypeName(value.type?.tensor?.elemType ?? 0);
}

function describeType(value: OnnxValueInfo): string {
  return `${elementType(value)}[${shapeOf(value)?.join(', ') ?? '?'}]`;
}
