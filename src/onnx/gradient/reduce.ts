/** Rules of sums, means and softmaxes: operators that tie the elements along an axis together. */

import type { ValueName } from '../builder.ts';
import { attribute, DataType, intAttribute } from '../onnx-model.ts';
import { axisOf, reducedAxes, type Shape, sizeOf } from '../shape.ts';
import type { Backward, GradientRule } from './rule.ts';

/** Every summand gets the sum's gradient, times `factor(number of summands)`. */
const spread =
  (factor: (count: number) => number): GradientRule =>
  (at) => [
    () => {
      const shape = at.shape(0);
      const axes = reducedAxes(at.node, shape, at.list('axes', 1));
      const kept = at.g.reshape(
        at.dy,
        shape.map((d, i) => (axes.includes(i) ? 1 : d)),
      );
      const scale = factor(sizeOf(axes.map((a) => shape[a]!)));
      return at.g.op('Expand', [scale === 1 ? kept : at.g.mul(kept, at.scalar(scale)), at.g.ints(shape)]);
    },
  ];

/** The largest get the gradient, in equal parts where there are several, as in PyTorch's amax. */
const toExtremes: GradientRule = (at) => [
  () => {
    const { g } = at;
    const shape = at.shape(0);
    const axes = reducedAxes(at.node, shape, at.list('axes', 1));
    const kept = shape.map((d, i) => (axes.includes(i) ? 1 : d));
    const isExtreme = g.op('Equal', [at.x(0), g.reshape(at.y, kept)]);
    const places = at.cast(isExtreme, at.value(at.y).dataType);
    return g.mul(places, g.div(g.reshape(at.dy, kept), g.reduceSum(places, axes)));
  },
];

/** Zeros [shape] with what arrives at each place summed there; in float32, since no CPU kernel sums float16. */
function summed(
  at: Backward,
  shape: Shape,
  {
    places,
    updates,
    axis,
  }: { readonly places: ValueName; readonly updates: ValueName; readonly axis: number },
): ValueName {
  const { g } = at;
  const attributes = { axis, reduction: 'add' };
  const type = at.value(at.y).dataType;
  if (type === DataType.float32)
    return g.op('ScatterElements', [at.zeros(shape), places, updates], { attributes });
  const zeros = at.cast(at.zeros(shape), DataType.float32);
  const sum = g.op('ScatterElements', [zeros, places, at.cast(updates, DataType.float32)], { attributes });
  return at.cast(sum, type);
}

const axis = (at: Backward): number => axisOf(intAttribute(at.node, 'axis', -1), at.yShape.length);

export const reduceRules: Readonly<Record<string, GradientRule>> = {
  ReduceSum: spread(() => 1),
  ReduceMean: spread((count) => 1 / count),
  ReduceMax: toExtremes,
  ReduceMin: toExtremes,
  // dx = y·(dy - Σ dy·y)
  Softmax: (at) => [
    () => {
      const { g, dy, y } = at;
      return g.mul(y, g.sub(dy, g.reduceSum(g.mul(dy, y), [axis(at)])));
    },
  ],
  // dx = dy - exp(y)·Σ dy
  LogSoftmax: (at) => [
    () => {
      const { g, dy, y } = at;
      return g.sub(dy, g.mul(g.op('Exp', [y]), g.reduceSum(dy, [axis(at)])));
    },
  ],
  // The largest along an axis go back to where they stood.
  TopK: (at) => [
    () => {
      const places = at.node.outputs[1] || at.fail('its indices are not an output');
      const along = axisOf(intAttribute(at.node, 'axis', -1), at.yShape.length);
      return at.g.op('ScatterElements', [at.zeros(at.shape(0)), places, at.dy], {
        attributes: { axis: along },
      });
    },
  ],
  // The picked elements get the gradient, all others zero. One element a row: a comparison, which every
  // device can do; else scattered back.
  GatherElements: (at) => [
    () => {
      const { g, dy } = at;
      const shape = at.shape(0);
      const along = axisOf(intAttribute(at.node, 'axis', 0), shape.length);
      if (at.yShape[along] !== 1 || at.yShape.some((d, i) => i !== along && d !== shape[i])) {
        return summed(at, shape, { places: at.x(1), updates: dy, axis: along });
      }
      const size = shape[along]!;
      const places = shape.map((_, i) => (i === along ? size : 1));
      const count = g.tensor(
        g.fresh('places'),
        places,
        Int32Array.from({ length: size }, (_, i) => i),
      );
      const picked = at.cast(at.x(1), DataType.int32);
      return g.where(g.op('Equal', [count, picked]), dy, at.scalar(0));
    },
  ],
  // What was put in goes back to where it came from; what it stands in place of had no say.
  ScatterElements: (at) => {
    const { g, dy } = at;
    const attributes = { axis: axisOf(intAttribute(at.node, 'axis', 0), at.yShape.length) };
    if (attribute(at.node, 'reduction') !== undefined) at.fail('it has a reduction, expected none');
    return [
      () => g.op('ScatterElements', [dy, at.x(1), at.zeros(at.shape(2))], { attributes }),
      undefined,
      () => g.op('GatherElements', [dy, at.x(1)], { attributes }),
    ];
  },
  // Rows of a table by index: each row sums the gradients of the places that looked it up. Not by ScatterND,
  // which loses summands: onnxruntime 1.30's CPU kernel adds from several threads without a lock.
  Gather: (at) => [
    () => {
      const { g } = at;
      const [table, indices] = [at.shape(0), at.shape(1)];
      const along = axisOf(intAttribute(at.node, 'axis', 0), table.length);
      const others = [...table.keys()].filter((i) => i !== along);
      const count = sizeOf(indices);
      // The looked-up axes first, as one: [count, …others]
      const moved = at.yShape.map((_, i) => i).filter((i) => i >= along && i < along + indices.length);
      const rest = [...at.yShape.keys()].filter((i) => !moved.includes(i));
      const inOrder = along === 0 ? at.dy : g.transpose(at.dy, [...moved, ...rest]);
      const row = others.map((i) => table[i]!);
      const updates = g.reshape(inOrder, [count, ...row]);
      const places = g.reshape(at.x(1), [count, ...row.map(() => 1)]);
      const rows = g.op('Expand', [places, g.ints([count, ...row])]);
      const sum = summed(at, [table[along]!, ...row], { places: rows, updates, axis: 0 });
      if (along === 0) return sum;
      return g.transpose(
        sum,
        [...table.keys()].map((i) => (i === along ? 0 : others.indexOf(i) + 1)),
      );
    },
  ],
};
