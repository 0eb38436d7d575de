/**
 * Values of small tensors in a file, whichever of the protobuf fields holds them. For constants (axes, scales,
 * shapes), not for weights: those stay where they are.
 */
import { PbfReader } from 'pbf';
import { fromFloat16 } from './float16.ts';
import type { OnnxTensor } from './onnx-model.ts';
import { DataType } from './onnx-model.ts';

/** Elements of a tensor, or the elements that its dims promise: 1 for a scalar. */
export function elementCount(tensor: OnnxTensor): number {
  return tensor.dims.reduce((product, d) => product * Number(d), 1);
}

/** The numbers of an integer or float tensor; undefined where the data is external or of another type. */
export function numbersOf(tensor: OnnxTensor): number[] | undefined {
  const packed = tensor.int64Data ?? tensor.int32Data;
  if (packed !== undefined) {
    const reader = new PbfReader(packed);
    const values: number[] = [];
    while (reader.pos < packed.length) values.push(reader.readVarint(true));
    // There float16 is stored by its bits.
    return tensor.dataType === DataType.float16 ? [...fromFloat16(Uint16Array.from(values))] : values;
  }
  const bytes = tensor.rawData ?? tensor.floatData ?? tensor.doubleData;
  if (bytes === undefined) return elementCount(tensor) === 0 ? [] : undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readers[tensor.dataType];
  if (read === undefined || bytes.length % read.size !== 0) return undefined;
  return Array.from({ length: bytes.length / read.size }, (_, i) => read.at(view, i * read.size));
}

const readers: Record<number, { size: number; at: (view: DataView, offset: number) => number }> = {
  [DataType.float32]: { size: 4, at: (v, o) => v.getFloat32(o, true) },
  [DataType.float16]: { size: 2, at: (v, o) => fromFloat16(Uint16Array.of(v.getUint16(o, true)))[0]! },
  [DataType.float64]: { size: 8, at: (v, o) => v.getFloat64(o, true) },
  [DataType.int64]: { size: 8, at: (v, o) => Number(v.getBigInt64(o, true)) },
  [DataType.int32]: { size: 4, at: (v, o) => v.getInt32(o, true) },
  [DataType.bool]: { size: 1, at: (v, o) => v.getUint8(o) },
  [DataType.uint8]: { size: 1, at: (v, o) => v.getUint8(o) },
  [DataType.int8]: { size: 1, at: (v, o) => v.getInt8(o) },
};
