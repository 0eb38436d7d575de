/**
 * The safetensors format (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header, raw
 * little-endian tensors. Only float32, float16 and int8 are read and written here. Everything in a file is checked before it is
 * believed; a safetensors file cannot execute anything.
 */
import { E2PError } from '../error.ts';
import { describeBytes, isLfsPointer } from '../onnx/describe-bytes.ts';
import { fromFloat16, toFloat16 } from '../onnx/float16.ts';

const BYTES = { F32: 4, F16: 2, I8: 1 } as const;

export interface NamedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** How it is stored; default F32. */
  readonly dtype?: keyof typeof BYTES;
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
  const refuse = (reason: string, cause?: unknown): never => {
    throw new E2PError('invalid-projector', `${fileName}: ${reason}`, { cause });
  };
  const found = `found ${describeBytes(bytes)}`;
  if (bytes.length < 8) refuse(`${found}, expected a safetensors file`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || isLfsPointer(bytes))
    refuse(`${found}, expected a safetensors header at the beginning`);
  if (8 + length > bytes.length)
    refuse(`${found} (cut short), expected a header of ${length} bytes and tensors`);
  let header: Record<string, unknown> = {};
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)));
  } catch (cause) {
    refuse('the header is not JSON', cause);
  }
  const data = bytes.subarray(8 + length);
  const tensors = new Map<string, NamedTensor>();
  const metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header ?? {})) {
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(entry ?? {})) metadata[key] = String(value);
    } else tensors.set(name, readTensor(name, entry, data, refuse));
  }
  return { tensors, metadata };
}

function readTensor(
  name: string,
  entry: unknown,
  data: Uint8Array,
  refuse: (reason: string) => never,
): NamedTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isDtype(dtype)) {
    return refuse(`tensor ${name} has dtype ${String(dtype)}, expected ${Object.keys(BYTES).join(', ')}`);
  }
  const whole = (v: unknown): v is number => typeof v === 'number' && Number.isSafeInteger(v) && v >= 0;
  if (!Array.isArray(shape) || !shape.every(whole) || shape.length > 4) {
    return refuse(`tensor ${name} has shape ${JSON.stringify(shape)}, expected up to 4 whole numbers`);
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(whole)) {
    return refuse(`tensor ${name} has data_offsets ${JSON.stringify(offsets)}, expected [from, to]`);
  }
  const [from, to] = offsets as [number, number];
  if (to > data.length) {
    return refuse(`found ${data.length} bytes of tensors (cut short), expected at least ${to} for ${name}`);
  }
  const expected = (shape as number[]).reduce((p, d) => p * d, BYTES[dtype]);
  if (to - from !== expected) {
    return refuse(
      `tensor ${name} spans bytes ${from} to ${to}, expected ${expected} bytes for [${shape.join(', ')}]`,
    );
  }
  // A copy: offsets need not be aligned, and slicing Node's Buffer would give a view of all of it.
  const { buffer } = Uint8Array.from(data.subarray(from, to));
  const values = {
    F32: () => new Float32Array(buffer),
    F16: () => fromFloat16(new Uint16Array(buffer)),
    I8: () => Float32Array.from(new Int8Array(buffer)),
  }[dtype]();
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0)
    return refuse(`tensor ${name} holds ${values[bad]} at element ${bad}, expected finite numbers`);
  return { shape: shape as number[], data: values, dtype };
}

const isDtype = (value: unknown): value is keyof typeof BYTES =>
  typeof value === 'string' && Object.hasOwn(BYTES, value);

export function writeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  const stored = [...tensors].map(([name, { shape, data, dtype = 'F32' }]) => {
    const values = { F32: () => data, F16: () => toFloat16(data), I8: () => Int8Array.from(data) }[dtype]();
    header[name] = { dtype, shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
    return values;
  });
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The header is padded with spaces so that the data begin at a multiple of 8.
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + offset).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(json, 8);
  let at = 8 + padded;
  for (const values of stored) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}
