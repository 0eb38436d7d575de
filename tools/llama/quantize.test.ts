import { describe, expect, it } from 'vitest';
import { dequantize4, quantize4 } from './quantize.ts';

describe('four-bit weights', () => {
  it('give back what lies on a grid exactly', () => {
    const grid = Float32Array.from({ length: 64 }, (_, i) => ((i * 7) % 16) - 8).map((q) => q * 0.25);
    expect(dequantize4(quantize4(grid, 2, 32))).toEqual(grid);
  });

  it('pack the low nibble first and keep 8 for zero', () => {
    const row = new Float32Array(32);
    row.set([-8, 7, 0, 1]);
    const { packed, scales } = quantize4(row, 1, 32);
    expect(scales[0]).toBe(1);
    expect([...packed.subarray(0, 3)]).toEqual([0xf0, 0x98, 0x88]);
  });

  it('fill up the last block of a row with zeros', () => {
    const matrix = Float32Array.from({ length: 2 * 40 }, (_, i) => Math.sin(i));
    const quantized = quantize4(matrix, 2, 40);
    expect(quantized).toMatchObject({ blocks: 2 });
    expect(quantized.packed).toHaveLength(2 * 2 * 16);
    expect(dequantize4(quantized)).toHaveLength(80);
    const last = quantized.packed.subarray(16 + 4, 32);
    expect(last.every((byte) => byte === 0x88)).toBe(true);
  });

  it('lose less than a scale that just covers the largest weight', () => {
    const matrix = Float32Array.from({ length: 64 * 32 }, (_, i) => Math.tan(1.4 * Math.sin(i * 12.9898)));
    const ours = squaredError(matrix, dequantize4(quantize4(matrix, 64, 32)));
    let covering = 0;
    for (let b = 0; b < 64; b++) {
      const block = matrix.subarray(b * 32, b * 32 + 32);
      const extreme = block.reduce((m, w) => (Math.abs(w) > Math.abs(m) ? w : m), 0);
      const scale = extreme / -8;
      const rounded = block.map((w) => Math.max(-8, Math.min(7, Math.round(w / scale))) * scale);
      covering += squaredError(block, rounded);
    }
    expect(ours).toBeLessThan(0.95 * covering);
  });

  it('keep a block of zeros zero', () => {
    expect(dequantize4(quantize4(new Float32Array(32), 1, 32))).toEqual(new Float32Array(32));
  });
});

const squaredError = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0);
