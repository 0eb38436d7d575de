/**
 * Static shapes of every value of a graph, given the shapes of its inputs. Think of it as running the graph on
 * shapes instead of tensors; small constants (axes, target shapes) are carried along, so that `Reshape` and its
 * kin can be followed. An operator that is not in the table has the shapes that the file states, or
 * none: whoever needs the shape decides whether that is an error.
 */
import { E2PError } from '../error.ts';
import {
  attribute,
  DataType,
  intAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
  shapeOf,
} from './onnx-model.ts';
import { axisOf, broadcastShape, reducedAxes, type Shape, sizeOf, sliceRanges, splitSizes } from './shape.ts';
import { elementCount, numbersOf } from './tensor-data.ts';

export interface StaticValue {
  /** A `DataType` number. */
  readonly dataType: number;
  readonly shape: Shape;
  /** The elements, where the value is a small constant. */
  readonly numbers?: readonly number[];
}

/** Constants up to this many elements are followed: no shape or list of axes is longer. */
const MAX_FOLDED = 64;

/**
 * @param shapes shapes of inputs, by name; needed for every input whose shape in the file is not all numbers
 * @throws E2PError `invalid-argument` for an input without a static shape
 */
export function inferShapes(
  graph: OnnxGraph,
  shapes: Readonly<Record<string, Shape>> = {},
): Map<string, StaticValue> {
  const values = new Map<string, StaticValue>();
  for (const tensor of graph.initializers) values.set(tensor.name, constantValue(tensor));
  for (const input of graph.inputs) {
    if (values.has(input.name)) continue;
    const shape = shapes[input.name] ?? shapeOf(input);
    if (!isStatic(shape)) {
      throw new E2PError(
        'invalid-argument',
        `input ${input.name} has the shape [${shape?.join(', ') ?? '?'}], expected numbers: give it in shapes`,
      );
    }
    values.set(input.name, { dataType: input.type?.tensor?.elemType ?? DataType.float32, shape });
  }
  const stated = new Map(graph.valueInfo.map((v) => [v.name, v]));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name));
    const results = rules[node.opType]?.(new Operands(node, inputs)) ?? [];
    node.outputs.forEach((name, i) => {
      const result = results[i] ?? statedValue(stated.get(name));
      if (name !== '' && result !== undefined) values.set(name, result);
    });
  }
  return values;
}

function statedValue(info: OnnxValueInfo | undefined): StaticValue | undefined {
  const shape = info && shapeOf(info);
  const dataType = info?.type?.tensor?.elemType;
  return isStatic(shape) && dataType !== undefined ? { dataType, shape } : undefined;
}

const isStatic = (shape: readonly (number | string)[] | undefined): shape is Shape =>
  shape?.every((d) => typeof d === 'number') ?? false;

function constantValue(tensor: OnnxTensor): StaticValue {
  const value = { dataType: tensor.dataType, shape: tensor.dims.map(Number) };
  const numbers = elementCount(tensor) <= MAX_FOLDED ? numbersOf(tensor) : undefined;
  return numbers === undefined ? value : { ...value, numbers };
}

type Results = readonly (StaticValue | undefined)[] | undefined;

/** The inputs of one node as a rule sees them; an input that is not known ends the rule with undefined. */
class Operands {
  readonly node: OnnxNode;
  readonly #inputs: readonly (StaticValue | undefined)[];
  constructor(node: OnnxNode, inputs: readonly (StaticValue | undefined)[]) {
    this.node = node;
    this.#inputs = inputs;
  }
  at(i: number): StaticValue | undefined {
    return this.#inputs[i];
  }
  shape(i: number): Shape | undefined {
    return this.#inputs[i]?.shape;
  }
  /** Axes and the like, which old opsets give as an attribute and new ones as input `i`. */
  list(name: string, i: number): readonly number[] | undefined {
    return attribute(this.node, name)?.ints.map(Number) ?? this.#inputs[i]?.numbers;
  }
  get all(): readonly StaticValue[] | undefined {
    return this.#inputs.every((v) => v !== undefined) ? this.#inputs : undefined;
  }
}

