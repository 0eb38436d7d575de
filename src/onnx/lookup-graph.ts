/**
 * The embedding lookup alone, cut out of a decoder, and the same lookup over a few rows of its table. Think of the second
 * as a model whose vocabulary is the wanted tokens: every weight with a row per token (table, scales of its blocks, zero
 * points) holds their rows only. The operators stay as they are, so it gives the very numbers that the model reads.
 */
import { GraphBuilder, makeTensor, makeValueInfo } from './builder.ts';
import { followDown, type GraphIndex, indexGraph } from './graph-index.ts';
import { inspected, once } from './inspected.ts';
import { DataType, intAttribute, type OnnxModel, type OnnxNode, type OnnxTensor } from './onnx-model.ts';
import { prune } from './prune.ts';
import { elementCount, numbersOf } from './tensor-data.ts';

/** The input of a lookup graph: int64 [1, count]. */
export const LOOKUP_IDS = 'e2p/ids';

export interface LookupGraph {
  readonly model: OnnxModel;
  /** Output, float32 [1, count, H]: embeddings behind their scale. */
  readonly output: string;
  /** The weight that is looked up: embeddings or their codes. */
  readonly table: OnnxTensor;
  /** Undefined where the bytes of a token can't be told, as in a table of varints. */
  readonly rows: RowPlan | undefined;
}

/** What has to be another for other rows. */
export interface RowPlan {
  readonly vocabularySize: number;
  readonly weights: readonly RowWeight[];
  /** Target shapes of `Reshape` that begin with the size of the vocabulary. */
  readonly shapes: readonly { readonly name: string; readonly numbers: readonly number[] }[];
}

/** A weight [V·k, …] (k is 1 but where it is flat), or turned [H, V], as genai shares it with the head. */
export interface RowWeight {
  readonly tensor: OnnxTensor;
  /** Pieces in which a token's bytes lie: H in a turned weight, else 1. */
  readonly pieces: number;
  /** Of one piece. */
  readonly pieceBytes: number;
}

/** @throws E2PError `unsupported-graph` as `inspectGraph`. */
export const lookupGraph = once((original, fileName): LookupGraph => {
  const { plain, facts } = inspected(original, fileName);
  const { ids, embedding, vocabularySize } = facts;
  const g = new GraphBuilder('e2p/');
  g.input(LOOKUP_IDS, 'int64', [1, 'count']);
  const attributes = { to: DataType[ids.type] };
  g.op('Cast', [LOOKUP_IDS], { attributes, outputs: [ids.name] });
  const last = new GraphBuilder('e2p/last_');
  const output = last.op('Cast', [embedding.value], { attributes: { to: DataType.float32 } });
  const outputs = [makeValueInfo(output, 'float32')];
  const nodes = [...g.nodes, ...plain.graph.nodes, ...last.nodes];
  const model = prune({ ...plain, graph: { ...plain.graph, nodes, outputs, inputs: g.inputs } });
  const index = indexGraph(model.graph);
  const table = index.constants.get(embedding.table)!;
  return { model, output, table, rows: rowPlan(index, vocabularySize) };
});

/**
 * The lookup over `count` rows; ids are then 0 to count − 1.
 * @param bytes of each of the plan's weights: piece after piece, each for all wanted rows
 */
export function lookupOfRows(
  { graph, ...model }: OnnxModel,
  { weights, shapes, vocabularySize }: RowPlan,
  bytes: readonly Uint8Array[],
  count: number,
): OnnxModel {
  const made = [
    ...weights.map(({ tensor: { name, dims, dataType }, pieces }, i): OnnxTensor => {
      const data = { rawData: bytes[i]!, stringData: [], externalData: [] };
      const [first, ...rest] = dims as [number, ...number[]];
      const isTurned = pieces > 1;
      return {
        ...{ name, dataType, ...data },
        dims: isTurned ? [first, count] : [(first / vocabularySize) * count, ...rest],
      };
    }),
    ...shapes.map(({ name, numbers: [, ...rest] }) =>
      makeTensor(name, [rest.length + 1], BigInt64Array.from([count, ...rest], BigInt)),
    ),
  ];
  const replaced = new Set(made.map((t) => t.name));
  // Torch writes constants as nodes.
  const nodes = graph.nodes.filter((n) => !n.outputs.some((o) => replaced.has(o)));
  const kept = graph.initializers.filter((t) => !replaced.has(t.name));
  return { ...model, graph: { ...graph, nodes, initializers: [...kept, ...made], valueInfo: [] } };
}

