/** Rules of operators that only move, repeat, cut or join elements. Each one's gradient is its inverse. */

import { intAttribute } from '../onnx-model.ts';
import { axisOf, sliceRanges, splitSizes } from '../shape.ts';
import type { GradientRule } from './rule.ts';

const backToInputShape: GradientRule = (at) => [() => at.g.reshape(at.dy, at.shape(0))];

export const layoutRules: Readonly<Record<string, GradientRule>> = {
  Reshape: backToInputShape,
  Squeeze: backToInputShape,
  Unsqueeze: backToInputShape,
  Expand: (at) => [() => at.unbroadcast(at.dy, at.yShape, at.shape(0))],
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
      for (const { axis, start, end, step } of ranges) {
        if (step !== 1) at.fail(`its step is ${step}, expected 1`);
        pads[axis] = start;
        pads[axis + shape.length] = shape[axis]! - end;
      }
      return at.g.op('Pad', [at.dy, at.g.ints(pads)]);
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
