/** Where the hidden state becomes logits: the last matrix product with a weight before an output. */
import { type GraphIndex, originOf } from '../graph-index.ts';
import { type DataTypeName, dataTypeName, intAttribute, type OnnxNode } from '../onnx-model.ts';
import { tableSize } from './find-embedding.ts';

export interface HeadFacts {
  readonly operator: string;
  /**
   * The final hidden state [batch, sequence, H] that enters the head; undefined where it enters as a flat
   * [batch · sequence, H], of which positions can't be picked.
   */
  readonly hidden: string | undefined;
  readonly logits: string;
  readonly type: DataTypeName;
}

export interface Head extends HeadFacts {
  /** Number of logits: columns of the head's weight. */
  readonly columns: number;
}

/** Operators between the head's product and the output: casts, biases, soft-capping, a quantised product's scale. */
const BEHIND_HEAD = ['Identity', 'Cast', 'Mul', 'Div', 'Tanh', 'Add', 'Reshape'];
const PRODUCTS = ['MatMul', 'Gemm', 'FusedMatMul', 'MatMulNBits', 'MatMulInteger', 'DynamicQuantizeMatMul'];

/** Of outputs that end in a product with a weight, the first with the most columns. */
export function findHead(index: GraphIndex, cacheOutputs: ReadonlySet<string>): Head | undefined {
  let best: Head | undefined;
  for (const [name, output] of index.outputs) {
    if (cacheOutputs.has(name)) continue;
    const node = productBefore(index, name);
    const columns = node && headColumns(index, node);
    if (node === undefined || columns === undefined || columns <= (best?.columns ?? 0)) continue;
    const type = dataTypeName(output.type?.tensor?.elemType ?? 0) as DataTypeName;
    best = { operator: node.opType, hidden: hiddenOf(index, node), logits: name, type, columns };
  }
  return best;
}

function productBefore(index: GraphIndex, output: string): OnnxNode | undefined {
  const seen = new Set<string>();
  const todo = [output];
  for (let at = todo.shift(); at !== undefined; at = todo.shift()) {
    const node = index.producer.get(at);
    if (node === undefined || seen.has(at)) continue;
    seen.add(at);
    if (PRODUCTS.includes(node.opType)) return node;
    if (BEHIND_HEAD.includes(node.opType)) todo.push(...node.inputs.filter((i) => !index.constants.has(i)));
  }
  return undefined;
}

/** A dynamically quantised product takes the hidden state through DynamicQuantizeLinear. */
function hiddenOf(index: GraphIndex, product: OnnxNode): string | undefined {
  let hidden = product.inputs[0]!;
  const before = index.producer.get(hidden);
  if (before?.opType === 'DynamicQuantizeLinear') hidden = before.inputs[0]!;
  const isFlat = product.opType === 'Gemm' || index.producer.get(hidden)?.opType === 'Reshape';
  return isFlat ? undefined : hidden;
}

function headColumns(index: GraphIndex, node: OnnxNode): number | undefined {
  if (node.opType === 'MatMulNBits') return intAttribute(node, 'N', 0);
  const weight = node.inputs[1] ?? '';
  const tensor = index.constants.get(originOf(index, weight));
  const size = tensor && tableSize(index, weight, tensor);
  const isTurned = intAttribute(node, 'transB', 0) === 1;
  return isTurned ? size?.rows : size?.width;
}
