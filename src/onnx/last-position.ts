/**
 * Keeps only the wanted positions before the LM head: `Gather(hidden, logit_positions, axis = 1)`. Prefill of a
 * long prompt then multiplies one row with the vocabulary instead of every row, and reads one row back.
 */
import { makeNode, makeValueInfo } from './builder.ts';
import { freshName, indexGraph } from './graph-index.ts';
import type { GraphFacts } from './inspect-graph.ts';
import type { OnnxModel, OnnxValueInfo } from './onnx-model.ts';

/** Adds the input int64 [count] (its name is returned); logits become [batch, count, V]. */
export function keepPositions(
  model: OnnxModel,
  facts: GraphFacts,
): { readonly model: OnnxModel; readonly input: string } {
  const { graph } = model;
  const index = indexGraph(graph);
  const { hidden, logits } = facts.head;
  const input = freshName(index, 'logit_positions');
  const kept = freshName(index, `${hidden}/kept`);
  const head = index.consumers.get(hidden)!.find((n) => reaches(n.outputs[0]!, logits, index.consumers));

  const changed = new Set<string>();
  const nodes = graph.nodes.flatMap((node) => {
    if (node === head) {
      for (const output of node.outputs) changed.add(output);
      const gather = makeNode('Gather', [hidden, input], [kept], { axis: 1 });
      return [gather, { ...node, inputs: node.inputs.map((i, at) => (at === 0 ? kept : i)) }];
    }
    if (node.inputs.some((i) => changed.has(i))) for (const output of node.outputs) changed.add(output);
    return [node];
  });
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

function reaches(
  value: string,
  target: string,
  consumers: ReadonlyMap<string, readonly { outputs: readonly string[] }[]>,
): boolean {
  const todo = [value];
  const seen = new Set<string>();
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (at === target) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    for (const node of consumers.get(at) ?? []) todo.push(...node.outputs);
  }
  return false;
}

/** [batch, sequence, V] → [batch, logit_count, V]. */
function withPositions(value: OnnxValueInfo): OnnxValueInfo {
  const tensor = value.type?.tensor;
  if (tensor?.shape === undefined) return value;
  const dims = tensor.shape.dims.map((d, at) => (at === 1 ? { param: 'logit_count' } : d));
  return { ...value, type: { ...value.type, tensor: { ...tensor, shape: { ...tensor.shape, dims } } } };
}
