/**
 * Where token ids become vectors: a lookup in a weight table with one row per token, and what stands right behind
 * it (a cast, a dequantisation, the factor √H of the Gemma family).
 */
import { type GraphIndex, originOf } from '../graph-index.ts';
import { inferShapes } from '../infer-shapes.ts';
import {
  DataType,
  type DataTypeName,
  dataTypeName,
  intAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  shapeOf,
} from '../onnx-model.ts';
import { elementCount, numbersOf } from '../tensor-data.ts';

export interface EmbeddingFacts {
  /** Gather or GatherBlockQuantized. */
  readonly operator: string;
  /** The initializer with one row per token. */
  readonly table: string;
  /** The factor behind the lookup (√H in Gemma), 1 where there is none. */
  readonly scale: number;
  /** The value [batch, sequence, H] that soft tokens replace rows of: behind lookup, cast and scale. */
  readonly value: string;
  /** Element type of that value. */
  readonly type: DataTypeName;
}

export interface Lookup {
  readonly node: OnnxNode;
  /** The graph input that is looked up. */
  readonly ids: string;
  readonly table: string;
  readonly rows: number;
  readonly width: number;
  readonly type: DataTypeName;
}

/** Every lookup of a graph input in a weight table: of tokens, and of learned positions. */
export function findLookups(index: GraphIndex, nodes: readonly OnnxNode[]): Lookup[] {
  return nodes.flatMap((node): Lookup[] => {
    const [data = '', indices = '', scales = ''] = node.inputs;
    const isQuantized = node.opType === 'GatherBlockQuantized';
    const axis = intAttribute(node, isQuantized ? 'gather_axis' : 'axis', 0);
    if ((!isQuantized && node.opType !== 'Gather') || axis !== 0) return [];
    const ids = originOf(index, indices, ['Identity', 'Cast', 'Reshape']);
    const idsType = index.inputs.get(ids)?.type?.tensor?.elemType;
    if (idsType !== DataType.int64 && idsType !== DataType.int32) return [];
    const table = originOf(index, data);
    const tensor = index.constants.get(table);
    const size = tensor && (isQuantized ? packedSize(index, node, tensor) : tableSize(index, data, tensor));
    const element = isQuantized
      ? index.constants.get(originOf(index, scales))?.dataType
      : typeOf(index, data);
    if (size === undefined || element === undefined) return [];
    return [{ node, ids, table, ...size, type: dataTypeName(element) as DataTypeName }];
  });
}

/** [rows, width] of a matrix; a transposed one ([H, V], as shared with the head) is turned. */
export function tableSize(index: GraphIndex, value: string, tensor: OnnxTensor) {
  const [a, b, more] = tensor.dims;
  if (a === undefined || b === undefined || more !== undefined) return undefined;
  let isTurned = false;
  for (let at = value; index.constants.get(at) !== tensor; ) {
    const node = index.producer.get(at);
    if (node === undefined) return undefined;
    if (node.opType === 'Reshape') return undefined;
    if (node.opType === 'Transpose') isTurned = !isTurned;
    at = node.inputs[0]!;
  }
  return isTurned ? { rows: b, width: a } : { rows: a, width: b };
}

/** uint8 tables hold 8 / bits values a byte; scales [rows, blocks] give the number of rows. */
function packedSize(index: GraphIndex, node: OnnxNode, tensor: OnnxTensor) {
  const scales = index.constants.get(originOf(index, node.inputs[2] ?? ''));
  if (scales === undefined || tensor.dims.length < 2) return undefined;
  const perByte = tensor.dataType === DataType.uint8 ? 8 / intAttribute(node, 'bits', 4) : 1;
  const elements = elementCount(tensor) * perByte;
  const covered = elementCount(scales) * intAttribute(node, 'block_size', 128);
  const rows = scales.dims.length === 2 ? scales.dims[0]! : tensor.dims[0]!;
  if (rows === 0 || elements % rows !== 0 || covered < elements) return undefined;
  return { rows, width: elements / rows };
}

/** The element type of a constant behind casts and dequantisations. */
export function typeOf(index: GraphIndex, value: string): number | undefined {
  const node = index.producer.get(value);
  if (node === undefined || index.constants.has(value)) return index.constants.get(value)?.dataType;
  if (node.opType === 'Cast') return intAttribute(node, 'to', DataType.float32);
  const source = node.opType === 'DequantizeLinear' ? node.inputs[1] : node.inputs[0];
  return source === undefined ? undefined : typeOf(index, source);
}

/** Steps over casts and dequantisations behind the lookup, and over its factor where it has one. */
export function behindLookup(index: GraphIndex, lookup: Lookup): EmbeddingFacts {
  let value = lookup.node.outputs[0]!;
  let { type } = lookup;
  let scale = 1;
  const seen = new Set<string>();
  // A broken file may lead in a circle.
  while (!index.outputs.has(value) && !seen.has(value)) {
    seen.add(value);
    // Who only asks for the shape does not mind what the rows hold.
    const readers = (index.consumers.get(value) ?? []).filter((n) => n.opType !== 'Shape');
    const [node] = readers;
    if (node === undefined || readers.length > 1) break;
    if (node.opType === 'Cast') type = dataTypeName(intAttribute(node, 'to', 1)) as DataTypeName;
    else if (node.opType === 'DequantizeLinear') {
      type = dataTypeName(typeOf(index, node.inputs[1] ?? '') ?? DataType.float32) as DataTypeName;
    } else if (node.opType === 'Mul') {
      const factor = scalarOf(index, node.inputs.find((i) => i !== value) ?? value);
      if (factor === undefined) break;
      scale *= factor;
    } else if (node.opType !== 'Identity') break;
    value = node.outputs[0]!;
  }
  return { operator: lookup.node.opType, table: lookup.table, scale, value, type };
}

function scalarOf(index: GraphIndex, value: string): number | undefined {
  const tensor = index.constants.get(originOf(index, value));
  const numbers = tensor && elementCount(tensor) === 1 ? numbersOf(tensor) : undefined;
  return numbers?.[0];
}

/** Whether the embeddings are known to have the ids' [batch, sequence] as their first two dims. */
export function keepsBatch(graph: OnnxGraph, index: GraphIndex, lookup: Lookup): boolean {
  if (originOf(index, lookup.node.inputs[1]!, ['Identity', 'Cast']) === lookup.ids) return true;
  const sizes = new Map([...index.inputs].map(([name, value]) => [name, shapeOf(value)]));
  const [batch, sequence] = sizes.get(lookup.ids) ?? [];
  const standIn = (d: number | string | undefined) =>
    typeof d === 'number' ? d : d === batch ? 2 : d === sequence ? 3 : 5;
  const shapes = Object.fromEntries(
    [...sizes].map(([name, dims]) => [
      name,
      // The two may have one name, or none.
      name === lookup.ids && dims?.length === 2 ? [2, 3] : (dims ?? []).map(standIn),
    ]),
  );
  const found = inferShapes(graph, shapes).get(lookup.node.outputs[0]!)?.shape;
  return found?.length === 3 && found[0] === 2 && found[1] === 3;
}
