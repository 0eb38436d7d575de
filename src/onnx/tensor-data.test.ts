import { expect, it } from 'vitest';
import { makeTensor } from './builder.ts';
import { toFloat16 } from './float16.ts';
import { numbersOf } from './tensor-data.ts';

it('numbers of float16 tensors are read from raw bytes, and from int32_data by their bits', () => {
  const values = [12, -0.5, 2 ** -14, 0];
  const bits = toFloat16(Float32Array.from(values));
  const raw = makeTensor('x', [4], bits, 'float16');
  expect(numbersOf(raw)).toEqual(values);
  const varints = [...bits].flatMap((v) => [(v & 127) | 128, ((v >> 7) & 127) | 128, v >> 14]);
  const { rawData: _, ...rest } = raw;
  expect(numbersOf({ ...rest, int32Data: Uint8Array.from(varints) })).toEqual(values);
});