function rowPlan(index: GraphIndex, vocabularySize: number): RowPlan | undefined {
  const weights: RowWeight[] = [];
  const shapes: { name: string; numbers: readonly number[] }[] = [];
  /** Whether the value is made of weights with a row per token. What else reads it would see fewer rows. */
  const hasRows = (value: string, isTurned = false): boolean => {
    if (index.consumers.get(value)?.length !== 1) return false;
    const tensor = index.constants.get(value);
    if (tensor !== undefined) {
      const found = rowWeight(tensor, vocabularySize, isTurned);
      if (found !== undefined) weights.push(found);
      return found !== undefined;
    }
    const node = index.producer.get(value);
    const [data = '', ...others] = node?.inputs ?? [];
    switch (node?.opType) {
      case 'Identity':
      case 'Cast':
        return hasRows(data, isTurned);
      case 'Transpose':
        return hasRows(data, !isTurned);
      case 'DequantizeLinear':
        return (
          hasRows(data, isTurned) &&
          others.every((v) => isForAllRows(index, node, v, isTurned) || (!isTurned && hasRows(v)))
        );
      case 'Reshape':
        return !isTurned && hasRows(data) && isForEachRow(others[0] ?? '');
      default:
        return false;
    }
  };
  /** Whether a target shape keeps the rows. */
  const isForEachRow = (name: string): boolean => {
    const shape = index.constants.get(name);
    const numbers = shape && numbersOf(shape);
    if (numbers?.[0] === -1 || numbers?.[0] === 0) return true;
    if (numbers?.[0] !== vocabularySize || index.consumers.get(name)?.length !== 1) return false;
    shapes.push({ name, numbers });
    return true;
  };

  let isPlain = true;
  followDown(index, LOOKUP_IDS, (node, slot) => {
    if (['Identity', 'Cast', 'Reshape'].includes(node.opType)) return true;
    if (node.opType === 'Shape') return false;
    const isQuantized = node.opType === 'GatherBlockQuantized';
    const axis = intAttribute(node, isQuantized ? 'gather_axis' : 'axis', 0);
    const [data = '', , ...others] = node.inputs;
    const isLookup = (isQuantized || node.opType === 'Gather') && slot === 1 && axis === 0;
    isPlain &&= isLookup && [data, ...others].every((v) => v === '' || hasRows(v));
    return false;
  });
  return isPlain && weights.length > 0 ? { vocabularySize, weights, shapes } : undefined;
}

/** A scale or zero point for the whole table, or one for each number of a row. */
function isForAllRows(index: GraphIndex, node: OnnxNode, value: string, isTurned: boolean): boolean {
  const tensor = index.constants.get(value);
  if (value === '' || (tensor !== undefined && elementCount(tensor) === 1)) return true;
  const isRowAxis = (intAttribute(node, 'axis', 1) === 0) === isTurned;
  return tensor?.dims.length === 1 && isRowAxis;
}

const BITS: Readonly<Record<number, number>> = {
  [DataType.float32]: 32,
  [DataType.float16]: 16,
  [DataType.bfloat16]: 16,
  [DataType.uint8]: 8,
  [DataType.int8]: 8,
  [DataType.uint4]: 4,
  [DataType.int4]: 4,
};

function rowWeight(tensor: OnnxTensor, vocabularySize: number, isTurned: boolean): RowWeight | undefined {
  const { rawData, floatData, externalData, dims } = tensor;
  const [rows = 0, columns = 0] = dims;
  const pieces = isTurned ? rows : 1;
  const bits = BITS[tensor.dataType] ?? Number.NaN;
  const pieceBytes = (elementCount(tensor) * bits) / 8 / vocabularySize / pieces;
  const isRight = isTurned
    ? dims.length === 2 && columns === vocabularySize
    : rows > 0 && rows % vocabularySize === 0;
  const hasBytes = rawData !== undefined || floatData !== undefined || externalData.length > 0;
  return isRight && hasBytes && Number.isInteger(pieceBytes) ? { tensor, pieces, pieceBytes } : undefined;
}
