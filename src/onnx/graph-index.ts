/**
 * Who produces a value and who consumes it: the two questions every reading of a graph asks. Built once per
 * graph; identity-like nodes can be looked through in both directions.
 */
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValueInfo } from './onnx-model.ts';

export interface GraphIndex {
  readonly producer: ReadonlyMap<string, OnnxNode>;
  readonly consumers: ReadonlyMap<string, readonly OnnxNode[]>;
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: ReadonlyMap<string, OnnxValueInfo>;
  readonly outputs: ReadonlyMap<string, OnnxValueInfo>;
}

export function indexGraph(graph: OnnxGraph): GraphIndex {
  const producer = new Map<string, OnnxNode>();
  const consumers = new Map<string, OnnxNode[]>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) if (output !== '') producer.set(output, node);
    for (const input of node.inputs) {
      if (input === '') continue;
      const list = consumers.get(input);
      if (list === undefined) consumers.set(input, [node]);
      else list.push(node);
    }
  }
  const initializers = new Map(graph.initializers.map((t) => [t.name, t]));
  return {
    producer,
    consumers,
    initializers,
    // IR version 3 repeats initializers among the inputs; those are not fed.
    inputs: new Map(graph.inputs.filter((i) => !initializers.has(i.name)).map((i) => [i.name, i])),
    outputs: new Map(graph.outputs.map((o) => [o.name, o])),
  };
}

/** Follows a value up through nodes that only pass it on (or re-type, re-shape it) to where it is made. */
export function originOf(
  index: GraphIndex,
  value: string,
  through: readonly string[] = ['Identity', 'Cast', 'Reshape', 'Transpose', 'DequantizeLinear'],
): string {
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

/** Graph inputs that a value is computed from. */
export function ancestorInputs(index: GraphIndex, value: string): ReadonlySet<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const todo = [value];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    if (at === '' || seen.has(at)) continue;
    seen.add(at);
    if (index.inputs.has(at)) found.add(at);
    todo.push(...(index.producer.get(at)?.inputs ?? []));
  }
  return found;
}

/** A made-up name that no value or node of the graph has. */
export function freshName(index: GraphIndex, wanted: string): string {
  let name = wanted;
  const taken = (n: string) =>
    index.producer.has(n) || index.initializers.has(n) || index.inputs.has(n) || index.outputs.has(n);
  for (let i = 1; taken(name); i++) name = `${wanted}_${i}`;
  return name;
}
