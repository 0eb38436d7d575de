/** Where the hidden state becomes logits: the matrix product with a weight that an output is, but for a bias, a scale or a cap. */
import { type GraphIndex, originOf } from '../graph-index.ts';
import { type DataTypeName, dataTypeName, intAttribute, type OnnxNode } from '../onnx-model.ts';
import { tableSize, typeOf } from './find-embedding.ts';

export interface HeadFacts {
  readonly operator: string;
  /**
   * The final hidden state [batch, sequence, H] that enters the head; undefined where it enters as a flat
   * [batch · sequence, H], of which positions can't be picked.
   */
  readonly hidden: string | undefined;
  /** Element type of that. */
  readonly hiddenType: DataTypeName;
  readonly logits: string;
  /** Logits of a position: columns of the head's weight. May be fewer or more than the rows of the embedding table. */
  readonly columns: number;
  readonly type: DataTypeName;
}

/** Operators between the head's product and the output: casts, biases, soft-capping, a quantised product's scale. */
const BEHIND_HEAD = ['Identity', 'Cast', 'Mul', 'Div', 'Tanh', 'Add', 'Reshape'];
const PRODUCTS = ['MatMul', 'Gemm', 'FusedMatMul', 'MatMulNBits', 'MatMulInteger', 'DynamicQuantizeMatMul'];

/** Of outputs that end in a product with a weight, the first with the most columns. */
export function findHead(index: GraphIndex, cacheOutputs: ReadonlySet<string>): HeadFacts | undefined {
  let best: HeadFacts | undefined;
  for (const [name, output] of index.outputs) {
    if (cacheOutputs.has(name)) continue;
    const node = productBefore(index, name);
    const columns = node && headColumns(index, node);
    if (node === undefined || columns === undefined || columns <= (best?.columns ?? 0)) continue;
    const type = dataTypeName(output.type?.tensor?.elemType ?? 0) as DataTypeName;
    const hiddenType = typeBefore(index, node) ?? type;
    best = { operator: node.opType, hidden: hiddenOf(index, node), hiddenType, logits: name, type, columns };
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
    // The shape of a reshape may be computed.
    const values = node.opType === 'Reshape' ? node.inputs.slice(0, 1) : node.inputs;
    const variable = values.filter((i) => !isFixed(index, i));
    // Two values together are no product any more: a residual connection, a norm.
    if (BEHIND_HEAD.includes(node.opType) && variable.length === 1) todo.push(...variable);
  }
  return undefined;
}

/** A constant, or the scale of activations that a dynamically quantised product is multiplied by. */
function isFixed(index: GraphIndex, value: string): boolean {
  const at = originOf(index, value, ['Identity', 'Cast', 'Reshape', 'Unsqueeze']);
  if (at === '' || index.constants.has(at)) return true;
  const node = index.producer.get(at);
  if (node?.opType === 'DynamicQuantizeLinear') return node.outputs[1] === at;
  return node?.opType === 'Mul' && node.inputs.every((input) => isFixed(index, input));
}

/** A dynamically quantised product takes the hidden state through DynamicQuantizeLinear. */
function hiddenOf(index: GraphIndex, product: OnnxNode): string | undefined {
  let hidden = product.inputs[0]!;
  const before = index.producer.get(hidden);
  if (before?.opType === 'DynamicQuantizeLinear') hidden = before.inputs[0]!;
  const isFlat = product.opType === 'Gemm' || index.producer.get(hidden)?.opType === 'Reshape';
  return isFlat ? undefined : hidden;
}

/** A product's factors have one type; integers are made of float32. */
function typeBefore(index: GraphIndex, { opType, inputs }: OnnxNode): DataTypeName | undefined {
  if (opType === 'MatMulInteger') return 'float32';
  const type = typeOf(index, inputs[opType === 'MatMulNBits' ? 2 : 1] ?? '');
  return type === undefined ? undefined : (dataTypeName(type) as DataTypeName);
}

function headColumns(index: GraphIndex, node: OnnxNode): number | undefined {
  if (node.opType === 'MatMulNBits') return intAttribute(node, 'N', 0);
  const weight = node.inputs[1] ?? '';
  const tensor = index.constants.get(originOf(index, weight));
  const size = tensor && tableSize(index, weight, tensor);
  const isTurned = intAttribute(node, 'transB', 0) === 1;
  return isTurned ? size?.rows : size?.width;
}
