/** How a rule of `shape-rules.ts` sees its node, and the kinds of rules that many operators share. */
import { attribute, DataType, intAttribute, type OnnxNode } from './onnx-model.ts';
import { broadcastShape, reducedAxes, type Shape, sizeOf } from './shape.ts';
import { folded, type StaticValue, spread } from './static-value.ts';

export type Results = readonly (StaticValue | undefined)[] | undefined;

/** The inputs of one node as a rule sees them; an input that is not known ends the rule with undefined. */
export class Operands {
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

export type Rule = (operands: Operands) => Results;

export const one = (
  like: StaticValue,
  shape: Shape,
  numbers?: readonly number[],
  dataType = like.dataType,
): Results => [numbers === undefined ? { dataType, shape } : { dataType, shape, numbers }];

export const same: Rule = (o) => {
  const x = o.at(0);
  return x && one(x, x.shape);
};

/** A yes or no for each element. */
export const test: Rule = (o) => {
  const x = o.at(0);
  return x && one(x, x.shape, undefined, DataType.bool);
};

export const broadcast =
  (fold?: (a: number, b: number) => number, dataType?: number): Rule =>
  (o) => {
    const [a, b, ...more] = o.all ?? [];
    if (a === undefined || b === undefined || more.length > 0) return undefined;
    const shape = broadcastShape(a.shape, b.shape);
    const [p, q] = [spread(a, shape), spread(b, shape)];
    return one(a, shape, fold && p && q && p.map((n, i) => fold(n, q[i]!)), dataType);
  };

/** `numbers` are kept: the elements stay, only their layout changes. */
export const relaid = (shapeOfResult: (shape: Shape, o: Operands) => Shape | undefined): Rule => {
  return (o) => {
    const x = o.at(0);
    const shape = x && shapeOfResult(x.shape, o);
    return x && shape && one(x, shape, x.numbers);
  };
};

export const reduce =
  (fold?: (a: number, b: number) => number): Rule =>
  (o) => {
    const x = o.at(0);
    if (x === undefined) return undefined;
    const axes = reducedAxes(o.node, x.shape, o.list('axes', 1));
    const numbers = fold && x.numbers && folded(x.numbers, x.shape, axes, fold);
    return one(x, reducedShape(x.shape, axes, o.node), numbers);
  };

export function reducedShape(shape: Shape, axes: readonly number[], node: OnnxNode): Shape {
  const keep = intAttribute(node, 'keepdims', 1) === 1;
  return keep ? shape.map((d, i) => (axes.includes(i) ? 1 : d)) : shape.filter((_, i) => !axes.includes(i));
}

/** The target of a Reshape with its 0 (keep) and -1 (the rest) resolved. */
export function reshaped(shape: Shape, target: readonly number[], allowZero: boolean): Shape {
  const kept = target.map((d, i) => (d === 0 && !allowZero ? shape[i]! : d));
  const known = kept.reduce((product, d) => (d === -1 ? product : product * d), 1);
  return kept.map((d) => (d === -1 ? sizeOf(shape) / known : d));
}
