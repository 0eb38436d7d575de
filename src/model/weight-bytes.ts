/** The bytes of a weight, wherever they lie: in the proto, or in a file of which only the wanted part is read. */
import type { OnnxTensor } from '../onnx/onnx-model.ts';
import type { RandomAccess } from '../onnx/read-structure.ts';
import type { GraphFiles, WeightFile } from './graph-files.ts';

/** A model's graph as its file has it, and where its weights lie. */
export interface ModelWeights extends Pick<GraphFiles, 'model' | 'path' | 'weights'> {
  readonly hiddenSize: number;
  readonly vocabularySize: number;
}

/** Pieces that are no farther apart than this are read together: a read costs about as much, in bytes. */
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

/** Pieces of `bytes` each, one at every `stride` bytes: those of the given numbers, in that order, one behind the other. */
export async function readPieces(
  from: RandomAccess,
  { stride, bytes }: { readonly stride: number; readonly bytes: number },
  pieces: readonly number[],
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(pieces.length * bytes);
  const order = [...pieces.keys()].sort((a, b) => pieces[a]! - pieces[b]!);
  for (let i = 0; i < order.length; ) {
    const first = pieces[order[i]!]!;
    let end = i + 1;
    const next = () => pieces[order[end] ?? -1];
    for (let last = first; next() !== undefined; last = next()!, end++) {
      const gap = (next()! - last) * stride - bytes;
      if (gap > MAX_GAP || (next()! - first) * stride + bytes > MAX_READ) break;
    }
    const group = order.slice(i, end);
    const length = (pieces[group.at(-1)!]! - first) * stride + bytes;
    const read = await from.read(first * stride, length);
    for (const at of group) {
      const start = (pieces[at]! - first) * stride;
      out.set(read.subarray(start, start + bytes), at * bytes);
    }
    i = end;
  }
  return out;
}
