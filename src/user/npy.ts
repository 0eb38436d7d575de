/**
 * NumPy's file format, versions 1 to 3 (numpy.org/doc/stable/reference/generated/numpy.lib.format.html): a magic word, a header that is
 * a Python dictionary as text, raw numbers. Only little-endian floats in C order, of one or two dimensions, are read.
 */
import { numbersOf } from '../projector/safetensors.ts';

/** `\x93NUMPY` */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const DTYPES = { '<f8': ['F64', 8], '<f4': ['F32', 4], '<f2': ['F16', 2] } as const;
/** Bytes of a header (CWE-400); NumPy's own are padded to some hundred at most. */
const MAX_HEADER = 65_536;

/** Numbers [rows, dim], of which no row is read before it is wanted. */
export interface Matrix {
  readonly rows: number;
  readonly dim: number;
  /** Rows from `from` on, one behind the other. */
  read(from: number, count: number): Float32Array;
}

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/** @param refuse throws; told the field, what was found and what was expected */
export function readNpy(
  bytes: Uint8Array,
  refuse: (field: string, found: string, expected: string) => never,
): Matrix & { readonly shape: readonly number[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) refuse('the npy version', String(version), '1, 2 or 3');
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) refuse('the npy header', `${bytes.length} bytes (cut short)`, 'a header');
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const end = start + length;
  if (length > MAX_HEADER || end > bytes.length)
    refuse('the npy header', `${bytes.length - start} bytes (cut short)`, `${length} bytes`);
  const header = new TextDecoder().decode(bytes.subarray(start, end));
  const descr = /'descr': *'([^']{1,8})'/.exec(header)?.[1];
  const known = Object.keys(DTYPES);
  if (descr === undefined || !known.includes(descr))
    return refuse('descr', descr ?? 'no single dtype', known.join(', '));
  const [dtype, size] = DTYPES[descr as keyof typeof DTYPES];
  const shape = (/'shape': *\(([\d, ]*)\)/.exec(header)?.[1] ?? '').split(',').filter((d) => d.trim() !== '');
  if (shape.length !== 1 && shape.length !== 2)
    return refuse('shape', `${shape.length} dimensions`, '1 or 2, as [dim] or [rows, dim]');
  const [rows, dim] = shape.length === 1 ? [1, Number(shape[0])] : [Number(shape[0]), Number(shape[1])];
  if (rows > 1 && dim > 1 && !/'fortran_order': *False/.test(header))
    return refuse('fortran_order', 'True', 'False (numpy.ascontiguousarray)');
  if (bytes.length - end !== rows * dim * size) {
    const expected = `${rows * dim * size} for [${shape.map(Number).join(', ')}]`;
    return refuse('the npy data', `${bytes.length - end} bytes`, expected);
  }
  return {
    ...{ rows, dim, shape: shape.map(Number) },
    read: (from, count) =>
      numbersOf(bytes.subarray(end + from * dim * size, end + (from + count) * dim * size), dtype),
  };
}
