/** Rules of operators that only move, repeat, cut or join elements. Each one's gradient is its inverse. */

import { intAttribute } from '../onnx-model.ts';
import { axisOf, sliceRanges, splitSizes } from '../shape.ts';
import type { GradientRule } from './rule.ts';

const backToInputShape: GradientRule = (at) => [() => at.g.reshape(at.dy, at.shape(0))];

export const layoutRules: Readonly<Record<string, GradientRule>> = {
  Reshape: backToInputShape,
  Squeeze: backToInputShape,
  Unsqueeze: backToInputShape,
  Flatten: backToInputShape,
  Expand: (at) => [() => at.unbroadcast(at.dy, at.yShape, at.shape(0))],
  Tile: (at) => [
    () => {
      // [r₀·d₀, r₁·d₁, …] → [r₀, d₀, r₁, d₁, …], summed over the copies.
      const shape = at.shape(0);
      const repeats = at.list('repeats', 1)!;
      const apart = at.g.reshape(
        at.dy,
        shape.flatMap((d, i) => [repeats[i]!, d]),
      );
      return at.g.reduceSum(
        apart,
        shape.map((_, i) => 2 * i),
        false,
      );
    },
  ],
  Transpose: (at) => [
    () => {
      const perm = at.list('perm', -1) ?? [...at.shape(0).keys()].reverse();
      return at.g.transpose(
        at.dy,
        perm.map((_, i) => perm.indexOf(i)),
      );
    },
  ],
  Slice: (at) => [
    () => {
      const shape = at.shape(0);
      const [starts, ends] = [at.list('starts', 1)!, at.list('ends', 2)!];
      const ranges = sliceRanges(shape, starts, ends, at.list('axes', 3), at.list('steps', 4));
      const pads = Array<number>(2 * shape.length).fill(0);
      let dy = at.dy;
      const sizes = [...at.yShape];
      for (const { axis, start, end, step } of ranges) {
        if (step < 0) at.fail(`its step is ${step}, expected 1 or more`);
        let taken = end - start;
        if (step > 1) {
          // Zeros between the elements: [n] → [n, 1] → [n, step] → [n·step]
          taken = sizes[axis]! * step;
          const [before, behind] = [sizes.slice(0, axis + 1), sizes.slice(axis + 1)];
          const column = at.g.reshape(dy, [...before, 1, ...behind]);
          const padding = Array<number>(2 * (shape.length + 1)).fill(0);
          padding[shape.length + 1 + axis + 1] = step - 1;
          sizes[axis] = taken;
          dy = at.g.reshape(at.g.op('Pad', [column, at.g.ints(padding)]), sizes);
        }
        if (start + taken > shape[axis]!) {
          dy = at.g.slice(dy, axis, 0, shape[axis]! - start);
          taken = shape[axis]! - start;
          sizes[axis] = taken;
        }
        pads[axis] = start;
        pads[axis + shape.length] = shape[axis]! - start - taken;
      }
      return at.g.op('Pad', [dy, at.g.ints(pads)]);
    },
  ],
  Split: (at) => [
    () => {
      const shape = at.shape(0);
      const axis = axisOf(intAttribute(at.node, 'axis', 0), shape.length);
      const parts = splitSizes(at.node, shape[axis]!, at.list('split', 1)).map(
        (size, i) => at.grads[i] ?? at.zeros(shape.map((d, j) => (j === axis ? size : d))),
      );
      return at.g.concat(parts, axis);
    },
  ],
  Concat: (at) => {
    const axis = axisOf(intAttribute(at.node, 'axis', 0), at.yShape.length);
    let end = 0;
    return at.node.inputs.map((_, i) => {
      const start = end;
      end += at.shape(i)[axis]!;
      const to = end;
      return () => at.g.slice(at.dy, axis, start, to);
    });
  },
};
