/**
 * Reverse-mode differentiation of an ONNX graph. Think of it as writing the chain rule into the file: the nodes
 * are walked backwards, each one's rule appends the nodes that turn the gradient of its output into those of its
 * inputs. The result is an ordinary model that runs wherever onnxruntime runs. Invariant: the given nodes stay
 * as they are; only nodes on a path from a wanted value to the loss get a gradient.
 */
import { E2PError } from '../../error.ts';
import { GraphBuilder, makeValueInfo, type ValueName } from '../builder.ts';
import { inferShapes, lostShape, type StaticValue } from '../infer-shapes.ts';
import { DataType, type OnnxGraph, type OnnxModel, type OnnxNode, operatorName } from '../onnx-model.ts';
import { type Shape, sizeOf } from '../shape.ts';
import { elementwiseRules } from './elementwise.ts';
import { fusedRules } from './fused.ts';
import { layoutRules } from './layout.ts';
import { matMulRules } from './matmul.ts';
import { reduceRules } from './reduce.ts';
import { Backward, type GradientRule } from './rule.ts';
import { findSegments, type Segment } from './segments.ts';

export interface DifferentiateOptions {
  /** Name of the value to differentiate: any value of one element. */
  readonly loss: ValueName;
  /** Values whose gradients are wanted: inputs, initializers or inner values. */
  readonly wrt: readonly ValueName[];
  /** Shapes of the graph inputs that have symbolic dimensions. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /**
   * Between two places where the graph can be cut, compute everything again on the way back instead of keeping it, weights
   * that are dequantized there as well. Default false.
   */
  readonly recompute?: boolean;
}

const rules: Readonly<Record<string, GradientRule>> = {
  ...elementwiseRules,
  ...matMulRules,
  ...layoutRules,
  ...reduceRules,
  ...fusedRules,
};

/** Name of the output that holds ∂loss/∂value. */
export const gradientName = (value: ValueName): string => `grad/${value}`;

/**
 * The model with one more output `grad/<name>` for every value in `wrt`, of that value's shape.
 * The opset is raised to 16 where it is lower (ScatterElements with a sum).
 * @throws E2PError `unsupported-graph` for an operator on the way that has no rule; `invalid-argument` where the
 *   loss is not one element or does not depend on a value of `wrt`.
 */
export function differentiate(model: OnnxModel, options: DifferentiateOptions): OnnxModel {
  const { loss, wrt, shapes, recompute = false } = options;
  const { graph } = model;
  const values = inferShapes(graph, shapes);
  const active = activeValues(graph, values, loss, wrt);
  const g = new GraphBuilder('backward/');
  for (const value of active) {
    const lost = lostShape(graph.nodes, values, value);
    if (lost !== undefined) new Backward(g, lost.node, [], values).fail(lost.why);
  }
  for (const node of graph.nodes) {
    if (ruleOf(node) !== undefined || !node.inputs.some((i) => active.has(i))) continue;
    if (node.outputs.some((o) => active.has(o)))
      new Backward(g, node, [], values).fail('the operator has no rule');
  }
  const arrived = new Map<ValueName, ValueName[]>([[loss, [seed(g, loss, values)]]]);

  /** All that arrived at a value, summed once. */
  const total = (value: ValueName): ValueName | undefined => {
    const parts = arrived.get(value);
    if (parts === undefined) return undefined;
    const sum = parts.reduce((a, b) => g.add(a, b));
    arrived.set(value, [sum]);
    return sum;
  };

  const segments = recompute ? findSegments(graph, values, active) : [];
  /** What values are called where they are computed again. */
  let again: ReadonlyMap<ValueName, ValueName> = new Map();
  for (const [index, node] of [...graph.nodes.entries()].reverse()) {
    const ending = segments.at(-1)?.last === index ? segments.pop() : undefined;
    const upstream = ending && total(ending.to);
    if (upstream !== undefined) again = computeAgain(g, graph, values, ending!, upstream);
    if (!node.outputs.some((o) => arrived.has(o)) || !node.inputs.some((i) => active.has(i))) continue;
    const now = { ...node, inputs: renamed(node.inputs, again), outputs: renamed(node.outputs, again) };
    const at = new Backward(g, now, node.outputs.map(total), values);
    const recipes = ruleOf(node)!(at);
    node.inputs.forEach((input, i) => {
      const recipe = active.has(input) ? recipes[i] : undefined;
      if (recipe === undefined) return;
      const parts = arrived.get(input);
      if (parts === undefined) arrived.set(input, [recipe()]);
      else parts.push(recipe());
    });
  }

  for (const value of wrt) {
    const gradient = total(value);
    const fact = values.get(value);
    if (gradient === undefined || fact === undefined) {
      throw new E2PError('invalid-argument', `the loss ${loss} does not depend on ${value}`);
    }
    g.op('Identity', [gradient], { outputs: [gradientName(value)] });
    g.outputs.push(makeValueInfo(gradientName(value), fact.dataType, fact.shape));
  }
  return {
    ...model,
    opsets: model.opsets.map((o) => (o.domain === '' && o.version < 16 ? { ...o, version: 16 } : o)),
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...g.nodes],
      initializers: [...graph.initializers, ...g.initializers],
      outputs: [...graph.outputs, ...g.outputs],
    },
  };
}

