/**
 * Keeps only the wanted positions before the LM head: `Gather(hidden, logit_positions, axis = 1)`. Prefill of a
 * long prompt then multiplies one row with the vocabulary instead of every row, and reads one row back. Where the
 * head takes the hidden state flat, the logits are picked instead: the same result, without the saving.
 */
import { makeNode, makeValueInfo } from './builder.ts';
import { followDown, freshName, type GraphIndex, indexGraph } from './graph-index.ts';
import type { GraphFacts } from './inspect/inspect-graph.ts';
import type { OnnxModel, OnnxNode, OnnxValueInfo } from './onnx-model.ts';

/** Adds the input int64 [count] (its name is returned); logits become [batch, count, V]. */
export function keepPositions(
  model: OnnxModel,
  facts: GraphFacts,
): { readonly model: OnnxModel; readonly input: string } {
  const { graph } = model;
  const index = indexGraph(graph);
  const { hidden, logits } = facts.head;
  const input = freshName(index, 'logit_positions');
  const { nodes, changed } =
    hidden === undefined
      ? pickBehind(graph.nodes, freshName(index, `${logits}/all`), logits, input)
      : pickBefore(graph.nodes, index, { hidden, logits, kept: freshName(index, `${hidden}/kept`), input });
  const outputs = graph.outputs.map((o) => (changed.has(o.name) ? withPositions(o) : o));
  return {
    model: {
      ...model,
      graph: {
        ...graph,
        nodes,
        outputs,
        inputs: [...graph.inputs, makeValueInfo(input, 'int64', ['logit_count'])],
        valueInfo: graph.valueInfo.filter((v) => !changed.has(v.name)),
      },
    },
    input,
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
  { hidden, logits, kept, input }: { hidden: string; logits: string; kept: string; input: string },
): Rewritten {
  const head = index.consumers.get(hidden)!.find((n) => leadsTo(index, n, logits));
  const changed = new Set<string>();
  const rewritten = nodes.flatMap((node) => {
    if (node !== head) {
      if (node.inputs.some((i) => changed.has(i))) for (const output of node.outputs) changed.add(output);
      return [node];
    }
    for (const output of node.outputs) changed.add(output);
    const gather = makeNode('Gather', [hidden, input], [kept], { axis: 1 });
    return [gather, { ...node, inputs: node.inputs.map((i, at) => (at === 0 ? kept : i)) }];
  });
  return { nodes: rewritten, changed };
}

/** The producer of the logits gets a new output name and the picked rows take the old one. */
function pickBehind(nodes: readonly OnnxNode[], all: string, logits: string, input: string): Rewritten {
  const renamed = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((i) => (i === logits ? all : i)),
    outputs: node.outputs.map((o) => (o === logits ? all : o)),
  }));
  const pick = makeNode('Gather', [all, input], [logits], { axis: 1 });
  return { nodes: [...renamed, pick], changed: new Set([logits]) };
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
