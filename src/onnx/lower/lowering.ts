/**
 * What a lowering rule sees and gives: one fused node, its inputs with their static shapes, and a builder for the primitive
 * nodes that take its place. Everything is computed in float32, whatever the model's type: float16 comes in and goes out
 * by a Cast.
 */
import { E2PError } from '../../error.ts';
import type { GraphBuilder, ValueName } from '../builder.ts';
import { lostShape, type StaticValue } from '../infer-shapes.ts';
import {
  attribute,
  DataType,
  floatAttribute,
  intAttribute,
  type OnnxNode,
  type OnnxTensor,
} from '../onnx-model.ts';
import type { Shape } from '../shape.ts';

export type LoweringRule = (at: Lowering) => void;

export interface LoweringContext {
  readonly g: GraphBuilder;
  readonly values: ReadonlyMap<string, StaticValue>;
  /** What stands before, as far as it is lowered. */
  readonly nodes: readonly OnnxNode[];
  /** Initializers and `Constant` nodes, by name. */
  readonly constants: ReadonlyMap<string, OnnxTensor>;
  /** Tensors that several nodes share (causal masks, zero points), by what they hold. */
  readonly shared: Map<string, ValueName>;
}

export class Lowering {
  readonly g: GraphBuilder;
  readonly node: OnnxNode;
  readonly #context: LoweringContext;

  constructor(node: OnnxNode, context: LoweringContext) {
    this.node = node;
    this.g = context.g;
    this.#context = context;
  }

  /** Whether the optional input `i` is given. */
  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== '';
  }

  /** Input `i` as it is. */
  x(i: number): ValueName {
    return this.node.inputs[i]!;
  }

  /** Input `i` in float32: named after it, so that weights are called the same in all graphs of a model (`split-weights.ts`). */
  float(i: number): ValueName {
    const x = this.x(i);
    if (this.value(i).dataType === DataType.float32) return x;
    const make = () =>
      this.g.op('Cast', [x], { attributes: { to: DataType.float32 }, outputs: [`${x}/float32`] });
    return this.shared(`float ${x}`, make);
  }

  cast(x: ValueName, to: number): ValueName {
    return this.g.op('Cast', [x], { attributes: { to } });
  }

  value(i: number): StaticValue {
    const { nodes, values } = this.#context;
    const known = values.get(this.x(i));
    if (known !== undefined) return known;
    const lost = lostShape(nodes, values, this.x(i));
    if (lost === undefined) this.fail(`the static shape of ${this.x(i)} is not known`);
    return new Lowering(lost.node, this.#context).fail(lost.why);
  }

  shape(i: number): Shape {
    return this.value(i).shape;
  }

  /** The tensor behind input `i`. */
  weight(i: number): OnnxTensor {
    return this.#context.constants.get(this.x(i)) ?? this.fail(`${this.x(i)} is not a weight of the file`);
  }

  int(name: string, fallback: number): number {
    return intAttribute(this.node, name, fallback);
  }

  number(name: string, fallback: number): number {
    return floatAttribute(this.node, name, fallback);
  }

  text(name: string): string | undefined {
    const bytes = attribute(this.node, name)?.s;
    return bytes && new TextDecoder().decode(bytes);
  }

  shared(key: string, make: () => ValueName): ValueName {
    const found = this.#context.shared.get(key) ?? make();
    this.#context.shared.set(key, found);
    return found;
  }

  /** Gives a float32 value the name and type of output `i`; nothing where nobody asked for that output. */
  give(i: number, make: () => ValueName, type: number = this.value(0).dataType): void {
    const name = this.node.outputs[i] ?? '';
    if (name === '') return;
    const value = make();
    if (type === DataType.float32) this.g.op('Identity', [value], { outputs: [name] });
    else this.g.op('Cast', [value], { outputs: [name], attributes: { to: type } });
  }

  fail(why: string): never {
    const { opType, domain, name, outputs } = this.node;
    const where = `${domain === '' ? '' : `${domain}.`}${opType} (node ${name === '' ? outputs[0] : name})`;
    throw new E2PError('unsupported-graph', `cannot lower ${where}: ${why}`);
  }
}
