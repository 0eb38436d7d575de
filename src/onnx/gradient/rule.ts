/**
 * What a gradient rule sees and gives. A rule belongs to one operator y = f(x₀, x₁, …) and answers, for every
 * input, with a recipe that emits ∂loss/∂xᵢ from ∂loss/∂y. Recipes run only for inputs that need a gradient.
 * Invariant: a gradient has exactly the shape and element type of the value it belongs to.
 */
import { E2PError } from '../../error.ts';
import type { GraphBuilder, ValueName } from '../builder.ts';
import type { StaticValue } from '../infer-shapes.ts';
import { attribute, DataType, type OnnxNode } from '../onnx-model.ts';
import { type Shape, sizeOf } from '../shape.ts';

/** Emits the gradient of one input; undefined where there can be none (indices, shapes, conditions). */
export type Recipe = (() => ValueName) | undefined;
export type GradientRule = (at: Backward) => readonly Recipe[];

/** One node on the way back: its values, their shapes, and the gradients that arrived at its outputs. */
export class Backward {
  readonly g: GraphBuilder;
  readonly node: OnnxNode;
  /** ∂loss/∂output; undefined where the loss does not depend on that output. */
  readonly grads: readonly (ValueName | undefined)[];
  readonly #values: ReadonlyMap<string, StaticValue>;

  constructor(
    g: GraphBuilder,
    node: OnnxNode,
    grads: readonly (ValueName | undefined)[],
    values: ReadonlyMap<string, StaticValue>,
  ) {
    this.g = g;
    this.node = node;
    this.grads = grads;
    this.#values = values;
  }

  /** ∂loss/∂y of a node with one output. */
  get dy(): ValueName {
    return this.grads[0]!;
  }

  /** The first output. */
  get y(): ValueName {
    return this.node.outputs[0]!;
  }

  x(i: number): ValueName {
    return this.node.inputs[i]!;
  }

  value(name: ValueName): StaticValue {
    return this.#values.get(name) ?? this.fail(`the static shape of ${name} is not known`);
  }

  /** Shape of input `i`. */
  shape(i: number): Shape {
    return this.value(this.x(i)).shape;
  }

  get yShape(): Shape {
    return this.value(this.y).shape;
  }

  /** A list that old opsets give as attribute `name` and new ones as constant input `i`; undefined if neither. */
  list(name: string, i: number): readonly number[] | undefined {
    const given = attribute(this.node, name)?.ints;
    if (given !== undefined) return given.map(Number);
    const input = this.node.inputs[i];
    if (input === undefined || input === '') return undefined;
    return this.value(input).numbers ?? this.fail(`its ${name} are not constant`);
  }

  /** A scalar of the element type of the node's first output. */
  scalar(value: number): ValueName {
    const { dataType } = this.value(this.y);
    const scalar = this.g.float(value);
    return dataType === DataType.float32 ? scalar : this.cast(scalar, dataType);
  }

  cast(x: ValueName, to: number): ValueName {
    return this.g.op('Cast', [x], { attributes: { to } });
  }

  /** Zeros of the element type of the first output. */
  zeros(shape: Shape): ValueName {
    return this.g.op('Expand', [this.scalar(0), this.g.ints(shape)]);
  }

  /** Sums a gradient of shape `from` over what was broadcast, back to shape `to`. */
  unbroadcast(dy: ValueName, from: Shape, to: Shape): ValueName {
    const extra = from.length - to.length;
    const axes = [...from.keys()].filter((i) => i < extra || (to[i - extra] === 1 && from[i] !== 1));
    if (axes.length === 0) return dy;
    const sum = this.g.reduceSum(dy, axes);
    return extra === 0 ? sum : this.g.reshape(sum, to);
  }

  fail(why: string): never {
    const { opType, domain, name } = this.node;
    const where = `${domain === '' ? '' : `${domain}.`}${opType} (node ${name === '' ? this.y : name})`;
    throw new E2PError('unsupported-graph', `cannot differentiate ${where}: ${why}`);
  }
}

/** Rows × columns of a value seen as a matrix that keeps its last axis. */
export const asMatrix = (shape: Shape): [number, number] => [sizeOf(shape.slice(0, -1)), shape.at(-1)!];
