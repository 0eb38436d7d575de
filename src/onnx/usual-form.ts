/** Options of exporters that change what a graph computes for nobody here, undone, so that the rest meets one form. */
import { makeNode } from './builder.ts';
import { branches, type GraphIndex, indexGraph, originOf } from './graph-index.ts';
import { inOrder } from './in-order.ts';
import { findCache } from './inspect/find-cache.ts';
import { findHead } from './inspect/find-head.ts';
import {
  DataType,
  intAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
  operatorName,
} from './onnx-model.ts';
import { splitEmbedLayerNorm } from './split-embed-layer-norm.ts';
import { numbersOf } from './tensor-data.ts';

/** @throws E2PError `unsupported-graph`, see `split-embed-layer-norm.ts` */
export function usualForm(model: OnnxModel, fileName: string): OnnxModel {
  // Some converters put casts at the end, for onnxruntime to sort.
  const sorted = { ...model, graph: inOrder(model.graph) };
  const plain = withoutUnused(withoutIdentities(pastBranch(sorted)));
  return allPositions(growingCache(splitEmbedLayerNorm(plain, fileName)));
}

/** Without inputs that nothing reads, which nobody could feed rightly. */
function withoutUnused(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const { consumers } = indexGraph(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => consumers.has(name) || outputs.has(name));
  return inputs.length === graph.inputs.length ? model : { ...model, graph: { ...graph, inputs } };
}

/** Who reads an `Identity` reads what it passes on, so that nobody has to look through it. Those that name an output of the graph stay. */
function withoutIdentities(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const passedOn = new Map<string, string>();
  const nodes = graph.nodes.filter(({ opType, inputs, outputs: [to = ''] }) => {
    if (opType !== 'Identity' || outputs.has(to)) return true;
    passedOn.set(to, inputs[0]!);
    return false;
  });
  if (passedOn.size === 0) return model;
  const source = (name: string): string => {
    const seen = new Set<string>();
    let at = name;
    // A broken file may lead in a circle.
    for (let to = passedOn.get(at); to !== undefined && !seen.has(to); to = passedOn.get(at)) {
      seen.add(to);
      at = to;
    }
    return at;
  };
  const reading = (list: readonly OnnxNode[]): OnnxNode[] =>
    list.map((node) => ({
      ...node,
      inputs: node.inputs.map(source),
      attributes: node.attributes.map((a) => (a.g === undefined ? a : { ...a, g: inside(a.g) })),
    }));
  /** A branch may read values of the graph around it, and give them out. */
  const inside = (branch: OnnxGraph): OnnxGraph => ({
    ...branch,
    nodes: reading(branch.nodes),
    outputs: branch.outputs.map((o) => ({ ...o, name: source(o.name) })),
  });
  return { ...model, graph: { ...graph, nodes: reading(nodes) } };
}

/**
 * Older exports hold the decoder twice, in the branches of an `If` that a flag chooses from ("merged": Optimum, early Transformers.js): with a
 * past and without. The one that reads the past does the first token too, from a past of length 0, and takes the place of the `If`.
 */
export function pastBranch(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const { inputs } = indexGraph(graph);
  const choosing = graph.nodes.filter((node) => node.opType === 'If' && isFlag(inputs.get(node.inputs[0]!)));
  const [chosen] = choosing;
  if (chosen === undefined || choosing.length > 1) return model;
  const [flag] = chosen.inputs as [string];
  const pasts = (branch: OnnxGraph): number => {
    const read = new Set(branch.nodes.flatMap((node) => node.inputs));
    return [...inputs].filter(([name, input]) => read.has(name) && isFloat(input)).length;
  };
  const [fuller, other] = branches(chosen).sort((a, b) => pasts(b) - pasts(a));
  if (fuller === undefined || other === undefined || pasts(fuller) === pasts(other)) return model;
  const named = chosen.outputs.flatMap((output, i) => {
    const { name } = fuller.outputs[i]!;
    return name === output ? [] : [makeNode('Identity', [name], [output])];
  });
  const nodes = graph.nodes.flatMap((node) => (node === chosen ? [...fuller.nodes, ...named] : [node]));
  return {
    ...model,
    graph: {
      ...graph,
      nodes,
      inputs: graph.inputs.filter(({ name }) => name !== flag),
      initializers: [...graph.initializers, ...fuller.initializers],
      valueInfo: [...graph.valueInfo, ...fuller.valueInfo],
    },
  };
}

