/**
 * Exports for onnxruntime-genai compute two lengths from the attention mask, in half a dozen small nodes that run on
 * the CPU whatever the device: tokens of each row minus one, and the longest row. Fed directly they cost nothing, and
 * on WebGPU no node is left on the CPU.
 */
import { makeValueInfo } from './builder.ts';
import { freshName, type GraphIndex, indexGraph, originOf } from './graph-index.ts';
import type { GraphFacts } from './inspect/inspect-graph.ts';
import { intAttribute, type OnnxGraph, type OnnxModel, type OnnxNode } from './onnx-model.ts';
import { numbersOf } from './tensor-data.ts';

/** Names of the added inputs. */
export interface LengthInputs {
  /** int32 [batch]: real tokens of each row, past and new, minus one. */
  readonly rows: string;
  /** int32 scalar: past and new positions, padding included. */
  readonly total: string;
}

export interface FedLengths {
  readonly model: OnnxModel;
  /** Undefined where the graph computes its lengths in another way, and is left as it is. */
  readonly lengths: LengthInputs | undefined;
  /** Whether the attention mask is still an input. */
  readonly needsMask: boolean;
}

export function feedLengths(model: OnnxModel, facts: GraphFacts): FedLengths {
  const mask = facts.attentionMask?.name;
  const untouched = { model, lengths: undefined, needsMask: mask !== undefined };
  if (mask === undefined) return untouched;
  const { graph } = model;
  const index = indexGraph(graph);
  const attention = graph.nodes.filter((node) => node.opType === 'GroupQueryAttention');
  const areKnown = attention.every(
    ({ inputs: [, , , , , rows = '', total = ''] }) =>
      isRowLength(index, rows, mask) && isTotalLength(index, total, mask),
  );
  if (attention.length === 0 || !areKnown) return untouched;
  const lengths = { rows: freshName(index, 'row_lengths'), total: freshName(index, 'total_length') };
  const nodes = graph.nodes.map((node) =>
    attention.includes(node)
      ? {
          ...node,
          inputs: node.inputs.map((i, at) => (at === 5 ? lengths.rows : at === 6 ? lengths.total : i)),
        }
      : node,
  );
  const kept = withoutDeadNodes({ ...graph, nodes });
  const needsMask = kept.nodes.some((node) => node.inputs.includes(mask));
  const inputs = [
    ...graph.inputs.filter((input) => needsMask || input.name !== mask),
    makeValueInfo(lengths.rows, 'int32', ['batch_size']),
    makeValueInfo(lengths.total, 'int32', []),
  ];
  return { model: { ...model, graph: { ...kept, inputs } }, lengths, needsMask };
}

const LOOKED_THROUGH = ['Cast', 'Identity', 'Squeeze', 'Unsqueeze', 'Reshape'];

/** ReduceSum(mask, axis 1) − 1 */
function isRowLength(index: GraphIndex, value: string, mask: string): boolean {
  const minus = index.producer.get(originOf(index, value, LOOKED_THROUGH));
  if (minus?.opType !== 'Sub' || !isConstant(index, minus.inputs[1]!, 1)) return false;
  const sum = index.producer.get(originOf(index, minus.inputs[0]!, LOOKED_THROUGH));
  if (sum?.opType !== 'ReduceSum' || originOf(index, sum.inputs[0]!, LOOKED_THROUGH) !== mask) return false;
  const axes = sum.inputs[1];
  return axes !== undefined && isConstant(index, axes, 1, -1);
}

/** Shape(mask)[1] */
function isTotalLength(index: GraphIndex, value: string, mask: string): boolean {
  const pick = index.producer.get(originOf(index, value, LOOKED_THROUGH));
  if (pick?.opType !== 'Gather' || intAttribute(pick, 'axis', 0) !== 0) return false;
  const shape = index.producer.get(originOf(index, pick.inputs[0]!, LOOKED_THROUGH));
  const isOfMask = shape?.opType === 'Shape' && originOf(index, shape.inputs[0]!, LOOKED_THROUGH) === mask;
  return isOfMask && intAttribute(shape, 'start', 0) === 0 && isConstant(index, pick.inputs[1]!, 1, -1);
}

function isConstant(index: GraphIndex, value: string, ...wanted: readonly number[]): boolean {
  const tensor = index.constants.get(originOf(index, value, LOOKED_THROUGH));
  const numbers = tensor && numbersOf(tensor);
  return numbers?.length === 1 && wanted.includes(numbers[0]!);
}

/** Without nodes whose outputs nobody reads, and without what the file states of their outputs. */
function withoutDeadNodes(graph: OnnxGraph): OnnxGraph {
  let nodes: readonly OnnxNode[] = graph.nodes;
  for (;;) {
    const { consumers, outputs } = indexGraph({ ...graph, nodes });
    const alive = nodes.filter((node) => node.outputs.some((o) => consumers.has(o) || outputs.has(o)));
    if (alive.length === nodes.length) break;
    nodes = alive;
  }
  const dead = new Set(graph.nodes.filter((n) => !nodes.includes(n)).flatMap((n) => n.outputs));
  return { ...graph, nodes, valueInfo: graph.valueInfo.filter((v) => !dead.has(v.name)) };
}
