/** float32 ↔ float16 (IEEE 754 binary16), for models that compute in half precision. */
import { E2PError } from '../error.ts';

/** The largest half. */
export const MAX_FLOAT16 = 65504;
const scratch = new DataView(new ArrayBuffer(4));

/**
 * Bits of each value, rounded to nearest, ties to even.
 * @throws E2PError `invalid-argument` where a value is beyond ±65504 or not a number.
 */
export function toFloat16(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    // From 65520 on, nearest-even rounding would give infinity.
    if (!(Math.abs(value) < MAX_FLOAT16 + 16)) {
      throw new E2PError(
        'invalid-argument',
        `a value does not fit float16, expected at most ±${MAX_FLOAT16}`,
      );
    }
    return float16Bits(value);
  });
}

function float16Bits(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 127;
  const mantissa = (bits & 0x7fffff) | 0x800000;
  if (exponent < -25) return sign;
  // Subnormal halves lose one more bit per step below 2^-14.
  const drop = exponent < -14 ? -exponent - 1 : 13;
  const kept = mantissa >>> drop;
  const rest = mantissa & ((1 << drop) - 1);
  const half = 1 << (drop - 1);
  const rounded = kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0);
  // Adding the mantissa with its leading bit lets a carry run into the exponent.
  return sign | (exponent < -14 ? rounded : ((exponent + 14) << 10) + rounded);
}

/** Values of float16 bits; a `Float16Array` (which newer browsers' runtimes return) is read as it is. */
export function fromFloat16(values: ArrayLike<number>): Float32Array {
  if (!(values instanceof Uint16Array)) return Float32Array.from(values);
  return Float32Array.from(values, (bits) => {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}
