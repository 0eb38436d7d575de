/**
 * Nodes in an order in which each follows what it reads, as ONNX asks for. The common converter to float16 appends its casts at
 * the end of the file; onnxruntime sorts such a file, and whoever walks its nodes has to as well.
 */
import { branches } from './graph-index.ts';
import type { OnnxGraph, OnnxNode } from './onnx-model.ts';

/** Nodes keep their order where they can. */
export function inOrder(graph: OnnxGraph): OnnxGraph {
  const producer = new Map(graph.nodes.flatMap((node) => node.outputs.map((o) => [o, node] as const)));
  producer.delete('');
  const nodes = new Set<OnnxNode>();
  const begun = new Set<OnnxNode>();
  for (const wanted of graph.nodes) {
    // What is read first lies on top.
    const todo = [wanted];
    for (let node = todo.at(-1); node !== undefined; node = todo.at(-1)) {
      const before = begun.has(node) ? [] : readBy(node).flatMap((name) => producer.get(name) ?? []);
      begun.add(node);
      const missing = before.filter((other) => !nodes.has(other) && !begun.has(other));
      if (missing.length > 0) todo.push(...missing.reverse());
      else {
        nodes.add(node);
        todo.pop();
      }
    }
  }
  return { ...graph, nodes: [...nodes] };
}

/** Inputs, and those of nodes in the branches. */
const readBy = (node: OnnxNode): readonly string[] => [
  ...node.inputs,
  ...branches(node).flatMap((branch) => branch.nodes.flatMap(readBy)),
];