type Rule = (operands: Operands) => Results;

const one = (
  like: StaticValue,
  shape: Shape,
  numbers?: readonly number[],
  dataType = like.dataType,
): Results => [numbers === undefined ? { dataType, shape } : { dataType, shape, numbers }];

const same: Rule = (o) => {
  const x = o.at(0);
  return x && one(x, x.shape);
};

const broadcast =
  (fold?: (a: number, b: number) => number, dataType?: number): Rule =>
  (o) => {
    const [a, b] = o.all ?? [];
    if (a === undefined || b === undefined) return undefined;
    const shape = broadcastShape(a.shape, b.shape);
    const count = sizeOf(shape);
    const [p, q] = [a.numbers, b.numbers];
    const numbers =
      fold && p && q && count <= MAX_FOLDED && [p, q].every((n) => n.length === 1 || n.length === count)
        ? Array.from({ length: count }, (_, i) => fold(p[i % p.length]!, q[i % q.length]!))
        : undefined;
    return one(a, shape, numbers, dataType);
  };

/** `numbers` are kept: the elements stay, only their layout changes. */
const relaid = (shapeOfResult: (shape: Shape, o: Operands) => Shape | undefined): Rule => {
  return (o) => {
    const x = o.at(0);
    const shape = x && shapeOfResult(x.shape, o);
    return x && shape && one(x, shape, x.numbers);
  };
};

const reduce: Rule = (o) => {
  const x = o.at(0);
  if (x === undefined) return undefined;
  return one(x, reducedShape(x.shape, reducedAxes(o.node, x.shape, o.list('axes', 1)), o.node));
};

function reducedShape(shape: Shape, axes: readonly number[], node: OnnxNode): Shape {
  const keep = intAttribute(node, 'keepdims', 1) === 1;
  return keep ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i));
}

/** The target of a Reshape with its 0 (keep) and -1 (the rest) resolved. */
function reshaped(shape: Shape, target: readonly number[], allowZero: boolean): Shape {
  const kept = target.map((d, i) => (d === 0 && !allowZero ? shape[i]! : d));
  const known = kept.reduce((product, d) => (d === -1 ? product : product * d), 1);
  return kept.map((d) => (d === -1 ? sizeOf(shape) / known : d));
}

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    [
      ...['Neg', 'Abs', 'Sqrt', 'Reciprocal', 'Exp', 'Log', 'Sigmoid', 'Tanh', 'Erf', 'Relu', 'Sin', 'Cos'],
      ...['Softmax', 'LogSoftmax', 'Not', 'Trilu', 'CumSum', 'ScatterND', 'ScatterElements', 'Clip'],
    ].map((op) => [op, same]),
  ),
  ...Object.fromEntries(['Pow', 'And', 'Or', 'Mod'].map((op) => [op, broadcast()])),
  ...Object.fromEntries(
    ['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual'].map((op) => [
      op,
      broadcast(undefined, DataType.bool),
    ]),
  ),
  Add: broadcast((a, b) => a + b),
  Sub: broadcast((a, b) => a - b),
  Mul: broadcast((a, b) => a * b),
  Div: broadcast(),
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceMax: reduce,
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
  Expand: (o) => {
    const [x, target] = [o.at(0), o.at(1)?.numbers];
    return x && target && one(x, broadcastShape(x.shape, target));
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
    return tensor && [constantValue(tensor)];
  },
  ConstantOfShape: (o) => {
    const target = o.at(0)?.numbers;
    return (
      target && [{ dataType: attribute(o.node, 'value')?.t?.dataType ?? DataType.float32, shape: target }]
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
  GatherElements: (o) => {
    const [x, indices] = [o.at(0), o.at(1)];
    return x && indices && one(x, indices.shape);
  },
  Where: (o) => {
    const [condition, a, b] = o.all ?? [];
    return condition && a && b && one(a, broadcastShape(condition.shape, broadcastShape(a.shape, b.shape)));
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
