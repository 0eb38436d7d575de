/**
 * Arithmetic of static shapes: what shape inference and gradient rules both need to know of broadcasting, axes,
 * slices and splits. An axis may be negative in a file and never is in a result.
 */
import { intAttribute, type OnnxNode } from './onnx-model.ts';

export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((product, d) => product * d, 1);

/** A negative axis counts from the end. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The shape that two operands broadcast to (NumPy's rule). */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const p = a[a.length - rank + i] ?? 1;
    const q = b[b.length - rank + i] ?? 1;
    return p === 1 ? q : p;
  });
}

/** The axes that a Reduce node sums over, counted from the front. */
export function reducedAxes(node: OnnxNode, shape: Shape, axes: readonly number[] | undefined): number[] {
  if (axes !== undefined && axes.length > 0) return axes.map((a) => axisOf(a, shape.length));
  return intAttribute(node, 'noop_with_empty_axes', 0) === 1 ? [] : [...shape.keys()];
}

export interface SliceRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The ranges of a Slice, clamped to the axis; a backward range (step < 0) keeps its raw bounds. */
export function sliceRanges(
  shape: Shape,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = [...starts.keys()],
  steps: readonly number[] = starts.map(() => 1),
): SliceRange[] {
  return starts.map((start, i) => {
    const axis = axisOf(axes[i]!, shape.length);
    const size = shape[axis]!;
    const step = steps[i]!;
    const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, step < 0 ? -1 : 0), size);
    return { axis, start: Math.min(clamp(start), step < 0 ? size - 1 : size), end: clamp(ends[i]!), step };
  });
}

/** Where each output of a Split lies on its axis. */
export function splitSizes(
  node: OnnxNode,
  size: number,
  split: readonly number[] | undefined,
): readonly number[] {
  if (split !== undefined) return split;
  const chunk = Math.ceil(size / node.outputs.length);
  return node.outputs.map((_, i) => Math.min(chunk, size - i * chunk));
}