const elementType = (input: OnnxValueInfo | undefined): number | undefined => input?.type?.tensor?.elemType;
const isFlag = (input: OnnxValueInfo | undefined): boolean => elementType(input) === DataType.bool;
const isFloat = (input: OnnxValueInfo): boolean =>
  elementType(input) === DataType.float32 || elementType(input) === DataType.float16;

/**
 * Keys and values of a sliding window may be kept in a ring of the window's size (genai builder, `sliding_window_cache`), which the caller has to
 * allocate. Without that attribute the operator looks no further back than the window either, and its cache grows like others.
 */
function growingCache(model: OnnxModel): OnnxModel {
  const isRing = (node: OnnxNode) =>
    operatorName(node) === 'com.microsoft.GroupQueryAttention' &&
    intAttribute(node, 'sliding_window_cache', 0) === 1;
  const { graph } = model;
  if (!graph.nodes.some(isRing)) return model;
  const nodes = graph.nodes.map((node) =>
    isRing(node)
      ? { ...node, attributes: node.attributes.filter(({ name }) => name !== 'sliding_window_cache') }
      : node,
  );
  return { ...model, graph: { ...graph, nodes } };
}

/** Before the head only the last position may be kept (genai builder, `prune_lm_head`): all reach it again, and whoever runs it picks. */
function allPositions(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const index = indexGraph(graph);
  const head = findHead(index, new Set(findCache(index).map(({ present }) => present)));
  const last = head?.hidden;
  const found = last === undefined ? undefined : lastOf(index, last);
  if (found === undefined) return model;
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((input) => (input === last ? found.all : input)),
  }));
  const outputs = found.isFlat
    ? graph.outputs.map((o) => (o.name === head!.logits ? withLength(o) : o))
    : graph.outputs;
  return { ...model, graph: { ...graph, nodes, outputs } };
}

/** [batch, V] → [batch, sequence, V] */
function withLength(value: OnnxValueInfo): OnnxValueInfo {
  const tensor = value.type?.tensor;
  const [batch, ...rest] = tensor?.shape?.dims ?? [];
  if (tensor?.shape === undefined || batch === undefined) return value;
  const dims = [batch, { param: 'sequence' }, ...rest];
  return { ...value, type: { ...value.type, tensor: { ...tensor, shape: { ...tensor.shape, dims } } } };
}

/** Of which [batch, length, H] a value is the last position, as [batch, 1, H] or flat. */
function lastOf(
  index: GraphIndex,
  value: string,
): { readonly all: string; readonly isFlat: boolean } | undefined {
  const node = index.producer.get(value);
  const numbers = (at: number) => numbersAt(index, node?.inputs[at]);
  if (node?.opType === 'Slice') {
    // From the last on, or backwards to the one before it.
    const isOne = [undefined, '1'].includes(numbers(4)) || (numbers(4) === '-1' && numbers(2) === '-2');
    return numbers(1) === '-1' && numbers(3) === '1' && isOne
      ? { all: node.inputs[0]!, isFlat: false }
      : undefined;
  }
  const isKept = node?.opType === 'Unsqueeze' && numbers(1) === '1';
  const gather = isKept ? index.producer.get(node.inputs[0]!) : node;
  if (gather?.opType !== 'Gather' || intAttribute(gather, 'axis', 0) !== 1) return undefined;
  const tensor = index.constants.get(originOf(index, gather.inputs[1] ?? ''));
  if (tensor === undefined || numbersOf(tensor)?.join() !== '-1') return undefined;
  return { all: gather.inputs[0]!, isFlat: !isKept && tensor.dims.length === 0 };
}

function numbersAt(index: GraphIndex, value = ''): string | undefined {
  const tensor = index.constants.get(originOf(index, value));
  return tensor && numbersOf(tensor)?.join();
}
