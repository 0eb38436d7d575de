/**
 * A model in a newer opset, so that nodes of that opset can be added: blocks of 4-bit weights (DequantizeLinear) and axes as
 * an input (ReduceMean) are newer than most exports. Between opset 13 and 21 only two things that decoders use changed
 * their form: the axes of reductions, and a Split into equal parts.
 */
import { E2PError } from '../error.ts';
import { makeAttribute, makeTensor } from './builder.ts';
import { attribute, type OnnxModel, type OnnxNode, type OnnxTensor } from './onnx-model.ts';

const OLDEST = 13;
/** From here on all reductions take their axes as an input. */
const AXES_AS_INPUT = 18;

/** @throws E2PError `unsupported-graph` for an opset before 13 */
export function raiseOpset(model: OnnxModel, version: number): OnnxModel {
  const found = model.opsets.find((o) => o.domain === '' || o.domain === 'ai.onnx')?.version ?? 1;
  if (found >= version) return model;
  if (found < OLDEST) {
    throw new E2PError(
      'unsupported-graph',
      `the model's opset is ${found}, expected ${OLDEST} or newer: export it again with a newer opset`,
    );
  }
  const added: OnnxTensor[] = [];
  const nodes = model.graph.nodes.map((node) => {
    if (found >= AXES_AS_INPUT || version < AXES_AS_INPUT || node.domain !== '') return node;
    if (node.opType === 'Split') return withPartCount(node);
    return node.opType.startsWith('Reduce') ? withAxesInput(node, added) : node;
  });
  return {
    ...model,
    // 4-bit types came with opset 21 and IR version 10.
    irVersion: Math.max(model.irVersion, version >= 21 ? 10 : model.irVersion),
    opsets: model.opsets.map((o) => (o.domain === '' || o.domain === 'ai.onnx' ? { ...o, version } : o)),
    graph: { ...model.graph, nodes, initializers: [...model.graph.initializers, ...added] },
  };
}

function withAxesInput(node: OnnxNode, added: OnnxTensor[]): OnnxNode {
  const axes = attribute(node, 'axes');
  if (axes === undefined) return node;
  const name = `${node.outputs[0]}/axes`;
  added.push(makeTensor(name, [axes.ints.length], BigInt64Array.from(axes.ints, BigInt)));
  return {
    ...node,
    inputs: [node.inputs[0]!, name],
    attributes: node.attributes.filter((a) => a !== axes),
  };
}

function withPartCount(node: OnnxNode): OnnxNode {
  if (node.inputs[1] || attribute(node, 'num_outputs')) return node;
  return { ...node, attributes: [...node.attributes, makeAttribute('num_outputs', node.outputs.length)] };
}
