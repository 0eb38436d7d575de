/**
 * GroupQueryAttention in nodes of its own, for WASM: onnxruntime's operator there multiplies by other means than MatMul does, and takes ten times as
 * long (docs/models.md). Query heads that share keys are read as one matrix:
 *
 *   Y = E·V / E·1,  E = exp(S − max S),  S = Q·Kᵀ·scale + mask
 *
 * The sum is a product too, since products add in order: what is masked adds nothing, and a row is the same to the bit however a text is cut. Of
 * the cache only new rows are handed out; past ones come in buffers with room behind what counts.
 */
import { GraphBuilder, type ValueName } from './builder.ts';
import { branches, freshName, type GraphIndex, indexGraph } from './graph-index.ts';
import type { CacheTensor } from './inspect/inspect-graph.ts';
import type { NewRows } from './new-rows.ts';
import {
  DataType,
  floatAttribute,
  intAttribute,
  type OnnxModel,
  type OnnxNode,
  operatorName,
} from './onnx-model.ts';

/** In place of −∞, which minus itself is no number. */
const UNSEEN = -1e30;
/** Shape with a start and an end. */
const LEAST_OPSET = 15;

/**
 * The graph with new rows as outputs, as `handOutNewRows` has it.
 * @param headSize undefined: as the graph says
 * @returns undefined where some attention does more than that, or is of another kind
 */
export function attentionApart(
  model: OnnxModel,
  cache: readonly CacheTensor[],
  headSize: number | undefined,
): NewRows | undefined {
  const { graph } = model;
  const opset = model.opsets.find(({ domain }) => domain === '' || domain === 'ai.onnx')?.version ?? 1;
  if (opset < LEAST_OPSET || cache.length === 0 || graph.nodes.some((node) => branches(node).length > 0))
    return undefined;
  const index = indexGraph(graph);
  const g = new GraphBuilder('apart/');
  const shared = new Map<string, Shared>();
  const rows = new Map<string, ValueName>();
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    if (operatorName(node) !== 'com.microsoft.GroupQueryAttention') {
      nodes.push(node);
      continue;
    }
    const found = plain(node, index, cache, headSize);
    if (found === undefined) return undefined;
    const key = [found.lengths, found.total, found.heads / found.kvHeads].join();
    const all = shared.get(key) ?? sharedParts(g, node, found);
    shared.set(key, all);
    const given = [1, 2].map((i) => [node.outputs[i]!, freshName(index, `${node.outputs[i]}/new`)] as const);
    for (const [present, name] of given) rows.set(present, name);
    attend(g, node, { ...found, ...all, opset }, [given[0]![1], given[1]![1]]);
    nodes.push(...g.nodes.splice(0));
  }
  if (cache.some(({ present }) => !rows.has(present))) return undefined;
  const outputs = graph.outputs.map((output) => ({ ...output, name: rows.get(output.name) ?? output.name }));
  return {
    cache: cache.map((tensor) => ({
      past: tensor.past,
      rows: rows.get(tensor.present)!,
      tensor,
      lengthAxis: 2,
    })),
    positions: undefined,
    model: {
      ...model,
      graph: { ...graph, nodes, outputs, initializers: [...graph.initializers, ...g.initializers] },
    },
  };
}

interface Plain {
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly scale: number;
  readonly lengths: ValueName;
  readonly total: ValueName;
  /** Channels that are turned; 0: none. */
  readonly rotated: number;
}

/** Neither windows nor caps, biases, sinks, norms or a quantized cache. */
function plain(
  node: OnnxNode,
  index: GraphIndex,
  cache: readonly CacheTensor[],
  stated: number | undefined,
): Plain | undefined {
  const [, , , past, pastValues, lengths, total, cos, sin] = node.inputs;
  const [heads, kvHeads] = [intAttribute(node, 'num_heads', 0), intAttribute(node, 'kv_num_heads', 0)];
  const tensors = [past, pastValues].map((name, i) =>
    cache.find((c) => c.past === name && c.present === node.outputs[i + 1]),
  );
  const areOurs = tensors.every(
    (t) =>
      t?.type === 'float32' && t.lengthAxis === 2 && t.batchAxis === 0 && !index.consumers.has(t.present),
  );
  const headSize = tensors[0]?.dims[3] ?? stated;
  const isMore =
    node.inputs.slice(10).some((name) => name !== '') ||
    node.outputs.length > 3 ||
    intAttribute(node, 'local_window_size', -1) !== -1 ||
    intAttribute(node, 'smooth_softmax', 0) !== 0 ||
    floatAttribute(node, 'softcap', 0) !== 0;
  if (!areOurs || isMore || headSize === undefined || !lengths || !total || kvHeads === 0) return undefined;
  const table = index.constants.get(cos ?? '');
  const isTurned = intAttribute(node, 'do_rotary', 0) === 1;
  if (isTurned && (table?.dims.length !== 2 || !sin)) return undefined;
  const scale = floatAttribute(node, 'scale', 0) || 1 / Math.sqrt(headSize);
  const rotated = isTurned ? 2 * table!.dims[1]! : 0;
  return { heads, kvHeads, headSize, scale, lengths, total, rotated };
}

