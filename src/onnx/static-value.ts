/**
 * What is known of a value before the graph is run: its type, its shape and, where it is a small constant, its elements. Exporters
 * compute shapes, axes and repeats in the graph; here is the arithmetic that follows them.
 */
import type { OnnxTensor } from './onnx-model.ts';
import { type Shape, sizeOf } from './shape.ts';
import { elementCount, numbersOf } from './tensor-data.ts';

export interface StaticValue {
  /** A `DataType` number. */
  readonly dataType: number;
  readonly shape: Shape;
  /** The elements, where the value is a small constant. */
  readonly numbers?: readonly number[];
}

/** Constants up to this many elements are followed: shapes, axes, how often each channel of a head is repeated. */
export const MAX_FOLDED = 1024;

export function constantValue(tensor: OnnxTensor): StaticValue {
  const value = { dataType: tensor.dataType, shape: tensor.dims.map(Number) };
  const numbers = elementCount(tensor) <= MAX_FOLDED ? numbersOf(tensor) : undefined;
  return numbers === undefined ? value : { ...value, numbers };
}

/** Of the element that is the `at`-th in row-major order. */
export const indicesOf = (at: number, shape: Shape): number[] =>
  shape.map((d, axis) => Math.floor(at / sizeOf(shape.slice(axis + 1))) % d);

/** The numbers of a small constant, broadcast. */
export function spread({ numbers, shape: from }: StaticValue, shape: Shape): readonly number[] | undefined {
  const count = sizeOf(shape);
  if (numbers === undefined || count > MAX_FOLDED) return undefined;
  if (numbers.length === count) return numbers;
  const missing = shape.length - from.length;
  return Array.from({ length: count }, (_, at) => {
    const place = indicesOf(at, shape).slice(missing);
    return numbers[from.reduce((index, d, axis) => index * d + (d === 1 ? 0 : place[axis]!), 0)]!;
  });
}

/** The numbers that are left when those along `axes` are combined. */
export function folded(
  numbers: readonly number[],
  shape: Shape,
  axes: readonly number[],
  fold: (a: number, b: number) => number,
): number[] {
  const groups = new Map<string, number>();
  for (const [at, n] of numbers.entries()) {
    const place = String(indicesOf(at, shape).filter((_, axis) => !axes.includes(axis)));
    const before = groups.get(place);
    groups.set(place, before === undefined ? n : fold(before, n));
  }
  return [...groups.values()];
}
