/**
 * Optimum's int8 exports keep the embeddings as bytes of one scale, and widen the whole table to float32 for the LM head at every run: 113 MB at a
 * vocabulary of 49,152, more time than all layers take. onnxruntime would do that once, were it not for the int8 kernels that it
 * hopes to find around such a node.
 */
import { indexGraph, originOf } from './graph-index.ts';
import { DataType, type OnnxModel, type OnnxNode } from './onnx-model.ts';

const MOVING = ['Transpose', 'Identity'];

/** Whether the only weights that a graph dequantises are bytes that a float MatMul reads. */
export function widensHead({ graph }: OnnxModel): boolean {
  const index = indexGraph(graph);
  const tableOf = (node: OnnxNode) => index.constants.get(originOf(index, node.inputs[0]!, MOVING));
  const widened = graph.nodes.filter((n) => n.opType === 'DequantizeLinear' && tableOf(n) !== undefined);
  const [node] = widened;
  if (node === undefined || widened.length > 1) return false;
  const { dataType } = tableOf(node)!;
  const readers = index.consumers.get(node.outputs[0]!) ?? [];
  return (
    (dataType === DataType.uint8 || dataType === DataType.int8) &&
    readers.length > 0 &&
    readers.every(({ opType }) => opType === 'MatMul' || opType === 'Gemm')
  );
}
