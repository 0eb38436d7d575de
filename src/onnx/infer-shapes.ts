/**
 * Static shapes of every value of a graph, given the shapes of its inputs. Think of it as running the graph on
 * shapes instead of tensors; small constants (axes, target shapes) are carried along, so that `Reshape` and its
 * kin can be followed. An operator without a rule has the shapes that the file states, or none: whoever
 * needs the shape decides whether that is an error.
 */
import { E2PError } from '../error.ts';
import { DataType, type OnnxGraph, type OnnxNode, type OnnxValueInfo, shapeOf } from './onnx-model.ts';
import type { Shape } from './shape.ts';
import { Operands } from './shape-rule.ts';
import { shapeRules } from './shape-rules.ts';
import { constantValue, type StaticValue } from './static-value.ts';

export type { StaticValue };

/**
 * @param shapes shapes of inputs, by name; needed for every input whose shape in the file is not all numbers
 * @throws E2PError `invalid-argument` for an input without a static shape
 */
export function inferShapes(
  graph: OnnxGraph,
  shapes: Readonly<Record<string, Shape>> = {},
): Map<string, StaticValue> {
  const values = knownValues(graph, shapes);
  const stated = new Map(graph.valueInfo.map((v) => [v.name, v]));
  for (const node of graph.nodes) inferNode(node, values, stated);
  return values;
}

/** What is known before any node runs: inputs and initializers. Errors as of {@link inferShapes}. */
export function knownValues(
  graph: OnnxGraph,
  shapes: Readonly<Record<string, Shape>> = {},
): Map<string, StaticValue> {
  const values = new Map<string, StaticValue>();
  for (const tensor of graph.initializers) values.set(tensor.name, constantValue(tensor));
  for (const input of graph.inputs) {
    if (values.has(input.name)) continue;
    const shape = shapes[input.name] ?? shapeOf(input);
    if (!isStatic(shape)) {
      throw new E2PError(
        'invalid-argument',
        `input ${input.name} has the shape [${shape?.join(', ') ?? '?'}], expected numbers: give it in shapes`,
      );
    }
    values.set(input.name, { dataType: input.type?.tensor?.elemType ?? DataType.float32, shape });
  }
  return values;
}

/** Adds the outputs of a node to `values`, as far as they can be told. */
export function inferNode(
  node: OnnxNode,
  values: Map<string, StaticValue>,
  stated: ReadonlyMap<string, OnnxValueInfo> = new Map(),
): void {
  const inputs = node.inputs.map((name) => values.get(name));
  const results = shapeRules[node.opType]?.(new Operands(node, inputs)) ?? [];
  node.outputs.forEach((name, i) => {
    const result = results[i] ?? statedValue(stated.get(name));
    if (name !== '' && result !== undefined) values.set(name, result);
  });
}

/**
 * Where the shape of `value` is lost: the first node on the way to it whose inputs are known and whose result is not, and why.
 * Undefined where it is known.
 */
export function lostShape(
  nodes: readonly OnnxNode[],
  values: ReadonlyMap<string, StaticValue>,
  value: string,
): { readonly node: OnnxNode; readonly why: string } | undefined {
  if (values.has(value)) return undefined;
  const producer = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const isLost = (name: string) => name !== '' && !values.has(name) && producer.has(name);
  if (!isLost(value)) return undefined;
  let node = producer.get(value)!;
  for (let before = node.inputs.find(isLost); before !== undefined; before = node.inputs.find(isLost))
    node = producer.get(before)!;
  const why = Object.hasOwn(shapeRules, node.opType)
    ? 'the shape of its result depends on values that are known at run time only'
    : 'the operator has neither a shape rule nor a gradient here';
  return { node, why };
}

function statedValue(info: OnnxValueInfo | undefined): StaticValue | undefined {
  const shape = info && shapeOf(info);
  const dataType = info?.type?.tensor?.elemType;
  return isStatic(shape) && dataType !== undefined ? { dataType, shape } : undefined;
}

const isStatic = (shape: readonly (number | string)[] | undefined): shape is Shape =>
  shape?.every((d) => typeof d === 'number') ?? false;
