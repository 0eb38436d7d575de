/**
 * What each operator makes of the shapes of its inputs: one rule an operator, the table behind `infer-shapes.ts`. Small
 * integer constants are followed through the arithmetic that exporters do on shapes.
 */
import { attribute, DataType, intAttribute } from './onnx-model.ts';
import { axisOf, broadcastShape, sizeOf, sliceRanges, splitSizes } from './shape.ts';
import { broadcast, one, type Rule, reduce, relaid, reshaped, same, test } from './shape-rule.ts';
import { constantValue, indicesOf, MAX_FOLDED, type StaticValue, spread } from './static-value.ts';

export const shapeRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    [
      ...[
        'Neg',
        'Abs',
        'Floor',
        'Softplus',
        'Sqrt',
        'Reciprocal',
        'Exp',
        'Log',
        'Sigmoid',
        'Tanh',
        'Erf',
        'Relu',
        'Sin',
        'Cos',
      ],
      ...['Softmax', 'LogSoftmax', 'Not', 'Trilu', 'CumSum', 'ScatterND', 'ScatterElements', 'Clip'],
      ...['QuickGelu', 'RotaryEmbedding', 'SimplifiedLayerNormalization'],
    ].map((op) => [op, same]),
  ),
  ...Object.fromEntries(['IsNaN', 'IsInf'].map((op) => [op, test])),
  ...Object.fromEntries(['Pow', 'And', 'Or', 'Mod'].map((op) => [op, broadcast()])),
  Neg: (o) => {
    const x = o.at(0);
    return (
      x &&
      one(
        x,
        x.shape,
        x.numbers?.map((n) => -n),
      )
    );
  },
  LpNormalization: same,
  // The target of an Expand, as torch writes it: Where(Equal(shape, -1), ones, shape).
  Equal: broadcast((a, b) => Number(a === b), DataType.bool),
  Less: broadcast((a, b) => Number(a < b), DataType.bool),
  LessOrEqual: broadcast((a, b) => Number(a <= b), DataType.bool),
  Greater: broadcast((a, b) => Number(a > b), DataType.bool),
  GreaterOrEqual: broadcast((a, b) => Number(a >= b), DataType.bool),
  Add: broadcast((a, b) => a + b),
  Sub: broadcast((a, b) => a - b),
  Mul: broadcast((a, b) => a * b),
  // Of integers, as in sizes: towards zero.
  Div: (o) => broadcast(isInteger(o.at(0)) ? (a, b) => Math.trunc(a / b) : undefined)(o),
  Max: broadcast((a, b) => Math.max(a, b)),
  Min: broadcast((a, b) => Math.min(a, b)),
  Range: (o) => {
    const [start, limit, delta] = [0, 1, 2].map((i) => o.at(i)?.numbers?.[0]);
    if (start === undefined || limit === undefined || delta === undefined) return undefined;
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    const numbers = Array.from({ length: Math.min(count, MAX_FOLDED + 1) }, (_, i) => start + i * delta);
    return one(o.at(0)!, [count], count <= MAX_FOLDED ? numbers : undefined);
  },
  Tile: (o) => {
    const [x, repeats] = [o.at(0), o.at(1)?.numbers];
    return (
      x &&
      repeats &&
      one(
        x,
        x.shape.map((d, i) => d * repeats[i]!),
      )
    );
  },
  Gemm: (o) => {
    const [a, b] = [o.at(0), o.at(1)];
    if (!a || !b) return undefined;
    const turned = (name: string) => intAttribute(o.node, name, 0) === 1;
    return one(a, [a.shape[turned('transA') ? 1 : 0]!, b.shape[turned('transB') ? 0 : 1]!]);
  },
  ReduceSum: reduce((a, b) => a + b),
  ReduceMean: reduce(),
  ReduceMax: reduce((a, b) => Math.max(a, b)),
  ReduceMin: reduce((a, b) => Math.min(a, b)),
  ReduceProd: reduce((a, b) => a * b),
  Identity: relaid((shape) => shape),
  Cast: (o) => {
    const x = o.at(0);
    return x && one(x, x.shape, x.numbers, intAttribute(o.node, 'to', x.dataType));
  },
  Reshape: relaid((shape, o) => {
    const target = o.at(1)?.numbers;
    return target && reshaped(shape, target, intAttribute(o.node, 'allowzero', 0) === 1);
  }),
  Squeeze: relaid((shape, o) => {
    const axes = o.list('axes', 1)?.map((a) => axisOf(a, shape.length));
    return shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1));
  }),
  Unsqueeze: relaid((shape, o) => {
    const axes = o.list('axes', 1);
    if (axes === undefined) return undefined;
    const rank = shape.length + axes.length;
    const added = axes.map((a) => axisOf(a, rank));
    const rest = [...shape];
    return Array.from({ length: rank }, (_, i) => (added.includes(i) ? 1 : rest.shift()!));
  }),
  Transpose: (o) => {
    const x = o.at(0);
    if (x === undefined) return undefined;
    const perm = o.list('perm', -1) ?? [...x.shape.keys()].reverse();
    return one(
      x,
      perm.map((p) => x.shape[p]!),
    );
  },
  Flatten: relaid((shape, o) => {
    const axis = axisOf(intAttribute(o.node, 'axis', 1), shape.length);
    return [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
  }),
  Expand: (o) => {
    const [x, target] = [o.at(0), o.at(1)?.numbers];
    if (!x || !target) return undefined;
    const shape = broadcastShape(x.shape, target);
    return one(x, shape, spread(x, shape));
  },
  Shape: (o) => {
    const shape = o.shape(0);
    if (shape === undefined) return undefined;
    const end = intAttribute(o.node, 'end', shape.length);
    const numbers = shape.slice(intAttribute(o.node, 'start', 0), end);
    return [{ dataType: DataType.int64, shape: [numbers.length], numbers }];
  },
  Constant: (o) => {
    const tensor = attribute(o.node, 'value')?.t;
    if (tensor !== undefined) return [constantValue(tensor)];
    const [int, ints] = [attribute(o.node, 'value_int')?.i, attribute(o.node, 'value_ints')?.ints];
    if (int !== undefined) return [{ dataType: DataType.int64, shape: [], numbers: [Number(int)] }];
    return ints && [{ dataType: DataType.int64, shape: [ints.length], numbers: ints.map(Number) }];
  },
  ConstantOfShape: (o) => {
    const shape = o.at(0)?.numbers;
    if (shape === undefined) return undefined;
    const tensor = attribute(o.node, 'value')?.t;
    const filled = tensor ? constantValue(tensor) : { dataType: DataType.float32, shape: [], numbers: [0] };
    const count = sizeOf(shape);
    const number = filled.numbers?.[0];
    return one(
      filled,
      shape,
      number !== undefined && count <= MAX_FOLDED ? Array<number>(count).fill(number) : undefined,
    );
  },
  Concat: (o) => {
    const all = o.all;
    const first = all?.[0];
    if (all === undefined || first === undefined) return undefined;
    const axis = axisOf(intAttribute(o.node, 'axis', 0), first.shape.length);
    const length = all.reduce((sum, v) => sum + v.shape[axis]!, 0);
    const flat = first.shape.length === 1 && all.every((v) => v.numbers !== undefined);
    return one(
      first,
      first.shape.map((d, i) => (i === axis ? length : d)),
      flat ? all.flatMap((v) => v.numbers!) : undefined,
    );
  },
  Split: (o) => {
    const x = o.at(0);
    if (x === undefined) return undefined;
    const axis = axisOf(intAttribute(o.node, 'axis', 0), x.shape.length);
    return splitSizes(o.node, x.shape[axis]!, o.list('split', 1)).map((size) => ({
      dataType: x.dataType,
      shape: x.shape.map((d, i) => (i === axis ? size : d)),
    }));
  },
  Slice: (o) => {
    const [x, starts, ends] = [o.at(0), o.at(1)?.numbers, o.at(2)?.numbers];
    if (!x || !starts || !ends) return undefined;
    const ranges = sliceRanges(x.shape, starts, ends, o.at(3)?.numbers, o.at(4)?.numbers);
    const shape = [...x.shape];
    for (const r of ranges) shape[r.axis] = Math.max(0, Math.ceil((r.end - r.start) / r.step));
    const r = ranges[0];
    const numbers = x.shape.length === 1 && r?.step === 1 ? x.numbers?.slice(r.start, r.end) : undefined;
    return one(x, shape, numbers);
  },
  Pad: (o) => {
    const [x, pads] = [o.at(0), o.at(1)?.numbers];
    const rank = x?.shape.length ?? 0;
    return (
      x &&
      pads &&
      one(
        x,
        x.shape.map((d, i) => d + pads[i]! + pads[i + rank]!),
      )
    );
  },
  Gather: (o) => {
    const [x, indices] = [o.at(0), o.at(1)];
    if (!x || !indices) return undefined;
    const axis = axisOf(intAttribute(o.node, 'axis', 0), x.shape.length);
    const numbers = x.shape.length === 1 && x.numbers ? x.numbers : undefined;
    return one(
      x,
      [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
      numbers && indices.numbers?.map((i) => numbers.at(i)!),
    );
  },
  GatherBlockQuantized: (o) => {
    const [table, indices, scales] = [o.at(0), o.at(1), o.at(2)];
    if (!table || !indices || !scales) return undefined;
    const axis = axisOf(intAttribute(o.node, 'gather_axis', 0), table.shape.length);
    // Bytes hold several values of the last axis.
    const perByte = table.dataType === DataType.uint8 ? 8 / intAttribute(o.node, 'bits', 4) : 1;
    const shape = table.shape.map((size, i) => (i === table.shape.length - 1 ? size * perByte : size));
    return one(scales, [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)]);
  },
  GatherND: (o) => {
    const [x, indices] = [o.at(0), o.at(1)];
    if (!x || !indices) return undefined;
    const looked = intAttribute(o.node, 'batch_dims', 0) + indices.shape.at(-1)!;
    return one(x, [...indices.shape.slice(0, -1), ...x.shape.slice(looked)]);
  },
  // How many there are depends on the values: known for constants alone.
  NonZero: (o) => {
    const x = o.at(0);
    if (x?.numbers === undefined) return undefined;
    const places = x.numbers.flatMap((n, at) => (n === 0 ? [] : [indicesOf(at, x.shape)]));
    const numbers = x.shape.flatMap((_, axis) => places.map((place) => place[axis]!));
    return one(x, [x.shape.length, places.length], numbers, DataType.int64);
  },
  OneHot: (o) => {
    const [indices, depth, values] = [o.at(0), o.at(1)?.numbers?.[0], o.at(2)];
    if (!indices || depth === undefined || !values) return undefined;
    const axis = axisOf(intAttribute(o.node, 'axis', -1), indices.shape.length + 1);
    return one(values, indices.shape.toSpliced(axis, 0, depth));
  },
  TopK: (o) => {
    const [x, count] = [o.at(0), o.at(1)?.numbers?.[0]];
    if (x === undefined || count === undefined) return undefined;
    const axis = axisOf(intAttribute(o.node, 'axis', -1), x.shape.length);
    const shape = x.shape.map((d, i) => (i === axis ? count : d));
    return [
      { dataType: x.dataType, shape },
      { dataType: DataType.int64, shape },
    ];
  },
  GatherElements: (o) => {
    const [x, indices] = [o.at(0), o.at(1)];
    return x && indices && one(x, indices.shape);
  },
  Where: (o) => {
    const [condition, a, b] = o.all ?? [];
    if (!condition || !a || !b) return undefined;
    const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
    const [chosen, p, q] = [condition, a, b].map((value) => spread(value, shape));
    return one(a, shape, chosen && p && q && chosen.map((c, i) => (c ? p[i]! : q[i]!)));
  },
  MatMul: (o) => {
    const [a, b] = o.all ?? [];
    if (!a || !b || a.shape.length < 2 || b.shape.length < 2) return undefined;
    const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    return one(a, [...batch, a.shape.at(-2)!, b.shape.at(-1)!]);
  },
  DequantizeLinear: (o) => {
    const [x, scale] = [o.at(0), o.at(1)];
    return x && scale && one(scale, x.shape);
  },
};

const isInteger = (value: StaticValue | undefined): boolean =>
  value?.dataType === DataType.int64 || value?.dataType === DataType.int32;
