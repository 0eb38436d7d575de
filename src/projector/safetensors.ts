/**
 * The safetensors format (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, raw
 * little-endian tensors. Only float32, float16 and int8 are read and written here. Everything in a file is checked before it is
 * believed; a safetensors file cannot execute anything.
 */
import { E2PError } from '../error.ts';
import { describeBytes, isLfsPointer } from '../onnx/describe-bytes.ts';
import { fromFloat16, toFloat16 } from '../onnx/float16.ts';

/** Bytes of a number, of the dtypes that a header may name here. */
const BYTES = { F64: 8, F32: 4, F16: 2, U32: 4, I8: 1, U8: 1 } as const;
const NUMBERS = ['F32', 'F16', 'I8'] as const;

type Refuse = (reason: string, cause?: unknown) => never;

/** Where a tensor lies, in bytes from the beginning of the file. */
export interface TensorPlace {
  readonly dtype: keyof typeof BYTES;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** How it is stored; default F32. */
  readonly dtype?: (typeof NUMBERS)[number];
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  /** `__metadata__`: text by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's own limit (guards JSON.parse, CWE-400). */
const MAX_HEADER_BYTES = 100_000_000;

/** @throws E2PError `invalid-projector` naming the file and what is wrong. */
export function readSafetensors(bytes: Uint8Array, fileName: string): Safetensors {
  const refuse: Refuse = (reason, cause) => {
    throw new E2PError('invalid-projector', `${fileName}: ${reason}`, { cause });
  };
  const end = headerEnd(bytes, bytes.length, refuse);
  const { places, metadata } = readHeader(bytes.subarray(0, end), bytes.length, NUMBERS, refuse);
  const tensors = new Map([...places].map(([name, place]) => [name, readTensor(name, place, bytes, refuse)]));
  return { tensors, metadata };
}

/**
 * Bytes up to the first tensor.
 * @param head the first 8 bytes of the file at least
 * @param size of the file
 */
export function headerEnd(head: Uint8Array, size: number, refuse: Refuse, most = MAX_HEADER_BYTES): number {
  const found = `found ${describeBytes(head, size)}`;
  if (head.length < 8) return refuse(`${found}, expected a safetensors file`);
  const length = Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
  if (length > most || isLfsPointer(head))
    return refuse(`${found}, expected a safetensors header at the beginning`);
  if (8 + length > size)
    return refuse(`${found} (cut short), expected a header of ${length} bytes and tensors`);
  return 8 + length;
}

/**
 * What lies where.
 * @param head the file up to its first tensor
 * @param size of the file
 */
export function readHeader(
  head: Uint8Array,
  size: number,
  dtypes: readonly TensorPlace['dtype'][],
  refuse: Refuse,
): { readonly places: ReadonlyMap<string, TensorPlace>; readonly metadata: Safetensors['metadata'] } {
  let header: Record<string, unknown> = {};
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(8)));
  } catch (cause) {
    refuse('the header is not JSON', cause);
  }
  const places = new Map<string, TensorPlace>();
  const metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header ?? {})) {
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(entry ?? {})) {
        if (typeof value !== 'string') refuse(`the metadata entry ${key} is no text`);
        metadata[key] = value;
      }
    } else places.set(name, readPlace(name, entry, { start: head.length, size, dtypes }, refuse));
  }
  return { places, metadata };
}

function readPlace(
  name: string,
  entry: unknown,
  {
    start,
    size,
    dtypes,
  }: { readonly start: number; readonly size: number; readonly dtypes: readonly TensorPlace['dtype'][] },
  refuse: Refuse,
): TensorPlace {
  const { dtype: named, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const dtype = dtypes.find((known) => known === named);
  if (dtype === undefined)
    return refuse(`tensor ${name} has dtype ${JSON.stringify(named)}, expected ${dtypes.join(', ')}`);
  const whole = (v: unknown): v is number => typeof v === 'number' && Number.isSafeInteger(v) && v >= 0;
  // Of no numbers there can be any number of rows, which whoever counts them has no memory for (CWE-770).
  if (!Array.isArray(shape) || !shape.every((d) => whole(d) && d > 0) || shape.length > 4) {
    return refuse(`tensor ${name} has shape ${JSON.stringify(shape)}, expected up to 4 whole numbers from 1`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(whole)) {
    return refuse(`tensor ${name} has data_offsets ${JSON.stringify(offsets)}, expected [from, to]`);
  }
  const [from, to] = offsets as [number, number];
  if (start + to > size) {
    return refuse(`found ${size - start} bytes of tensors (cut short), expected at least ${to} for ${name}`);
  }
  const expected = (shape as number[]).reduce((p, d) => p * d, BYTES[dtype]);
  if (to - from !== expected) {
    return refuse(
      `tensor ${name} spans bytes ${from} to ${to}, expected ${expected} bytes for [${shape.join(', ')}]`,
    );
  }
  return { dtype, shape: shape as number[], from: start + from, to: start + to };
}

function readTensor(
  name: string,
  { dtype, shape, from, to }: TensorPlace,
  bytes: Uint8Array,
  refuse: Refuse,
): NamedTensor {
  const values = numbersOf(bytes.subarray(from, to), dtype as NonNullable<NamedTensor['dtype']>);
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0)
    return refuse(`tensor ${name} holds ${values[bad]} at element ${bad}, expected finite numbers`);
  return { shape, data: values, dtype: dtype as NonNullable<NamedTensor['dtype']> };
}

/** Little-endian numbers as float32; a copy, since offsets need not be aligned. */
export function numbersOf(bytes: Uint8Array, dtype: 'F64' | 'F32' | 'F16' | 'I8'): Float32Array {
  // Slicing Node's Buffer would give a view of all of it.
  const { buffer } = Uint8Array.from(bytes);
  return {
    F64: () => Float32Array.from(new Float64Array(buffer)),
    F32: () => new Float32Array(buffer),
    F16: () => fromFloat16(new Uint16Array(buffer)),
    I8: () => Float32Array.from(new Int8Array(buffer)),
  }[dtype]();
}

/** A tensor as its bytes will stand in the file. */
export interface RawTensor {
  readonly shape: readonly number[];
  readonly dtype: TensorPlace['dtype'];
  readonly data: ArrayBufferView;
}

export function writeSafetensors({ tensors, metadata }: Safetensors): Uint8Array<ArrayBuffer> {
  const raw = [...tensors].map(([name, { shape, data, dtype = 'F32' }]): [string, RawTensor] => {
    const values = { F32: () => data, F16: () => toFloat16(data), I8: () => Int8Array.from(data) }[dtype]();
    return [name, { shape, dtype, data: values }];
  });
  return writeRaw(new Map(raw), metadata);
}

export function writeRaw(
  tensors: ReadonlyMap<string, RawTensor>,
  metadata: Safetensors['metadata'],
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, dtype, data }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The header is padded with spaces so that the data begin at a multiple of 8.
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + offset).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  let at = 8 + padded;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}
