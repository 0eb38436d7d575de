/**
 * For tests only: changes to a graph that another version of an exporter might make and that leave what it computes
 * as it is.
 */
import { makeNode } from '../../onnx/builder.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from '../../onnx/onnx-model.ts';
import { constantsAsNodes } from './zoo-weights.ts';

export type Random = () => number;
export type Mutation = (model: OnnxModel, random: Random) => OnnxModel;

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'renamed values and nodes': renamed,
  'reordered initializers': (model, random) =>
    inGraph(model, (graph) => ({ ...graph, initializers: shuffled(graph.initializers, random) })),
  'reordered nodes': (model, random) =>
    inGraph(model, (graph) => ({ ...graph, nodes: reordered(graph, random) })),
  'no value_info': (model) => inGraph(model, (graph) => ({ ...graph, valueInfo: [] })),
  'extra Identity nodes': withIdentities,
  'constants as nodes': (model) => constantsAsNodes(model),
  'weights stored transposed': withTurnedWeights,
};

function inGraph(model: OnnxModel, change: (graph: OnnxGraph) => OnnxGraph): OnnxModel {
  return { ...model, graph: change(model.graph) };
}

/** Inputs and outputs keep their names: a caller feeds them. */
function renamed(model: OnnxModel, random: Random): OnnxModel {
  const kept = new Set(['', ...[...model.graph.inputs, ...model.graph.outputs].map((v) => v.name)]);
  const names = new Map<string, string>();
  const rename = (name: string) => {
    if (kept.has(name)) return name;
    const known = names.get(name) ?? `${Math.floor(random() * 1e6)}/${names.size}`;
    names.set(name, known);
    return known;
  };
  return inGraph(model, (graph) => ({
    ...graph,
    initializers: graph.initializers.map((t) => ({ ...t, name: rename(t.name) })),
    valueInfo: graph.valueInfo.map((v) => ({ ...v, name: rename(v.name) })),
    nodes: graph.nodes.map((n) => ({
      ...n,
      name: '',
      inputs: n.inputs.map(rename),
      outputs: n.outputs.map(rename),
    })),
  }));
}

/** Another order in which every node still follows what it reads. */
function reordered(graph: OnnxGraph, random: Random): OnnxNode[] {
  const made = new Set(['', ...graph.inputs.map((v) => v.name), ...graph.initializers.map((t) => t.name)]);
  let waiting = shuffled(graph.nodes, random);
  const order: OnnxNode[] = [];
  while (waiting.length > 0) {
    const next = waiting.find((n) => n.inputs.every((i) => made.has(i)))!;
    for (const output of next.outputs) made.add(output);
    order.push(next);
    waiting = waiting.filter((n) => n !== next);
  }
  return order;
}

/** In front of a fifth of all node inputs. */
function withIdentities(model: OnnxModel, random: Random): OnnxModel {
  let count = 0;
  return inGraph(model, (graph) => ({
    ...graph,
    nodes: graph.nodes.flatMap((node) => {
      const added: OnnxNode[] = [];
      const inputs = node.inputs.map((input) => {
        if (input === '' || random() > 0.2) return input;
        const name = `identity ${count++}`;
        added.push(makeNode('Identity', [input], [name]));
        return name;
      });
      return [...added, { ...node, inputs }];
    }),
  }));
}

/** Half of the float32 matrices of MatMul, as another exporter leaves them unfolded. */
function withTurnedWeights(model: OnnxModel, random: Random): OnnxModel {
  const turned = new Map<string, OnnxTensor>();
  for (const node of model.graph.nodes) {
    const weight = model.graph.initializers.find(
      (t) => node.opType === 'MatMul' && t.name === node.inputs[1],
    );
    if (weight?.dims.length === 2 && weight.dataType === 1 && random() < 0.5) {
      turned.set(weight.name, { ...transposed(weight), name: `${weight.name} turned` });
    }
  }
  return inGraph(model, (graph) => ({
    ...graph,
    initializers: [...graph.initializers.filter((t) => !turned.has(t.name)), ...turned.values()],
    nodes: [
      ...[...turned].map(([name, tensor]) => makeNode('Transpose', [tensor.name], [name], { perm: [1, 0] })),
      ...graph.nodes,
    ],
  }));
}

function transposed(tensor: OnnxTensor): OnnxTensor {
  const [rows, columns] = tensor.dims as [number, number];
  const from = new Float32Array(Uint8Array.from(tensor.rawData!).buffer);
  const to = Float32Array.from(from, (_, at) => from[(at % rows) * columns + Math.floor(at / rows)]!);
  return { ...tensor, dims: [columns, rows], rawData: new Uint8Array(to.buffer) };
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}