/** What layers have in common: computed once in a run. */
interface Shared {
  /** int64 [batch, new], of the new rows. */
  readonly positions: ValueName;
  /** [batch, 1, group · new, all], added to scores. */
  readonly mask: ValueName;
  /** int64 [1]: rows of the cache that count in some row of the batch. */
  readonly past: ValueName;
  /** [all, 1] */
  readonly ones: ValueName;
}

function sharedParts(g: GraphBuilder, node: OnnxNode, { heads, kvHeads, lengths, total }: Plain): Shared {
  const int64 = (x: ValueName, shape: readonly number[]) =>
    g.reshape(g.op('Cast', [x], { attributes: { to: DataType.int64 } }), shape);
  const upTo = (count: ValueName) => g.op('Range', [g.int(0), g.op('Squeeze', [count]), g.int(1)]);
  const seen = (condition: ValueName) => g.where(condition, g.float(0), g.float(UNSEEN));
  const fresh = g.op('Shape', [node.inputs[0]!], { attributes: { start: 1, end: 2 } });
  const all = int64(total, [1]);
  const past = g.sub(all, fresh);
  // Of each row of the batch, [batch, 1]; a first run may read padding at the end of one.
  const behind = g.sub(g.add(int64(lengths, [-1, 1]), g.int(1)), fresh);
  const own = g.where(g.op('Equal', [past, g.int(0)]), g.int(0), behind);
  const places = upTo(fresh);
  const causal = seen(g.op('LessOrEqual', [places, g.reshape(places, [-1, 1])]));
  const tiled = g.concat(new Array<ValueName>(heads / kvHeads).fill(causal), 0);
  const ofPast = g.op('Unsqueeze', [seen(g.op('Less', [upTo(past), own])), g.ints([1, 2])]);
  const ofNew = g.op('Unsqueeze', [tiled, g.ints([0, 1])]);
  // The first of the new rows is seen by all: a column of zeros, for as many rows as there are queries.
  const noBias = g.slice(ofNew, 3, 0, 1);
  const zeros = g.mul(g.op('Cast', [own], { attributes: { to: DataType.float32 } }), g.float(0));
  return {
    positions: node.inputs[9] || g.add(own, places),
    mask: g.concat([g.add(ofPast, noBias), g.add(ofNew, g.reshape(zeros, [-1, 1, 1, 1]))], -1),
    past,
    ones: g.op('Expand', [g.float(1), g.concat([all, g.ints([1])], 0)]),
  };
}

function attend(
  g: GraphBuilder,
  node: OnnxNode,
  of: Plain & Shared & { readonly opset: number },
  [keys, values]: readonly [ValueName, ValueName],
): void {
  const { heads, kvHeads, headSize, scale, rotated, positions, mask, past, ones, opset } = of;
  const [first, second, third, pastKeys, pastValues, , , cos = '', sin = ''] = node.inputs;
  const counts = [heads, kvHeads, kvHeads];
  const inHeads = (x: ValueName, n: number) => g.reshape(x, [0, 0, n, headSize]);
  const parts = second
    ? [first!, second, third!].map((x, i) => inHeads(x, counts[i]!))
    : counts.map(() => g.fresh('heads'));
  if (!second) {
    const all = inHeads(first!, heads + 2 * kvHeads);
    g.op('Split', [all, g.ints(counts)], { outputs: parts, attributes: { axis: 2 } });
  }
  const swapped = (x: ValueName, output = g.fresh('swapped')) =>
    g.op('Transpose', [x], { attributes: { perm: [0, 2, 1, 3] }, outputs: [output] });
  const turned = (x: ValueName, n: number, output = g.fresh('turned')) => {
    if (rotated === 0) return swapped(x, output);
    const part = rotated === headSize ? {} : { num_heads: n, rotary_embedding_dim: rotated };
    const attributes = { interleaved: intAttribute(node, 'rotary_interleaved', 0), ...part };
    return g.fused('RotaryEmbedding', [swapped(x), positions, cos, sin], { attributes, outputs: [output] });
  };
  const q = g.reshape(turned(parts[0]!, heads), [0, kvHeads, -1, headSize]);
  turned(parts[1]!, kvHeads, keys);
  swapped(parts[2]!, values);
  const [k, v] = [
    [pastKeys!, keys],
    [pastValues!, values],
  ].map(([before, fresh]) =>
    g.concat([g.op('Slice', [before!, g.ints([0]), past, g.ints([2])]), fresh!], 2),
  ) as [ValueName, ValueName];
  const products = g.fused('FusedMatMul', [q, k], { attributes: { transB: 1, alpha: { float: scale } } });
  const scores = g.add(products, mask);
  // Axes became an input with opset 18.
  const largest =
    opset < 18
      ? g.op('ReduceMax', [scores], { attributes: { axes: [-1], keepdims: 1 } })
      : g.op('ReduceMax', [scores, g.ints([-1])], { attributes: { keepdims: 1 } });
  const weights = g.op('Exp', [g.sub(scores, largest)]);
  const mean = g.div(g.matMul(weights, v), g.matMul(weights, ones));
  const apart = swapped(g.reshape(mean, [0, heads, -1, headSize]));
  g.op('Reshape', [apart, g.ints([0, 0, heads * headSize])], { outputs: [node.outputs[0]!] });
}
