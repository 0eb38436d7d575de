/**
 * Where a forward pass can be cut in two: after a node behind which one single value is all that the rest needs of what can be
 * differentiated (in a decoder: the residual stream between blocks). What lies between two cuts can be thrown away and computed
 * again from the first (gradient checkpointing, Chen et al., arXiv 1604.06174).
 */
import type { ValueName } from '../builder.ts';
import type { StaticValue } from '../infer-shapes.ts';
import type { OnnxGraph } from '../onnx-model.ts';
import { bytesOf } from '../peak-bytes.ts';

/** The nodes from index `first` to `last`, which compute `to` from `from` and from what is not differentiated. */
export interface Segment {
  readonly first: number;
  readonly last: number;
  readonly from: ValueName;
  readonly to: ValueName;
}

/** A cut is kept to the end: it pays where what can be thrown away is a few times as large. */
const WORTH = 4;

/**
 * In the order of the nodes; what comes before the first cut and after the last belongs to none.
 * @param active values that a gradient flows through
 */
export function findSegments(
  { nodes }: OnnxGraph,
  values: ReadonlyMap<string, StaticValue>,
  active: ReadonlySet<ValueName>,
): Segment[] {
  const lastUse = new Map<ValueName, number>();
  for (const [i, { inputs }] of nodes.entries()) {
    for (const input of inputs) if (active.has(input)) lastUse.set(input, i);
  }
  const live = new Set(
    [...active].filter((v) => !nodes.some((n) => n.outputs.includes(v)) && lastUse.has(v)),
  );
  const segments: Segment[] = [];
  let start: { readonly at: number; readonly value: ValueName } | undefined;
  let held = 0;
  for (const [i, { inputs, outputs }] of nodes.entries()) {
    for (const output of outputs) {
      if (!active.has(output)) continue;
      held += bytesOf(values.get(output));
      if ((lastUse.get(output) ?? -1) > i) live.add(output);
    }
    for (const input of inputs) if (lastUse.get(input) === i) live.delete(input);
    const [value] = live;
    if (live.size !== 1 || value === undefined || !outputs.includes(value)) continue;
    if (start !== undefined) {
      if (held < WORTH * bytesOf(values.get(value))) continue;
      segments.push({ first: start.at + 1, last: i, from: start.value, to: value });
    }
    start = { at: i, value };
    held = 0;
  }
  return segments;
}
