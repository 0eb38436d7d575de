/**
 * `EmbedLayerNormalization` (com.microsoft) looks up tokens, positions and segments, adds and normalises them in
 * one operator: there is no place for a soft token inside. It is split into its lookups and a
 * `SkipLayerNormalization`, which adds and normalises the same way.
 */
import { E2PError } from '../error.ts';
import { makeNode, makeTensor } from './builder.ts';
import { freshName, type GraphIndex, indexGraph } from './graph-index.ts';
import { attribute, floatAttribute, type OnnxModel, type OnnxNode, type OnnxTensor } from './onnx-model.ts';

/**
 * The same model where there is no such operator.
 * @throws E2PError `unsupported-graph` where its mask index is used, which counts the tokens of each row.
 */
export function splitEmbedLayerNorm(model: OnnxModel, fileName = 'model.onnx'): OnnxModel {
  const { graph } = model;
  if (!graph.nodes.some((n) => n.opType === 'EmbedLayerNormalization')) return model;
  const index = indexGraph(graph);
  const added: OnnxTensor[] = [];
  const nodes = graph.nodes.flatMap((node) =>
    node.opType === 'EmbedLayerNormalization' ? split(node, index, added, fileName) : [node],
  );
  return { ...model, graph: { ...graph, nodes, initializers: [...graph.initializers, ...added] } };
}

function split(node: OnnxNode, index: GraphIndex, added: OnnxTensor[], fileName: string): OnnxNode[] {
  const [ids, segments, words, positionTable, segmentTable, gamma, beta, , positionIds] = node.inputs as [
    string,
    ...(string | undefined)[],
  ];
  const [output = '', maskIndex, sum] = node.outputs;
  if (maskIndex && (index.consumers.has(maskIndex) || index.outputs.has(maskIndex))) {
    throw new E2PError(
      'unsupported-graph',
      `${fileName}: ${node.name || output} counts the tokens of a mask (EmbedLayerNormalization's mask_index), expected a decoder that takes the mask itself`,
    );
  }
  const made: OnnxNode[] = [];
  const emit = (op: string, inputs: readonly string[], attributes: Parameters<typeof makeNode>[3] = {}) => {
    const name = freshName(index, `${output}/${op}_${made.length}`);
    made.push(makeNode(op, inputs, [name], attributes));
    return name;
  };
  const constant = (name: string, ...values: number[]) => {
    const tensor = makeTensor(
      freshName(index, `${output}/${name}`),
      name === 'axes' ? [values.length] : [],
      BigInt64Array.from(values, BigInt),
    );
    added.push(tensor);
    return tensor.name;
  };
  /** Without positions given, each row counts from 0. */
  const counted = () => {
    const length = emit('Gather', [emit('Shape', [ids]), constant('one', 1)], { axis: 0 });
    const row = emit('Range', [constant('from', 0), length, constant('step', 1)]);
    return emit('Expand', [emit('Unsqueeze', [row, constant('axes', 0)]), emit('Shape', [ids])]);
  };
  const token = emit('Gather', [words!, ids]);
  let rest = emit('Gather', [positionTable!, positionIds || counted()]);
  if (segments && segmentTable) rest = emit('Add', [rest, emit('Gather', [segmentTable, segments])]);
  const epsilon = attribute(node, 'epsilon') ? floatAttribute(node, 'epsilon', 1e-12) : 1e-12;
  const normalise = makeNode(
    'SkipLayerNormalization',
    [token, rest, gamma!, beta!],
    sum ? [output, '', '', sum] : [output],
    { epsilon: { float: epsilon } },
    'com.microsoft',
  );
  return [...made, normalise];
}
