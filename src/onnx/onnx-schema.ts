/** The protobuf schema of `.onnx` files as a table, as far as this project reads it; other fields are carried along as bytes. */

export type MessageName =
  | 'Model'
  | 'Opset'
  | 'Graph'
  | 'Node'
  | 'Attribute'
  | 'Tensor'
  | 'StringEntry'
  | 'ValueInfo'
  | 'Type'
  | 'TensorType'
  | 'Shape'
  | 'Dimension';
export type Kind =
  | 'string'
  | 'bytes'
  | 'int'
  | 'float'
  | 'ints'
  | 'varints'
  | 'fixed32s'
  | 'fixed64s'
  | MessageName;
interface Field {
  readonly key: string;
  readonly kind: Kind;
  readonly repeated?: true;
}
type Fields = Readonly<Record<number, Field>>;
const one = (key: string, kind: Kind): Field => ({ key, kind });
const many = (key: string, kind: Kind): Field => ({ key, kind, repeated: true });

/** Message → field number → name and kind. Numbers are those of onnx/onnx.proto. */
export const SCHEMA: Readonly<Record<MessageName, Fields>> = {
  Model: {
    1: one('irVersion', 'int'),
    2: one('producerName', 'string'),
    7: one('graph', 'Graph'),
    8: many('opsets', 'Opset'),
  },
  Opset: { 1: one('domain', 'string'), 2: one('version', 'int') },
  Graph: {
    1: many('nodes', 'Node'),
    2: one('name', 'string'),
    5: many('initializers', 'Tensor'),
    11: many('inputs', 'ValueInfo'),
    12: many('outputs', 'ValueInfo'),
    13: many('valueInfo', 'ValueInfo'),
  },
  Node: {
    1: many('inputs', 'string'),
    2: many('outputs', 'string'),
    3: one('name', 'string'),
    4: one('opType', 'string'),
    5: many('attributes', 'Attribute'),
    7: one('domain', 'string'),
  },
  Attribute: {
    1: one('name', 'string'),
    2: one('f', 'float'),
    3: one('i', 'int'),
    4: one('s', 'bytes'),
    5: one('t', 'Tensor'),
    6: one('g', 'Graph'),
    7: one('floats', 'fixed32s'),
    8: one('ints', 'ints'),
    9: many('strings', 'bytes'),
    11: many('graphs', 'Graph'),
    20: one('type', 'int'),
  },
  Tensor: {
    1: one('dims', 'ints'),
    2: one('dataType', 'int'),
    4: one('floatData', 'fixed32s'),
    5: one('int32Data', 'varints'),
    6: many('stringData', 'bytes'),
    7: one('int64Data', 'varints'),
    8: one('name', 'string'),
    9: one('rawData', 'bytes'),
    10: one('doubleData', 'fixed64s'),
    12: one('docString', 'string'),
    13: many('externalData', 'StringEntry'),
    14: one('dataLocation', 'int'),
  },
  StringEntry: { 1: one('key', 'string'), 2: one('value', 'string') },
  ValueInfo: { 1: one('name', 'string'), 2: one('type', 'Type') },
  Type: { 1: one('tensor', 'TensorType') },
  TensorType: { 1: one('elemType', 'int'), 2: one('shape', 'Shape') },
  Shape: { 1: many('dims', 'Dimension') },
  Dimension: { 1: one('value', 'int'), 2: one('param', 'string') },
};

/** Values that proto3 omits and the types of `onnx-model.ts` promise. */
export const REQUIRED: Partial<Record<MessageName, readonly string[]>> = {
  Model: ['irVersion'],
  Opset: ['version'],
  Tensor: ['dataType'],
  TensorType: ['elemType'],
};
