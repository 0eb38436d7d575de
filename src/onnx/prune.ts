/** A model without what its outputs don't need: nodes, weights and inputs that nobody reads any more. */
import { branches } from './graph-index.ts';
import type { OnnxGraph, OnnxModel } from './onnx-model.ts';

export function prune(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const wanted = new Set(graph.outputs.map((o) => o.name));
  const nodes = [...graph.nodes]
    .reverse()
    .filter((node) => {
      if (!node.outputs.some((o) => o !== '' && wanted.has(o))) return false;
      for (const input of [...node.inputs, ...branches(node).flatMap(readInside)]) wanted.add(input);
      return true;
    })
    .reverse();
  const isRead = ({ name }: { readonly name: string }) => wanted.has(name);
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      initializers: graph.initializers.filter(isRead),
      inputs: graph.inputs.filter(isRead),
    },
  };
}

function readInside(graph: OnnxGraph): string[] {
  const outputs = graph.outputs.map((o) => o.name);
  return [...outputs, ...graph.nodes.flatMap((n) => [...n.inputs, ...branches(n).flatMap(readInside)])];
}
