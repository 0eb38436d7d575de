/**
 * What of a decoder may run on buffers that stay where they are, by its structure. GroupQueryAttention writes new keys and values behind the old
 * ones, where past and present are one tensor with room. And a step that reads and writes nothing but such tensors can be recorded and repeated,
 * for which onnxruntime has silent limits: only computations are repeated, no copies, and a length that lies on the GPU is not seen by a window.
 */
import { indexGraph } from './graph-index.ts';
import type { GraphFacts } from './inspect/inspect-graph.ts';
import { floatAttribute, intAttribute, type OnnxModel, type OnnxNode, shapeOf } from './onnx-model.ts';
import type { AddedInputs } from './personalise-graph.ts';

/** Reasons against; undefined: it may. */
export interface InPlaceObstacles {
  /** Against a KV cache that grows in place. */
  readonly cache: string | undefined;
  /** Against repeating a step of one token. */
  readonly capture: string | undefined;
}

/** Nodes that may be mere copies of a buffer. */
const COPIES = ['Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity'];

/** @param model the rewritten graph */
export function inPlaceObstacles(
  { graph }: OnnxModel,
  { cache, head, logitCount }: GraphFacts,
  { lengths, needsMask }: Pick<AddedInputs, 'lengths' | 'needsMask'>,
): InPlaceObstacles {
  const attention = graph.nodes.filter(({ opType }) => opType === 'GroupQueryAttention');
  const both = (reason: string) => ({ cache: reason, capture: reason });
  if (lengths === undefined || needsMask) return both('lengths of the attention are not fed');
  if (logitCount !== undefined) return both('the number of logits is an input');
  const output = graph.outputs.find(({ name }) => name === head.logits);
  if (output === undefined || shapeOf(output)?.length !== 3) return both('the logits have no three axes');
  const pairs = new Set(
    attention.flatMap(({ inputs, outputs }) => [`${inputs[3]} ${outputs[1]}`, `${inputs[4]} ${outputs[2]}`]),
  );
  const isTheirs = cache.every(({ past, present }) => pairs.has(`${past} ${present}`));
  if (!isTheirs || cache.length !== pairs.size || cache.some(({ lengthAxis }) => lengthAxis !== 2)) {
    return both('the cache is not that of GroupQueryAttention alone');
  }
  const unusual = attention.map(unusualAttention).find((reason) => reason !== undefined);
  if (unusual !== undefined) return both(unusual);
  if (attention.some((node) => intAttribute(node, 'local_window_size', -1) !== -1)) {
    return { cache: undefined, capture: 'attention has a sliding window' };
  }
  const last = indexGraph(graph).producer.get(head.logits)?.opType ?? '';
  const copied = COPIES.includes(last) ? `the logits are a copy (${last})` : undefined;
  return { cache: undefined, capture: copied };
}

/** What was not seen to be right in place. */
function unusualAttention(node: OnnxNode): string | undefined {
  if (intAttribute(node, 'smooth_softmax', 0) === 1) return 'attention has a smooth softmax';
  if (floatAttribute(node, 'softcap', 0) !== 0) return 'attention has capped scores';
  if ((node.inputs[10] ?? '') !== '' || (node.inputs[11] ?? '') !== '')
    return 'attention has a bias or a sink';
  return undefined;
}