const renamed = (names: readonly ValueName[], again: ReadonlyMap<ValueName, ValueName>): ValueName[] =>
  names.map((name) => again.get(name) ?? name);

/**
 * Emits the nodes of a segment once more and returns the new names of its values. Nothing of it may run before the gradient has come
 * this far, nor be merged with the first time: so what it begins with is from + 0 · Σ upstream.
 */
function computeAgain(
  g: GraphBuilder,
  { nodes }: OnnxGraph,
  values: Map<string, StaticValue>,
  { first, last, from }: Segment,
  upstream: ValueName,
): ReadonlyMap<ValueName, ValueName> {
  const sum = g.op('ReduceSum', [upstream], { attributes: { keepdims: 0 } });
  const zero = g.mul(g.op('Cast', [sum], { attributes: { to: DataType.float32 } }), g.float(0));
  const later = (name: ValueName): ValueName => {
    const value = values.get(name);
    const to = value?.dataType ?? DataType.float32;
    const nothing = to === DataType.float32 ? zero : g.op('Cast', [zero], { attributes: { to } });
    const now = g.add(name, nothing);
    if (value !== undefined) values.set(now, value);
    return now;
  };
  const again = new Map<ValueName, ValueName>([[from, later(from)]]);
  for (const node of nodes.slice(first, last + 1)) {
    const [x, scale, ...rest] = node.inputs;
    const isWeight = node.opType === 'DequantizeLinear' && scale !== undefined && !again.has(x!);
    if (!isWeight && !node.inputs.some((input) => again.has(input))) continue;
    const inputs = isWeight ? [x!, later(scale), ...rest] : renamed(node.inputs, again);
    const outputs = node.outputs.map((output) => {
      if (output === '') return '';
      const name = g.fresh(`again/${output}`);
      const value = values.get(output);
      if (value !== undefined) values.set(name, value);
      again.set(output, name);
      return name;
    });
    g.nodes.push({ ...node, name: node.name === '' ? '' : g.fresh(`again/${node.name}`), inputs, outputs });
  }
  return again;
}

const ruleOf = (node: OnnxNode): GradientRule | undefined => rules[operatorName(node)];

/** Values on a path from one of `wrt` to `loss`, through floating-point values only. */
function activeValues(
  { nodes }: OnnxGraph,
  values: ReadonlyMap<string, StaticValue>,
  loss: ValueName,
  wrt: readonly ValueName[],
): ReadonlySet<ValueName> {
  const leadsTo = new Set<ValueName>([loss]);
  for (const node of [...nodes].reverse()) {
    if (node.outputs.some((o) => leadsTo.has(o))) for (const input of node.inputs) leadsTo.add(input);
  }
  const active = new Set(wrt);
  for (const node of nodes) {
    if (!node.inputs.some((i) => active.has(i))) continue;
    for (const output of node.outputs) {
      if (output !== '' && leadsTo.has(output) && isFloat(values.get(output))) active.add(output);
    }
  }
  return active;
}

/** A value of unknown type may be a float: its operator is asked for a rule, and named if it has none. */
const isFloat = (value: StaticValue | undefined): boolean =>
  value === undefined ||
  [DataType.float32, DataType.float16, DataType.float64, DataType.bfloat16].some((t) => t === value.dataType);

/** ∂loss/∂loss = 1, in the loss's own shape. */
function seed(g: GraphBuilder, loss: ValueName, values: ReadonlyMap<string, StaticValue>): ValueName {
  // Of unknown shape: some operator on the way is not covered, and will be named when the walk meets it.
  const value = values.get(loss) ?? { dataType: DataType.float32, shape: [] };
  if (sizeOf(value.shape) !== 1) {
    const found = `[${value.shape.join(', ')}]`;
    throw new E2PError('invalid-argument', `the loss ${loss} has the shape ${found}, expected one element`);
  }
  const one = g.tensor(g.fresh('one'), value.shape, Float32Array.of(1));
  if (value.dataType === DataType.float32) return one;
  return g.op('Cast', [one], { attributes: { to: value.dataType } });
}
