/**
 * Four-bit weights as onnxruntime's MatMulNBits and GatherBlockQuantized read them: blocks of 32 along a row,
 * w ≈ scale · (q - 8) with q in 0…15, two to a byte, low nibble first. The scale of a block is the one that
 * loses least (squared error), not the one that just covers the largest weight.
 */
export const BLOCK = 32;
const ZERO_POINT = 8;

export interface QuantizedMatrix {
  readonly rows: number;
  readonly columns: number;
  /** Blocks in a row; the last is filled up with zeros. */
  readonly blocks: number;
  /** [rows, blocks, 16] */
  readonly packed: Uint8Array;
  /** [rows, blocks] */
  readonly scales: Float32Array;
}

/** Quantizes a row-major matrix [rows, columns] along its columns. */
export function quantize4(matrix: Float32Array, rows: number, columns: number): QuantizedMatrix {
  const blocks = Math.ceil(columns / BLOCK);
  const packed = new Uint8Array(rows * blocks * (BLOCK / 2));
  const scales = new Float32Array(rows * blocks);
  const block = new Float32Array(BLOCK);
  for (let row = 0; row < rows; row++) {
    for (let b = 0; b < blocks; b++) {
      block.fill(0);
      block.set(
        matrix.subarray(row * columns + b * BLOCK, row * columns + Math.min(columns, (b + 1) * BLOCK)),
      );
      const at = row * blocks + b;
      const scale = Math.fround(bestScale(block));
      scales[at] = scale;
      for (let i = 0; i < BLOCK; i++) {
        const q = level(block[i]!, scale) + ZERO_POINT;
        const byte = at * (BLOCK / 2) + (i >> 1);
        packed[byte] = packed[byte]! | (q << (4 * (i & 1)));
      }
    }
  }
  return { rows, columns, blocks, packed, scales };
}

/** The matrix [rows, columns] that the quantized weights stand for. */
export function dequantize4({ rows, columns, blocks, packed, scales }: QuantizedMatrix): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const block = row * blocks + Math.floor(column / BLOCK);
    const i = column % BLOCK;
    const byte = packed[block * (BLOCK / 2) + (i >> 1)]!;
    return (((byte >> (4 * (i & 1))) & 15) - ZERO_POINT) * scales[block]!;
  });
}

/** q - 8: levels reach from -8 to 7. */
const level = (w: number, scale: number): number =>
  Math.max(-ZERO_POINT, Math.min(15 - ZERO_POINT, Math.round(w / scale)));

/**
 * Tries scales that put the largest weight at levels 5.5 to 8.5 (either sign: -8 is one level more), each
 * followed by the least-squares scale for the levels so found, Σwq / Σq².
 */
function bestScale(block: Float32Array): number {
  const largest = block.reduce((max, w) => Math.max(max, Math.abs(w)), 0);
  if (largest === 0) return 1;
  let best = 1;
  let leastError = Infinity;
  for (let reach = 5.5; reach <= 8.5; reach += 0.25) {
    for (const sign of [1, -1]) {
      let scale = (sign * largest) / reach;
      for (let round = 0; round < 2; round++) {
        let [wq, qq] = [0, 0];
        for (const w of block) {
          const q = level(w, scale);
          wq += w * q;
          qq += q * q;
        }
        scale = wq / qq;
      }
      let error = 0;
      for (const w of block) error += (w - level(w, scale) * scale) ** 2;
      if (error < leastError) [best, leastError] = [scale, error];
    }
  }
  return best;
}
