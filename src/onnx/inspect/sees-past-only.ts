/**
 * Whether structure alone shows that attention looks at what came before and at nothing else: operators that mask and cache by themselves, or
 * small ones with a mask made by comparing positions, and a cache that what is new is put behind. Where it does not, running tells
 * (`generate/self-check.ts`).
 */
import { type GraphIndex, originOf } from '../graph-index.ts';
import { type OnnxNode, operatorName } from '../onnx-model.ts';
import type { CacheTensor } from './find-cache.ts';

const BY_ITSELF = ['GroupQueryAttention', 'CausalConvWithState', 'LinearAttention'].map(
  (name) => `com.microsoft.${name}`,
);
/** What makes a triangle of positions; a comparison of two that vary, since windows to both sides compare a distance with a constant. */
const COMPARING = ['Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'];
/** Where scores come from, beyond which lies the layer before; and what may let through more than the triangle. */
const BEYOND = ['MatMul', 'Einsum', 'Or'];

export function seesPastOnly(
  index: GraphIndex,
  nodes: readonly OnnxNode[],
  cache: readonly CacheTensor[],
): boolean {
  const softmaxes = nodes.filter((node) => node.opType === 'Softmax');
  return (
    cache.every((tensor) => isBehind(index, tensor)) &&
    (softmaxes.length > 0 || nodes.some((node) => BY_ITSELF.includes(operatorName(node)))) &&
    softmaxes.every((node) => isMasked(index, node))
  );
}

/** The past comes first where what is new is joined to it. */
function isBehind(index: GraphIndex, { past, present }: CacheTensor): boolean {
  const node = index.producer.get(originOf(index, present, ['Cast']));
  if (node === undefined) return false;
  if (BY_ITSELF.includes(operatorName(node))) return true;
  return node.opType === 'Concat' && originOf(index, node.inputs[0]!, ['Cast']) === past;
}

const hasConstant = (index: GraphIndex, { inputs }: OnnxNode): boolean =>
  inputs.some((input) =>
    index.constants.has(originOf(index, input, ['Identity', 'Cast', 'Unsqueeze', 'Reshape', 'Expand'])),
  );

function isMasked(index: GraphIndex, softmax: OnnxNode): boolean {
  const seen = new Set<OnnxNode>();
  const todo = [softmax];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (seen.has(node) || BEYOND.includes(node.opType)) continue;
    seen.add(node);
    if (node.opType === 'Trilu' || (COMPARING.includes(node.opType) && !hasConstant(index, node)))
      return true;
    todo.push(...node.inputs.flatMap((input) => index.producer.get(input) ?? []));
  }
  return false;
}
