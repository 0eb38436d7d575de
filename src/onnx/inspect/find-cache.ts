/**
 * What the model carries from one call to the next: keys and values, one tensor for both or two, or the state of a
 * convolution or a recurrence. A cache output is fed back as the input that it was made from.
 */
import { type GraphIndex, originOf } from '../graph-index.ts';
import {
  type DataTypeName,
  dataTypeName,
  type OnnxNode,
  type OnnxValueInfo,
  operatorName,
  shapeOf,
} from '../onnx-model.ts';

export interface CacheTensor {
  readonly past: string;
  readonly present: string;
  readonly type: DataTypeName;
  /** Sizes that the file states; undefined for batch and length, and where it states none. */
  readonly dims: readonly (number | undefined)[];
  readonly batchAxis: number;
  /** The axis that grows by one per token; undefined for a state of fixed size. */
  readonly lengthAxis: number | undefined;
}

/** Operators with a cache or a state: index of the past among the inputs, of the present among the outputs. */
const CACHE_SLOTS: Readonly<Record<string, readonly (readonly [past: number, present: number])[]>> = {
  'com.microsoft.GroupQueryAttention': [
    [3, 1],
    [4, 2],
  ],
  'com.microsoft.MultiHeadAttention': [
    [6, 1],
    [7, 2],
  ],
  'com.microsoft.Attention': [[4, 1]],
  // States of fixed size: hybrids such as LFM2 and Qwen 3.5.
  'com.microsoft.CausalConvWithState': [[3, 1]],
  'com.microsoft.LinearAttention': [[3, 1]],
  // Of opset 23.
  Attention: [
    [4, 1],
    [5, 2],
  ],
};

/** Operators that only move elements: a present that is made of a past by these continues it. */
const MOVING =
  'Identity Cast Concat Slice Split Gather Squeeze Unsqueeze Reshape Transpose Pad Expand ScatterND Where'.split(
    ' ',
  );

export function findCache(index: GraphIndex): CacheTensor[] {
  const found: CacheTensor[] = [];
  const taken = new Set<string>();
  for (const [present, output] of index.outputs) {
    const past = pastOf(index, present);
    // What is only passed on is not made longer: a memory that the caller gives.
    if (
      past === undefined ||
      taken.has(past.name) ||
      originOf(index, present, ['Identity', 'Cast']) === past.name
    )
      continue;
    taken.add(past.name);
    found.push(describe(past, output));
  }
  return found;
}

/** The nearest float input that a value is moved from. */
function pastOf(index: GraphIndex, value: string): OnnxValueInfo | undefined {
  const seen = new Set<string>();
  const todo = [value];
  for (let at = todo.shift(); at !== undefined; at = todo.shift()) {
    if (seen.has(at)) continue;
    seen.add(at);
    const input = index.inputs.get(at);
    if (input !== undefined && isFloat(input)) return input;
    const node = index.producer.get(at);
    if (node !== undefined) todo.push(...sourcesOf(node, at));
  }
  return undefined;
}

function sourcesOf(node: OnnxNode, output: string): readonly string[] {
  if (MOVING.includes(node.opType)) return node.inputs.filter((i) => i !== '');
  const slots = CACHE_SLOTS[operatorName(node)] ?? [];
  return slots.flatMap(([past, present]) =>
    node.outputs[present] === output ? (node.inputs[past] ?? []) : [],
  );
}

const isFloat = ({ type }: OnnxValueInfo) =>
  ['float32', 'float16', 'bfloat16'].includes(dataTypeName(type?.tensor?.elemType ?? 0));

function describe(past: OnnxValueInfo, present: OnnxValueInfo): CacheTensor {
  const before = shapeOf(past);
  const after = shapeOf(present);
  const open = [...(before ?? []).keys()].filter((axis) => typeof before![axis] === 'string');
  // Files may be fixed to one row, or have the length in front.
  const batch = before?.[0] === 1 ? 0 : undefined;
  const differing = open.filter((axis) => after?.[axis] !== before![axis]);
  const others = open.filter((axis) => axis !== (batch ?? open[0]));
  const grown =
    differing.length === 1 ? differing[0] : (others.find((axis) => differing.includes(axis)) ?? others[0]);
  const isKnown = before !== undefined;
  return {
    past: past.name,
    present: present.name,
    type: dataTypeName(past.type?.tensor?.elemType ?? 0) as DataTypeName,
    dims: isKnown
      ? before.map((d) => (typeof d === 'number' ? d : undefined))
      : [undefined, undefined, undefined, undefined],
    batchAxis: batch ?? open.find((axis) => axis !== grown) ?? 0,
    lengthAxis: isKnown ? grown : 2,
  };
}
