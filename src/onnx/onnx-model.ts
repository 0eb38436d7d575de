/**
 * An ONNX model as plain, immutable data (onnx/onnx.proto, IR version 3 to 13). Think of it as the parsed
 * file with one difference: weights are *views* into the bytes that were read, never copies. Every rewrite
 * takes a model and returns a new one that shares what did not change. Fields this project never looks at
 * travel along in `unknown`, byte for byte.
 */

/** An int64 of the file: a number where it is exact, else a bigint (e.g. INT64_MAX as a slice end). */
export type Int64 = number | bigint;

interface Message {
  /** Fields without a name here, each as its original tag and payload bytes. */
  readonly unknown?: readonly Uint8Array[];
}

export interface StringEntry extends Message {
  readonly key: string;
  readonly value: string;
}

export interface OnnxTensor extends Message {
  readonly name: string;
  readonly dims: readonly number[];
  /** A {@link DataType} number. */
  readonly dataType: number;
  /** Little-endian elements; int4/uint4 packed two to a byte, low nibble first. */
  readonly rawData?: Uint8Array;
  /** `float_data` as little-endian float32 bytes, a view where the file packs it. */
  readonly floatData?: Uint8Array;
  readonly doubleData?: Uint8Array;
  /** `int32_data`, `int64_data` as packed varints, a view where the file packs them. */
  readonly int32Data?: Uint8Array;
  readonly int64Data?: Uint8Array;
  readonly stringData: readonly Uint8Array[];
  /** location, offset, length (decimal strings) of bytes outside of the proto. */
  readonly externalData: readonly StringEntry[];
  /** 1 = the data is external. */
  readonly dataLocation?: number;
  readonly docString?: string;
}

export interface OnnxAttribute extends Message {
  readonly name: string;
  /** AttributeProto.AttributeType: 1 float, 2 int, 3 string, 4 tensor, 5 graph, 6 floats, 7 ints, 8 strings. */
  readonly type?: number;
  readonly f?: number;
  readonly i?: Int64;
  readonly s?: Uint8Array;
  readonly t?: OnnxTensor;
  readonly g?: OnnxGraph;
  readonly floats?: Uint8Array;
  readonly ints: readonly Int64[];
  readonly strings: readonly Uint8Array[];
  readonly graphs: readonly OnnxGraph[];
}

export interface OnnxNode extends Message {
  readonly opType: string;
  readonly domain: string;
  readonly name: string;
  /** Value names; '' stands for an optional input that is not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
}

/** A symbolic name, a fixed number, or (neither) unknown. */
export interface OnnxDimension extends Message {
  readonly value?: Int64;
  readonly param: string;
}

export interface OnnxType extends Message {
  readonly tensor?: Message & {
    readonly elemType: number;
    readonly shape?: Message & { readonly dims: readonly OnnxDimension[] };
  };
}

export interface OnnxValueInfo extends Message {
  readonly name: string;
  readonly type?: OnnxType;
}

export interface OnnxGraph extends Message {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
  readonly valueInfo: readonly OnnxValueInfo[];
}

export interface OnnxModel extends Message {
  readonly irVersion: number;
  readonly opsets: readonly (Message & { readonly domain: string; readonly version: number })[];
  readonly producerName: string;
  readonly graph: OnnxGraph;
}

/** Element types (TensorProto.DataType) that occur in language models. */
export const DataType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
  uint4: 21,
  int4: 22,
} as const;
export type DataTypeName = keyof typeof DataType;

/** The name of an element type, or `type 99` for one that has none here. */
export function dataTypeName(type: number): DataTypeName | `type ${number}` {
  for (const [name, value] of Object.entries(DataType)) if (value === type) return name as DataTypeName;
  return `type ${type}`;
}

/** With its domain, but for the standard's own: `com.microsoft` has operators of the same names with other inputs. */
export const operatorName = ({ domain, opType }: Pick<OnnxNode, 'domain' | 'opType'>): string =>
  domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;

export function attribute(node: OnnxNode, name: string): OnnxAttribute | undefined {
  return node.attributes.find((a) => a.name === name);
}

/** An integer attribute, or `fallback` where the node does not give it. */
export function intAttribute(node: OnnxNode, name: string, fallback: number): number {
  const value = attribute(node, name)?.i;
  return value === undefined ? fallback : Number(value);
}

export function floatAttribute(node: OnnxNode, name: string, fallback: number): number {
  return attribute(node, name)?.f ?? fallback;
}

/** The dims of a value: a number, a symbolic name, or `?`. Undefined where the file states no shape. */
export function shapeOf(value: OnnxValueInfo): readonly (number | string)[] | undefined {
  return value.type?.tensor?.shape?.dims.map((d) =>
    d.value !== undefined ? Number(d.value) : d.param === '' ? '?' : d.param,
  );
}
