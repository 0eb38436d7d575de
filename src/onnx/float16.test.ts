import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from './float16.ts';

describe('float16', () => {
  it('every finite half goes through float32 and back unchanged', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((bits) => ((bits >> 10) & 31) !== 31);
    expect(toFloat16(fromFloat16(all))).toEqual(all);
  });

  it('rounds to nearest, ties to even (IEEE 754 binary16)', () => {
    const cases: [number, number][] = [
      [1, 0x3c00],
      [1 + 2 ** -11, 0x3c00], // a tie: down to even
      [1 + 3 * 2 ** -11, 0x3c02], // a tie: up to even
      [1 + 2 ** -11 + 2 ** -20, 0x3c01],
      [65504, 0x7bff],
      [65519, 0x7bff],
      [2 ** -24, 1],
      [2 ** -25, 0], // a tie: down to even zero
      [2 ** -25 + 2 ** -40, 1],
      [2 ** -14 - 2 ** -26, 0x0400], // carries from subnormal to normal
      [-0, 0x8000],
    ];
    for (const [value, bits] of cases) expect(toFloat16(Float32Array.of(value))[0], String(value)).toBe(bits);
  });

  it.each([
    65520,
    -70000,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ])('%d is refused, not turned into infinity', (v) => {
    expect(() => toFloat16(Float32Array.of(v))).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });
});
