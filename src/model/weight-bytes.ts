/** The bytes of a weight, wherever they lie: in the proto, or in a file of which only the wanted part is read. */
import type { OnnxTensor } from '../onnx/onnx-model.ts';
import type { RandomAccess } from '../onnx/read-structure.ts';
import type { WeightFile } from './graph-files.ts';

/** Rows that are no farther apart than this are read together: a read costs about as much, in bytes. */
const MAX_GAP = 16 * 1024;
const MAX_READ = 1024 * 1024;

/** The tensor's data as a file of their own. */
export function weightBytes(tensor: OnnxTensor, weights: readonly WeightFile[]): RandomAccess {
  const inline = tensor.rawData ?? tensor.floatData;
  if (inline !== undefined) {
    return { size: inline.length, read: async (from, length) => inline.subarray(from, from + length) };
  }
  const entry = (key: string) => tensor.externalData.find((e) => e.key === key)?.value;
  const { file } = weights.find((w) => w.path === entry('location'))!;
  const offset = Number(entry('offset') ?? 0);
  const size = Number(entry('length') ?? file.size - offset);
  return { ...part(file, offset), size };
}

/** A file's bytes from `offset` on. */
export function part(file: RandomAccess, offset: number): RandomAccess {
  return { size: file.size - offset, read: (from, length) => file.read(offset + from, length) };
}

/** The rows of the given numbers, in that order, one behind the other. */
export async function readRows(
  from: RandomAccess,
  rowBytes: number,
  rows: readonly number[],
): Promise<Uint8Array> {
  const out = new Uint8Array(rows.length * rowBytes);
  const order = [...rows.keys()].sort((a, b) => rows[a]! - rows[b]!);
  for (let i = 0; i < order.length; ) {
    const first = rows[order[i]!]!;
    let end = i + 1;
    const next = () => rows[order[end] ?? -1];
    for (let last = first; next() !== undefined; last = next()!, end++) {
      const isNear = (next()! - last - 1) * rowBytes <= MAX_GAP;
      if (!isNear || (next()! + 1 - first) * rowBytes > MAX_READ) break;
    }
    const group = order.slice(i, end);
    const length = (rows[group.at(-1)!]! + 1 - first) * rowBytes;
    const bytes = await from.read(first * rowBytes, length);
    for (const at of group) {
      const start = (rows[at]! - first) * rowBytes;
      out.set(bytes.subarray(start, start + rowBytes), at * rowBytes);
    }
    i = end;
  }
  return out;
}
