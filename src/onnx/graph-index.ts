/**
 * Who produces a value and who consumes it: the two questions every reading of a graph asks. Built once per
 * graph; identity-like nodes can be looked through in both directions.
 */
import {
  attribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './onnx-model.ts';

export interface GraphIndex {
  readonly producer: ReadonlyMap<string, OnnxNode>;
  /** A node that reads a value only inside its branches (If, Loop) counts as its consumer. */
  readonly consumers: ReadonlyMap<string, readonly OnnxNode[]>;
  /** Values that are tensors of the file: initializers, and outputs of `Constant` nodes. */
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: ReadonlyMap<string, OnnxValueInfo>;
  readonly outputs: ReadonlyMap<string, OnnxValueInfo>;
  /** Every name that a value has here or in a branch. */
  readonly names: ReadonlySet<string>;
}

export function indexGraph(graph: OnnxGraph): GraphIndex {
  const producer = new Map<string, OnnxNode>();
  const consumers = new Map<string, OnnxNode[]>();
  const constants = new Map(graph.initializers.map((t) => [t.name, t]));
  const initializers = new Set(constants.keys());
  for (const node of graph.nodes) {
    for (const output of node.outputs) if (output !== '') producer.set(output, node);
    if (node.opType === 'Constant') {
      const tensor = attribute(node, 'value')?.t;
      if (tensor !== undefined) constants.set(node.outputs[0]!, tensor);
    }
    for (const input of new Set([...node.inputs, ...branches(node).flatMap((b) => [...valueNames(b)])])) {
      if (input === '') continue;
      const list = consumers.get(input);
      if (list === undefined) consumers.set(input, [node]);
      else list.push(node);
    }
  }
  return {
    producer,
    consumers,
    constants,
    // IR version 3 repeats initializers among the inputs; those are not fed.
    inputs: new Map(graph.inputs.filter((i) => !initializers.has(i.name)).map((i) => [i.name, i])),
    outputs: new Map(graph.outputs.map((o) => [o.name, o])),
    names: valueNames(graph),
  };
}

/** The graphs inside a node: the branches of an If, the body of a Loop or Scan. */
export function branches(node: OnnxNode): OnnxGraph[] {
  return node.attributes.flatMap((a) => (a.g === undefined ? a.graphs : [a.g, ...a.graphs]));
}

function valueNames(graph: OnnxGraph): Set<string> {
  const names = new Set<string>();
  for (const { name } of [...graph.inputs, ...graph.outputs, ...graph.initializers, ...graph.valueInfo])
    names.add(name);
  for (const node of graph.nodes) {
    for (const name of [...node.inputs, ...node.outputs]) names.add(name);
    for (const branch of branches(node)) for (const name of valueNames(branch)) names.add(name);
  }
  return names;
}

/** Operators that pass a value on, re-typed or re-shaped at most. */
const PASSING = ['Identity', 'Cast', 'Reshape', 'Transpose', 'DequantizeLinear'];

/** Follows a value up through nodes that only pass it on (or re-type, re-shape it) to where it is made. */
export function originOf(index: GraphIndex, value: string, through: readonly string[] = PASSING): string {
  const seen = new Set<string>();
  let at = value;
  for (;;) {
    const node = index.producer.get(at);
    const input = node?.inputs[0];
    if (node === undefined || input === undefined || !through.includes(node.opType) || seen.has(at))
      return at;
    seen.add(at);
    at = input;
  }
}

/**
 * Follows a value down to every node that reads it, directly or through others; `visit` answers whether to go on
 * behind the node. Each value is followed once.
 */
export function followDown(
  index: GraphIndex,
  value: string,
  visit: (node: OnnxNode, input: number) => boolean,
): void {
  const seen = new Set<string>();
  const todo = [value];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    for (const node of index.consumers.get(at) ?? []) {
      const slots = [...node.inputs.keys()].filter((i) => node.inputs[i] === at);
      const goesOn = (slots.length === 0 ? [-1] : slots).map((slot) => visit(node, slot));
      if (goesOn.includes(true)) todo.push(...node.outputs);
    }
  }
}

/** A made-up name that no value of the graph or of a branch has. */
export function freshName(index: GraphIndex, wanted: string): string {
  let name = wanted;
  for (let i = 1; index.names.has(name); i++) name = `${wanted}_${i}`;
  return name;
}
