/**
 * A small builder for ONNX graphs. Think of a graph as prose: `g.matMul(x, w)` emits one node and returns the
 * *name* of its output, so a rewrite or a network reads as the formula it implements. The builder only appends;
 * nodes are therefore always in topological order, and fresh names never clash with given ones.
 */
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from './onnx-model.ts';
import { DataType, type DataTypeName } from './onnx-model.ts';

export type ValueName = string;
/** A number: a float attribute is written `{ float: 1e-5 }`, since 1 is an integer to JavaScript. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number } | OnnxTensor;
export type TensorData =
  | Float32Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Float64Array;

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly domain?: string;
  /** Names of the outputs; made up where not given. '' = output not wanted. */
  readonly outputs?: readonly string[];
}

const typeOfArray = (data: TensorData): DataTypeName => {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Int8Array) return 'int8';
  if (data instanceof Uint16Array) return 'float16';
  return 'uint8';
};

/** An initializer over the array's own bytes. `type` says what the bytes mean where the array's class does not. */
export function makeTensor(
  name: string,
  dims: readonly number[],
  data: TensorData,
  type: DataTypeName = typeOfArray(data),
): OnnxTensor {
  return {
    name,
    dims,
    dataType: DataType[type],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    stringData: [],
    externalData: [],
  };
}

export function makeAttribute(name: string, value: AttributeValue): OnnxAttribute {
  const base = { name, ints: [], strings: [], graphs: [] };
  if (typeof value === 'number') return { ...base, type: 2, i: value };
  if (typeof value === 'string') return { ...base, type: 3, s: new TextEncoder().encode(value) };
  if ('float' in value) return { ...base, type: 1, f: value.float };
  if ('dims' in value) return { ...base, type: 4, t: value };
  return { ...base, type: 7, ints: value };
}

export function makeNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
  domain = '',
): OnnxNode {
  return {
    opType,
    domain,
    name: `${opType}/${outputs[0]}`,
    inputs,
    outputs,
    attributes: Object.entries(attributes).map(([name, value]) => makeAttribute(name, value)),
  };
}

/** A typed value with numbers and symbolic names as dims; without dims its rank is unknown. */
export function makeValueInfo(
  name: string,
  type: DataTypeName | number,
  dims?: readonly (number | string)[],
): OnnxValueInfo {
  const elemType = typeof type === 'number' ? type : DataType[type];
  if (dims === undefined) return { name, type: { tensor: { elemType } } };
  const shape = { dims: dims.map((d) => (typeof d === 'number' ? { value: d, param: '' } : { param: d })) };
  return { name, type: { tensor: { elemType, shape } } };
}

export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly inputs: OnnxValueInfo[] = [];
  readonly outputs: OnnxValueInfo[] = [];
  readonly #prefix: string;
  readonly #constants = new Map<string, ValueName>();
  #count = 0;

  /** `prefix` opens every made-up name. */
  constructor(prefix = '') {
    this.#prefix = prefix;
  }

  fresh(hint: string): ValueName {
    return `${this.#prefix}${hint}_${this.#count++}`;
  }

  input(name: ValueName, type: DataTypeName | number, dims?: readonly (number | string)[]): ValueName {
    this.inputs.push(makeValueInfo(name, type, dims));
    return name;
  }

  output(name: ValueName, type: DataTypeName | number, dims?: readonly (number | string)[]): ValueName {
    this.outputs.push(makeValueInfo(name, type, dims));
    return name;
  }

  tensor(name: ValueName, dims: readonly number[], data: TensorData, type?: DataTypeName): ValueName {
    this.initializers.push(makeTensor(name, dims, data, type));
    return name;
  }

  /** An int64 vector constant; equal ones are stored once. */
  ints(values: readonly number[]): ValueName {
    return this.#constant(`i${values.join(',')}`, [values.length], BigInt64Array.from(values, BigInt));
  }

  /** An int64 scalar constant. */
  int(value: number): ValueName {
    return this.#constant(`s${value}`, [], BigInt64Array.of(BigInt(value)));
  }

  /** A float32 scalar constant. */
  float(value: number): ValueName {
    return this.#constant(`f${value}`, [], Float32Array.of(value));
  }

  #constant(key: string, dims: readonly number[], data: TensorData): ValueName {
    let name = this.#constants.get(key);
    if (name === undefined) {
      name = this.tensor(this.fresh('const'), dims, data);
      this.#constants.set(key, name);
    }
    return name;
  }

  /** Emits a node and returns the name of its first output. */
  op(opType: string, inputs: readonly ValueName[], options: NodeOptions = {}): ValueName {
    const outputs = options.outputs ?? [this.fresh(opType)];
    this.nodes.push(makeNode(opType, inputs, outputs, options.attributes, options.domain));
    return outputs[0]!;
  }

  /** As {@link op}, in the `com.microsoft` domain of onnxruntime's fused operators. */
  fused(opType: string, inputs: readonly ValueName[], options: NodeOptions = {}): ValueName {
    return this.op(opType, inputs, { ...options, domain: 'com.microsoft' });
  }

  add = (a: ValueName, b: ValueName): ValueName => this.op('Add', [a, b]);
  sub = (a: ValueName, b: ValueName): ValueName => this.op('Sub', [a, b]);
  mul = (a: ValueName, b: ValueName): ValueName => this.op('Mul', [a, b]);
  div = (a: ValueName, b: ValueName): ValueName => this.op('Div', [a, b]);
  neg = (x: ValueName): ValueName => this.op('Neg', [x]);
  matMul = (a: ValueName, b: ValueName): ValueName => this.op('MatMul', [a, b]);
  sigmoid = (x: ValueName): ValueName => this.op('Sigmoid', [x]);
  softmax = (x: ValueName, axis = -1): ValueName => this.op('Softmax', [x], { attributes: { axis } });
  transpose = (x: ValueName, perm: readonly number[]): ValueName =>
    this.op('Transpose', [x], { attributes: { perm } });
  reshape = (x: ValueName, shape: readonly number[]): ValueName => this.op('Reshape', [x, this.ints(shape)]);
  gather = (table: ValueName, indices: ValueName, axis = 0): ValueName =>
    this.op('Gather', [table, indices], { attributes: { axis } });
  concat = (xs: readonly ValueName[], axis: number): ValueName =>
    this.op('Concat', xs, { attributes: { axis } });
  where = (condition: ValueName, a: ValueName, b: ValueName): ValueName =>
    this.op('Where', [condition, a, b]);
  slice = (x: ValueName, axis: number, from: number, to: number): ValueName =>
    this.op('Slice', [x, this.ints([from]), this.ints([to]), this.ints([axis])]);
  reduceSum = (x: ValueName, axes: readonly number[], keepdims = true): ValueName =>
    this.op('ReduceSum', [x, this.ints(axes)], { attributes: { keepdims: keepdims ? 1 : 0 } });
  reduceMean = (x: ValueName, axes: readonly number[], keepdims = true): ValueName =>
    this.op('ReduceMean', [x, this.ints(axes)], { attributes: { keepdims: keepdims ? 1 : 0 } });

  /** The finished model. Opset 21 and IR 10 by default (ReduceMean with axes as input, 4-bit types). */
  model({ name = 'graph', opset = 21, irVersion = 10 } = {}): OnnxModel {
    return {
      irVersion,
      producerName: 'e2p-web',
      opsets: [
        { domain: '', version: opset },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name,
        nodes: this.nodes,
        initializers: this.initializers,
        inputs: this.inputs,
        outputs: this.outputs,
        valueInfo: [],
      },
    };
  }
}
