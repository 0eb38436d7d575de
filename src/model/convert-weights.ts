/** The weights of an {@link Int8Plan}, made band by band of the file's own: a band and its source are all that is in memory. */
import { type Int8Band, type Int8Plan, turnBlocks } from '../onnx/int8-weights.ts';
import type { WeightFile } from './graph-files.ts';
import { weightBytes } from './weight-bytes.ts';

/** The converted file, in pieces from its first byte to its last. */
export async function* convertWeights(
  plan: Int8Plan,
  weights: readonly WeightFile[],
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let at = 0;
  for (const band of plan.bands) {
    if (band.offset > at) yield new Uint8Array(band.offset - at);
    const bytes = convertBand(band, await readBand(band, weights));
    at = band.offset + bytes.length;
    yield bytes;
  }
  for (const { tensor, offset } of plan.kept) {
    if (offset > at) yield new Uint8Array(offset - at);
    const bytes = weightBytes(tensor, weights);
    for (let from = 0; from < bytes.size; from += PIECE_BYTES) {
      yield Uint8Array.from(await bytes.read(from, Math.min(PIECE_BYTES, bytes.size - from)));
    }
    at = offset + bytes.size;
  }
}

/** Of what stays as it is. */
const PIECE_BYTES = 4 * 2 ** 20;

/** Rows of a weight in blocks, and what scales them. */
interface BandSource {
  readonly packed: Uint8Array;
  readonly scales: Float32Array;
  readonly zeroPoints: Uint8Array | undefined;
}

async function readBand(band: Int8Band, weights: readonly WeightFile[]): Promise<BandSource> {
  const { columns, bits, blockSize, firstRow, rows } = band;
  const blocks = Math.ceil(columns / blockSize);
  const read = (tensor: Int8Band['packed'], rowBytes: number) =>
    weightBytes(tensor, weights).read(firstRow * rowBytes, rows * rowBytes);
  const [packed, scales, zeroPoints] = await Promise.all([
    read(band.packed, (blocks * blockSize * bits) / 8),
    read(band.scales, 4 * blocks),
    band.zeroPoints && read(band.zeroPoints, Math.ceil((blocks * bits) / 8)),
  ]);
  // A file may have them at any byte.
  return { packed, scales: new Float32Array(new Uint8Array(scales).buffer), zeroPoints };
}

/** int8 [columns, rows], then float32 [rows]: 1/127 of the largest magnitude of each row. */
export function convertBand(band: Int8Band, source: BandSource): Uint8Array<ArrayBuffer> {
  const { columns, bits, blockSize, turned, rows } = band;
  const { packed, scales, zeroPoints } = source;
  const blocks = Math.ceil(columns / blockSize);
  const rowBytes = (blocks * blockSize * bits) / 8;
  const zeroBytes = Math.ceil((blocks * bits) / 8);
  const out = new Uint8Array(rows * (columns + 4));
  const integers = new Int8Array(out.buffer, 0, rows * columns);
  const steps = new DataView(out.buffer, rows * columns);
  const row = new Float32Array(columns);
  const some = new Int8Array(SIDE * columns);
  for (let r = 0; r < rows; r++) {
    for (let b = 0; b < blocks; b++) {
      const scale = scales[r * blocks + b]!;
      const zero = zeroPoints === undefined ? 1 << (bits - 1) : level(zeroPoints, r * zeroBytes, b, bits);
      const end = Math.min(columns, (b + 1) * blockSize);
      for (let c = b * blockSize; c < end; c++) {
        row[c] = (level(packed, r * rowBytes, c, bits) - zero) * scale;
      }
    }
    turnBlocks(row, turned);
    let largest = 0;
    for (let c = 0; c < columns; c++) largest = Math.max(largest, Math.abs(row[c]!));
    const inverse = largest === 0 ? 0 : 127 / largest;
    const start = (r % SIDE) * columns;
    for (let c = 0; c < columns; c++) some[start + c] = Math.round(row[c]! * inverse);
    const count = (r % SIDE) + 1;
    // Several rows at once: each write across a whole band alone would miss the cache.
    if (count === SIDE || r === rows - 1) {
      for (let c = 0; c < columns; c++) {
        const to = c * rows + r + 1 - count;
        for (let i = 0; i < count; i++) integers[to + i] = some[i * columns + c]!;
      }
    }
    steps.setFloat32(4 * r, largest / 127, true);
  }
  return out;
}

/** Rows that are written together. */
const SIDE = 64;

/** The number at `index` of a row that begins at byte `start`; of two in a byte the low one first. */
const level = (bytes: Uint8Array, start: number, index: number, bits: 4 | 8): number =>
  bits === 8 ? bytes[start + index]! : (bytes[start + (index >> 1)]! >> (4 * (index & 1))) & 15;
