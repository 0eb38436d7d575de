/**
 * Grouped attention may norm queries and keys inside (Qwen 3 for WebGPU, inputs 14 and 15), for which onnxruntime's CPU has no kernel: there the
 * norms become nodes of their own, which compute the same.
 */
import { GraphBuilder, type ValueName } from './builder.ts';
import { indexGraph, originOf } from './graph-index.ts';
import { floatAttribute, intAttribute, type OnnxModel, type OnnxNode, operatorName } from './onnx-model.ts';

/** Inputs of the gains, [head size] each. */
const GAINS = [14, 15] as const;

/** The same model where nothing is normed inside. */
export function normsOutside(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const isMeant = (node: OnnxNode) =>
    operatorName(node) === 'com.microsoft.GroupQueryAttention' && GAINS.every((i) => node.inputs[i]);
  if (!graph.nodes.some(isMeant)) return model;
  const index = indexGraph(graph);
  const g = new GraphBuilder('normed/');
  const nodes = graph.nodes.flatMap((node) => {
    if (!isMeant(node)) return [node];
    const [queryGain, keyGain] = GAINS.map((i) => node.inputs[i]!) as [ValueName, ValueName];
    const size = index.constants.get(originOf(index, queryGain))?.dims.at(-1);
    // A gain that is computed is left to the runtime to refuse.
    if (size === undefined) return [node];
    const [q, k, v] = separate(g, node, size);
    const attributes = { axis: -1, epsilon: { float: floatAttribute(node, 'qk_norm_epsilon', 1e-6) } };
    const normed = (x: ValueName, gain: ValueName): ValueName => {
      const heads = g.reshape(x, [0, 0, -1, size]);
      return g.reshape(g.op('SimplifiedLayerNormalization', [heads, gain], { attributes }), [0, 0, -1]);
    };
    const inputs = [normed(q, queryGain), normed(k, keyGain), v, ...node.inputs.slice(3, GAINS[0])];
    while (inputs.at(-1) === '') inputs.pop();
    return [...g.nodes.splice(0), { ...node, inputs }];
  });
  const initializers = [...graph.initializers, ...g.initializers];
  return { ...model, graph: { ...graph, nodes, initializers } };
}

/** Queries, keys and values, which may be one input. */
function separate(g: GraphBuilder, node: OnnxNode, size: number): [ValueName, ValueName, ValueName] {
  const [q, k, v] = node.inputs as [ValueName, ValueName, ValueName];
  if (k !== '') return [q, k, v];
  const [heads, kvHeads] = [intAttribute(node, 'num_heads', 0), intAttribute(node, 'kv_num_heads', 0)];
  const outputs = [g.fresh('query'), g.fresh('key'), g.fresh('value')] as [ValueName, ValueName, ValueName];
  g.op('Split', [q, g.ints([heads * size, kvHeads * size, kvHeads * size])], {
    ...{ outputs, attributes: { axis: 2 } },
  });
  return outputs;
}
