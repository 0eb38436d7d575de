/**
 * Weights that every export of a model has, found by structure: gains of norms over the hidden state, and weights of
 * products. Both come in the order in which the hidden state meets them. Each reads what the one before it gave, so the
 * order is that of the model and not of the exporter.
 */
import { type GraphIndex, originOf } from '../graph-index.ts';
import { intAttribute, type OnnxNode, type OnnxTensor } from '../onnx-model.ts';
import { elementCount } from '../tensor-data.ts';

/** Norm operators: the input that is the gain. */
const GAIN: Readonly<Record<string, number>> = {
  LayerNormalization: 1,
  SimplifiedLayerNormalization: 1,
  RMSNormalization: 1,
  SkipLayerNormalization: 2,
  SkipSimplifiedLayerNormalization: 2,
};

/** The gains [H], in whatever type they are stored. */
export function findGains(index: GraphIndex, nodes: readonly OnnxNode[], hiddenSize: number): OnnxTensor[] {
  const gainAt = (value: string | undefined): OnnxTensor | undefined => {
    const tensor = index.constants.get(originOf(index, value ?? '', ['Identity', 'Cast', 'Reshape']));
    return tensor !== undefined && elementCount(tensor) === hiddenSize && tensor.dims.at(-1) === hiddenSize
      ? tensor
      : undefined;
  };
  return nodes.flatMap((node) => {
    const slot = GAIN[node.opType];
    if (slot !== undefined) return gainAt(node.inputs[slot]) ?? [];
    if (node.opType !== 'Mul') return [];
    // Written out: gain · (x / √(mean(x²) + ε)), or with a product by the reciprocal of the root.
    return node.inputs.flatMap((input, i) => {
      const before = index.producer.get(originOf(index, node.inputs[1 - i]!, ['Identity', 'Cast']));
      return ['Div', 'Mul'].includes(before?.opType ?? '') ? (gainAt(input) ?? []) : [];
    });
  });
}

export interface Product {
  /** K numbers go in, N come out. */
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: OnnxTensor;
  /** Floats [K, N]; `turned`: [N, K]. Else codes. */
  readonly layout: 'plain' | 'turned' | CodeLayout;
}

export interface CodeLayout {
  /** MatMulNBits: codes of 4 or 8 bits [N, blocks · block size]. Undefined: bytes [K, N], as MatMulInteger has them. */
  readonly blocks: { readonly bits: number; readonly size: number } | undefined;
  /** [N, blocks]; of bytes one for all, or [N]. */
  readonly scales: OnnxTensor;
  /** As many; undefined: the middle of the range. */
  readonly zeroPoints: OnnxTensor | undefined;
}

/**
 * Products with weights of the file, those that read the same value together: query, key and value are one group, merged or
 * not, so that a model has as many groups in every export.
 */
export function findProducts(index: GraphIndex, nodes: readonly OnnxNode[]): Product[][] {
  const groups = new Map<string, Product[]>();
  for (const node of nodes) {
    const product = productOf(index, node);
    if (product === undefined) continue;
    const source = originOf(index, node.inputs[0]!, ['Identity', 'Cast', 'Reshape', 'DynamicQuantizeLinear']);
    groups.set(source, [...(groups.get(source) ?? []), product]);
  }
  return [...groups.values()];
}

function productOf(index: GraphIndex, node: OnnxNode): Product | undefined {
  const constant = (i: number, through: readonly string[] = []) =>
    index.constants.get(originOf(index, node.inputs[i] ?? '', through));
  if (node.opType === 'MatMulNBits') {
    const [weight, scales] = [constant(1), constant(2)];
    // With reordered columns (g_idx) the first one is not known to be the first.
    if (weight === undefined || scales === undefined || (node.inputs[4] ?? '') !== '') return undefined;
    const blocks = { bits: intAttribute(node, 'bits', 4), size: intAttribute(node, 'block_size', 32) };
    const layout = { blocks, scales, zeroPoints: constant(3) };
    return { inputs: intAttribute(node, 'K', 0), outputs: intAttribute(node, 'N', 0), weight, layout };
  }
  if (node.opType === 'MatMulInteger') {
    const [weight, scales] = [constant(1), scalesBehind(index, node)];
    const [inputs, outputs, more] = weight?.dims ?? [];
    if (weight === undefined || scales === undefined || outputs === undefined || more !== undefined)
      return undefined;
    const layout = { blocks: undefined, scales, zeroPoints: constant(3) };
    return { inputs: inputs!, outputs, weight, layout };
  }
  if (node.opType !== 'MatMul' && node.opType !== 'Gemm') return undefined;
  const value = node.inputs[1] ?? '';
  const through = originOf(index, value, ['Identity', 'Cast']);
  const before = index.producer.get(through);
  const isTransposed = before?.opType === 'Transpose';
  const weight = index.constants.get(isTransposed ? before.inputs[0]! : through);
  if (weight?.dims.length !== 2) return undefined;
  const isTurned = isTransposed !== (node.opType === 'Gemm' && intAttribute(node, 'transB', 0) === 1);
  const [a, b] = weight.dims as [number, number];
  return isTurned
    ? { inputs: b, outputs: a, weight, layout: 'turned' }
    : { inputs: a, outputs: b, weight, layout: 'plain' };
}

/** y = Cast(MatMulInteger(…)) · (scale of the activations · scale of the weight) */
function scalesBehind(index: GraphIndex, node: OnnxNode): OnnxTensor | undefined {
  const [cast] = index.consumers.get(node.outputs[0]!) ?? [];
  const [scaled] = index.consumers.get(cast?.outputs[0] ?? '') ?? [];
  if (cast?.opType !== 'Cast' || scaled?.opType !== 'Mul') return undefined;
  const factor = scaled.inputs.find((i) => i !== cast.outputs[0]);
  const scales = index.producer.get(factor ?? '');
  if (scales?.opType !== 'Mul') return undefined;
  return scales.inputs.map((i) => index.constants.get(i)).find((t) => t !== undefined);
}
