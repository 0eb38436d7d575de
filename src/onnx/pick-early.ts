/**
 * Picks positions as early as a graph allows: pick(f(x)) = f(pick(x)) for whatever is done at each position alone. Of a decoder's last
 * layer all that comes behind the attention is then computed for the picked positions only, forward and backward. Told from static
 * shapes: a value has rows where it is [batch, length, …] or [batch · length, …].
 */
import { GraphBuilder, type ValueName } from './builder.ts';
import { indexGraph } from './graph-index.ts';
import { inferShapes } from './infer-shapes.ts';
import { DataType, intAttribute, type OnnxModel, type OnnxNode } from './onnx-model.ts';
import { axisOf, type Shape } from './shape.ts';

export interface EarlyPick {
  /** float32 [batch, count, length]: the node MatMul(places, x) picks. What computes it stands before the decoder. */
  readonly places: ValueName;
  readonly batch: number;
  readonly length: number;
  readonly count: number;
}

const ELEMENTWISE = new Set([
  ...[
    'Identity',
    'Cast',
    'Add',
    'Sub',
    'Mul',
    'Div',
    'Pow',
    'Neg',
    'Sqrt',
    'Reciprocal',
    'Max',
    'Min',
    'Where',
  ],
  ...['Sigmoid', 'Tanh', 'Erf', 'Exp', 'Abs', 'Relu', 'Softplus', 'QuickGelu'],
]);

export function pickEarly(model: OnnxModel, { places, batch, length, count }: EarlyPick): OnnxModel {
  const { graph } = model;
  const index = indexGraph(graph);
  const values = inferShapes(graph);
  const shapeOf = (name: ValueName): Shape => values.get(name)?.shape ?? [];
  /** How many axes count the rows; 0 for a value without. */
  const rowAxes = (shape: Shape): number => {
    if (shape.length > 2 && shape[0] === batch && shape[1] === length) return 2;
    return shape.length === 2 && shape[0] === batch * length ? 1 : 0;
  };
  /** The inputs of which a node computes each row from the same row; undefined where it does not work so. */
  const rowInputs = (node: OnnxNode): readonly ValueName[] | undefined => {
    const { opType, inputs } = node;
    const out = shapeOf(node.outputs[0]!);
    const axes = rowAxes(out);
    const x = inputs[0] ?? '';
    if (axes === 0) return undefined;
    const hasRows = (name: ValueName) =>
      shapeOf(name).length === out.length && rowAxes(shapeOf(name)) === axes;
    /** Broadcast over the rows. */
    const isShared = (name: ValueName) => {
      const missing = out.length - shapeOf(name).length;
      return values.has(name) && out.slice(0, axes).every((_, i) => (shapeOf(name)[i - missing] ?? 1) === 1);
    };
    if (ELEMENTWISE.has(opType)) {
      return inputs.every((i) => hasRows(i) || isShared(i)) ? inputs.filter(hasRows) : undefined;
    }
    const works = {
      SimplifiedLayerNormalization: () => axisOf(intAttribute(node, 'axis', -1), out.length) >= axes,
      // Of each row to its end: the mean of a norm.
      ReduceMean: () => hasRows(x) && out.length > axes && out.at(-1) === 1,
      MatMul: () => hasRows(x) && shapeOf(inputs[1]!).length === 2,
      Gemm: () => intAttribute(node, 'transA', 0) === 0 && hasRows(x) && inputs.slice(2).every(isShared),
      Reshape: () => rowAxes(shapeOf(x)) > 0,
    }[opType];
    return works?.() ? [x] : undefined;
  };

  const pick = graph.nodes.find(({ opType, inputs }) => opType === 'MatMul' && inputs[0] === places)!;
  /** Computed for picked rows only. */
  const moved = new Set([pick]);
  const isReadElsewhere = (name: ValueName) =>
    index.outputs.has(name) || (index.consumers.get(name) ?? []).some((node) => !moved.has(node));
  // Of what nothing is known the gradient will say so, by name.
  if (rowAxes(shapeOf(pick.inputs[1]!)) === 0) return model;
  let edge: ReadonlySet<ValueName> = new Set([pick.inputs[1]!]);
  for (let grows = true; grows; ) {
    grows = false;
    for (const value of edge) {
      const node = index.producer.get(value);
      const before = node?.outputs.some(isReadElsewhere) === false ? rowInputs(node) : undefined;
      if (node === undefined || before === undefined) continue;
      moved.add(node);
      edge = new Set([...edge, ...before].filter((name) => !node.outputs.includes(name)));
      grows = true;
      break;
    }
  }

  const g = new GraphBuilder('picked/');
  const picked = (name: ValueName): ValueName => {
    const { shape, dataType } = values.get(name)!;
    const float =
      dataType === DataType.float32 ? name : g.op('Cast', [name], { attributes: { to: DataType.float32 } });
    const rows = g.reshape(g.matMul(places, g.reshape(float, [batch, length, -1])), resized(shape));
    return dataType === DataType.float32 ? rows : g.op('Cast', [rows], { attributes: { to: dataType } });
  };
  const resized = (shape: Shape): Shape =>
    rowAxes(shape) === 2 ? [batch, count, ...shape.slice(2)] : [batch * count, ...shape.slice(1)];
  const renamed = new Map<ValueName, ValueName>();
  const nodes = graph.nodes.flatMap((node) => {
    if (!moved.has(node)) return [node];
    for (const name of node.inputs) {
      if (edge.has(name) && !renamed.has(name)) renamed.set(name, picked(name));
    }
    const [x = '', ...others] = node.inputs.map((name) => renamed.get(name) ?? name);
    if (node === pick) g.op('Identity', others, { outputs: node.outputs });
    else if (node.opType === 'Reshape') {
      g.nodes.push({ ...node, inputs: [x, g.ints(resized(shapeOf(node.outputs[0]!)))] });
    } else g.nodes.push({ ...node, inputs: [x, ...others] });
    return g.nodes.splice(0);
  });
  const changed = new Set([...moved].flatMap((node) => node.outputs));
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      initializers: [...graph.initializers, ...g.initializers],
      valueInfo: graph.valueInfo.filter(({ name }) => !changed.has(name)),
    },
  };
}
