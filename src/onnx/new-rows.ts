/**
 * On a CPU whatever a graph hands out is copied, and at length the cache is most of it. Rewritten, the graph hands out only the rows that are
 * new, and takes the past from buffers that its caller adds them to: GroupQueryAttention from buffers with room behind what counts, since it is told
 * the lengths; a Concat from rows that lie one behind the other.
 */
import { makeNode, makeValueInfo } from './builder.ts';
import { branches, freshName, type GraphIndex, indexGraph } from './graph-index.ts';
import type { CacheTensor } from './inspect/inspect-graph.ts';
import { intAttribute, type OnnxModel, type OnnxNode, type OnnxValueInfo, shapeOf } from './onnx-model.ts';

/** A tensor of the cache as the rewritten graph takes it, and what it gives of it. */
export interface CacheRows {
  readonly past: string;
  /** The output with the new rows alone; their axis is {@link lengthAxis}. */
  readonly rows: string;
  /** Of the cache before the rewrite. */
  readonly tensor: CacheTensor;
  /** 0: past and new rows are [length, …], whatever the axis was before. Else past may have room behind. */
  readonly lengthAxis: number;
}

export interface NewRows {
  readonly model: OnnxModel;
  readonly cache: readonly CacheRows[];
  /** Input, int64 [positions]: those of the present that are handed out; where a graph has to be told. */
  readonly positions: string | undefined;
}

/** @returns undefined where some tensor of the cache is made in another way: a state, a window, an operator that takes no room. */
export function handOutNewRows(
  model: OnnxModel,
  cache: readonly CacheTensor[],
  areLengthsFed: boolean,
): NewRows | undefined {
  const { graph } = model;
  // A branch may read a past by its name.
  if (graph.nodes.some((node) => branches(node).length > 0)) return undefined;
  const index = indexGraph(graph);
  const positions = freshName(index, 'new_rows');
  const found = cache.map((tensor) => {
    const rows = freshName(index, `${tensor.present}/new`);
    return (
      (areLengthsFed ? fromRoom(index, tensor, rows, positions) : undefined) ??
      fromConcat(index, tensor, rows)
    );
  });
  if (found.length === 0 || found.includes(undefined)) return undefined;
  const changes = found as readonly Change[];
  const inputs = new Map(changes.flatMap(({ input }) => (input === undefined ? [] : [[input.name, input]])));
  const moved = new Map(changes.flatMap(({ moves }) => (moves === undefined ? [] : [moves])));
  const before = changes.flatMap((change) => change.before);
  const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map((i) => moved.get(i) ?? i) }));
  const needsPositions = changes.some(({ rows }) => rows.lengthAxis !== 0);
  const presents = new Set(cache.map(({ present }) => present));
  return {
    cache: changes.map(({ rows }) => rows),
    positions: needsPositions ? positions : undefined,
    model: {
      ...model,
      graph: {
        ...graph,
        nodes: [...before, ...nodes, ...changes.map(({ after }) => after)],
        inputs: [
          ...graph.inputs.map((input) => inputs.get(input.name) ?? input),
          ...(needsPositions ? [makeValueInfo(positions, 'int64', ['new_rows'])] : []),
        ],
        outputs: [
          ...graph.outputs.filter(({ name }) => !presents.has(name)),
          ...changes.map(({ output }) => output),
        ],
      },
    },
  };
}

interface Change {
  readonly rows: CacheRows;
  /** In place of the input of that name. */
  readonly input?: OnnxValueInfo;
  /** A value, and what is read instead of it. */
  readonly moves?: readonly [string, string];
  readonly before: readonly OnnxNode[];
  readonly after: OnnxNode;
  readonly output: OnnxValueInfo;
}

/** Past, and present, among inputs and outputs of GroupQueryAttention. */
const SLOTS = [
  [3, 1],
  [4, 2],
] as const;

function fromRoom(
  index: GraphIndex,
  tensor: CacheTensor,
  rows: string,
  positions: string,
): Change | undefined {
  const { past, present, lengthAxis, batchAxis, dims, type } = tensor;
  const node = index.producer.get(present);
  const isSlot =
    node?.opType === 'GroupQueryAttention' &&
    SLOTS.some(([from, to]) => node.inputs[from] === past && node.outputs[to] === present);
  if (!isSlot || lengthAxis !== 2 || batchAxis !== 0 || dims.length !== 4) return undefined;
  return {
    rows: { past, rows, tensor, lengthAxis },
    before: [],
    after: makeNode('Gather', [present, positions], [rows], { axis: lengthAxis }),
    output: makeValueInfo(rows, type, [
      'batch_size',
      dims[1] ?? 'kv_heads',
      'new_rows',
      dims[3] ?? 'head_size',
    ]),
  };
}

function fromConcat(index: GraphIndex, tensor: CacheTensor, rows: string): Change | undefined {
  const { past, present, lengthAxis, dims, type } = tensor;
  const node = index.producer.get(present);
  const input = index.inputs.get(past);
  if (node?.opType !== 'Concat' || lengthAxis === undefined || input === undefined) return undefined;
  const axis = intAttribute(node, 'axis', 0);
  const isBehind = node.inputs.length === 2 && node.inputs[0] === past;
  if (!isBehind || (axis + dims.length) % dims.length !== lengthAxis) return undefined;
  const axes = [...dims.keys()];
  const first = [lengthAxis, ...axes.filter((a) => a !== lengthAxis)];
  const asBefore = axes.map((a) => first.indexOf(a));
  const inOrder = freshName(index, `${past}/in_order`);
  const stated = shapeOf(input);
  const sizeOf = (a: number) => ((stated?.[a] ?? '?') === '?' ? `${past}_${a}` : stated![a]!);
  return {
    rows: { past, rows, tensor, lengthAxis: 0 },
    input: makeValueInfo(past, type, first.map(sizeOf)),
    moves: [past, inOrder],
    before: [makeNode('Transpose', [past], [inOrder], { perm: asBefore })],
    after: makeNode('Transpose', [node.inputs[1]!], [rows], { perm: first }),
    output: makeValueInfo(rows, type, ['new_rows', ...first.slice(1).map(sizeOf)]),
  };
}
