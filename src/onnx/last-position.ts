/**
 * Keeps only the wanted positions before the LM head: `Gather(hidden, logit_positions, axis = 1)`. Prefill of a
 * long prompt then multiplies one row with the vocabulary instead of every row, and reads one row back. Where the
 * head takes the hidden state flat, the logits are picked instead: the same result, without the saving.
 */
import { makeNode, makeValueInfo } from './builder.ts';
import { followDown, freshName, type GraphIndex, indexGraph } from './graph-index.ts';
import type { GraphFacts } from './inspect/inspect-graph.ts';
import type { OnnxModel, OnnxNode, OnnxValueInfo } from './onnx-model.ts';

/** Emits what takes `from` [batch, sequence, …] to the wanted positions `to` [batch, count, …]. */
export type PickPositions = (from: string, to: string) => readonly OnnxNode[];

/** What works on no rows at all, on the CPU; of others some read a first one. */
const TAKES_NONE = new Set(['MatMul', 'MatMulNBits', 'Add', 'Cast', 'Div', 'Identity', 'Mul', 'Tanh']);

export interface KeptPositions {
  readonly model: OnnxModel;
  /** Name of the input int64 [count]. */
  readonly input: string;
  /** Whether count may be 0, on the CPU: then nothing is multiplied with the vocabulary. */
  readonly mayBeNone: boolean;
}

/** Adds the input; logits become [batch, count, V]. */
export function keepPositions(model: OnnxModel, facts: GraphFacts): KeptPositions {
  const input = freshName(indexGraph(model.graph), 'logit_positions');
  const picked = pickPositions(model, facts, (from, to) => [
    makeNode('Gather', [from, input], [to], { axis: 1 }),
  ]);
  const inputs = [...model.graph.inputs, makeValueInfo(input, 'int64', ['logit_count'])];
  const index = indexGraph(picked.graph);
  let mayBeNone = facts.head.hidden !== undefined;
  for (const { outputs } of index.consumers.get(input)!) {
    followDown(index, outputs[0]!, ({ opType }) => {
      mayBeNone &&= TAKES_NONE.has(opType);
      return mayBeNone;
    });
  }
  return { model: { ...picked, graph: { ...picked.graph, inputs } }, input, mayBeNone };
}

/** Picks positions where `keepPositions` does, in another way. */
export function pickPositions(model: OnnxModel, facts: GraphFacts, pick: PickPositions): OnnxModel {
  const { graph } = model;
  const index = indexGraph(graph);
  const { hidden, logits } = facts.head;
  const { nodes, changed } =
    hidden === undefined
      ? pickBehind(graph.nodes, freshName(index, `${logits}/all`), logits, pick)
      : pickBefore(graph.nodes, index, { hidden, logits, kept: freshName(index, `${hidden}/kept`), pick });
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      outputs: graph.outputs.map((o) => (changed.has(o.name) ? withPositions(o) : o)),
      valueInfo: graph.valueInfo.filter((v) => !changed.has(v.name)),
    },
  };
}

interface Rewritten {
  readonly nodes: readonly OnnxNode[];
  /** Values that have another shape now. */
  readonly changed: ReadonlySet<string>;
}

function pickBefore(
  nodes: readonly OnnxNode[],
  index: GraphIndex,
  { hidden, logits, kept, pick }: { hidden: string; logits: string; kept: string; pick: PickPositions },
): Rewritten {
  const head = index.consumers.get(hidden)!.find((n) => leadsTo(index, n, logits));
  const changed = new Set<string>();
  const rewritten = nodes.flatMap((node) => {
    if (node !== head) {
      if (node.inputs.some((i) => changed.has(i))) for (const output of node.outputs) changed.add(output);
      return [node];
    }
    for (const output of node.outputs) changed.add(output);
    return [...pick(hidden, kept), { ...node, inputs: node.inputs.map((i, at) => (at === 0 ? kept : i)) }];
  });
  return { nodes: rewritten, changed };
}

/** The producer of the logits gets a new output name and the picked rows take the old one. */
function pickBehind(nodes: readonly OnnxNode[], all: string, logits: string, pick: PickPositions): Rewritten {
  const renamed = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((i) => (i === logits ? all : i)),
    outputs: node.outputs.map((o) => (o === logits ? all : o)),
  }));
  return { nodes: [...renamed, ...pick(all, logits)], changed: new Set([logits]) };
}

function leadsTo(index: GraphIndex, node: OnnxNode, target: string): boolean {
  let found = node.outputs.includes(target);
  for (const output of node.outputs) {
    followDown(index, output, (next) => {
      found ||= next.outputs.includes(target);
      return !found;
    });
  }
  return found;
}

/** [batch, sequence, V] → [batch, logit_count, V]. */
function withPositions(value: OnnxValueInfo): OnnxValueInfo {
  const tensor = value.type?.tensor;
  if (tensor?.shape === undefined) return value;
  const dims = tensor.shape.dims.map((d, at) => (at === 1 ? { param: 'logit_count' } : d));
  return { ...value, type: { ...value.type, tensor: { ...tensor, shape: { ...tensor.shape, dims } } } };
}
