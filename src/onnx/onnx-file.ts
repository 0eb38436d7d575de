/**
 * Reading and writing `.onnx` files: a codec that walks the schema's table.
 * Reading is zero-copy for weights (`bytes` fields are views) and checks every length against the enclosing
 * message, so that a damaged file ends in a typed error and never in a huge allocation or an endless loop.
 */
import { PbfReader, PbfWriter } from 'pbf';
import { E2PError } from '../error.ts';
import { describeBytes } from './describe-bytes.ts';
import type { Int64, OnnxModel } from './onnx-model.ts';
import { type Kind, type MessageName, REQUIRED, SCHEMA } from './onnx-schema.ts';

type Draft = Record<string, unknown>;

/** Graphs nest (If, Loop); a real file stays in single digits. Guards the stack against hostile nesting (CWE-674). */
const MAX_DEPTH = 64;

/**
 * Parses a ModelProto. `fileName` appears in error messages only.
 * @throws E2PError `invalid-onnx` for anything that is not a complete ONNX model.
 */
export function readOnnx(bytes: Uint8Array, fileName = 'model.onnx'): OnnxModel {
  let model: Draft;
  try {
    model = readMessage('Model', new PbfReader(bytes), bytes.length, 0);
  } catch (cause) {
    throw notOnnx(fileName, describeBytes(bytes), cause);
  }
  if (model.graph === undefined || (model.opsets as unknown[]).length === 0) {
    throw notOnnx(fileName, describeBytes(bytes));
  }
  return model as unknown as OnnxModel;
}

/** @param cause why the bytes can't be read as protobuf; a RangeError where a field reaches beyond them */
export function notOnnx(fileName: string, found: string, cause?: unknown): E2PError {
  const why =
    cause === undefined ? 'no graph or no opset' : cause instanceof RangeError ? 'cut short' : 'no protobuf';
  const what = found.endsWith('bytes') ? `${found} (${why})` : found;
  const message = `${fileName} is not a complete ONNX model: found ${what}, expected a ModelProto`;
  return new E2PError('invalid-onnx', message, { cause });
}

/** Serialises a model. Fields appear in order of their number, unknown ones last. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const writer = new PbfWriter();
  writeMessage('Model', model as unknown as Draft, writer);
  return writer.finish();
}

/** Most lists of most messages are empty: these share one, until something is added. */
const NONE: readonly unknown[] = Object.freeze([]);
const utf8 = new TextDecoder();

function ownList(message: Draft, key: string): unknown[] {
  if (message[key] === NONE) message[key] = [];
  return message[key] as unknown[];
}

function readMessage(name: MessageName, reader: PbfReader, end: number, depth: number): Draft {
  if (depth > MAX_DEPTH) throw new Error(`messages nest deeper than ${MAX_DEPTH}`);
  const fields = SCHEMA[name];
  const message: Draft = {};
  let pieces: Record<string, Uint8Array[]> | undefined;
  for (const field of Object.values(fields)) {
    if (field.repeated || field.kind === 'ints') message[field.key] = NONE;
    else if (field.kind === 'string') message[field.key] = '';
  }
  for (const key of REQUIRED[name] ?? []) message[key] = 0;
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = reader.readVarint();
    const wire = tag & 7;
    const field = fields[tag >>> 3];
    if (field === undefined) {
      reader.skip(tag);
      checkEnd(reader.pos, end);
      if (tag >>> 3 === 0) throw new Error(`${name} has a field number 0`);
      message.unknown ??= NONE;
      addUnknown(ownList(message, 'unknown') as Uint8Array[], reader, start);
      continue;
    }
    const where = `${name}.${field.key}`;
    if (field.kind === 'ints') readInts(wire, reader, end, ownList(message, field.key) as Int64[], where);
    else if (field.kind in PACKED_WIRE) {
      pieces ??= {};
      pieces[field.key] ??= [];
      pieces[field.key]!.push(readPacked(PACKED_WIRE[field.kind]!, wire, reader, end, where));
    } else {
      const value = readValue(field.kind, wire, reader, end, depth, where);
      if (field.repeated) ownList(message, field.key).push(value);
      else message[field.key] = value;
    }
    checkEnd(reader.pos, end);
  }
  for (const [key, list] of Object.entries(pieces ?? {})) message[key] = joined(list);
  return message;
}

/** Neighbours become one view. */
function addUnknown(views: Uint8Array[], { buf, pos }: PbfReader, start: number): void {
  const last = views.at(-1);
  const lastStart = last && last.byteOffset - buf.byteOffset;
  if (last === undefined || lastStart! + last.length !== start) views.push(buf.subarray(start, pos));
  else views[views.length - 1] = buf.subarray(lastStart, pos);
}

function readValue(
  kind: Kind,
  wire: number,
  reader: PbfReader,
  end: number,
  depth: number,
  where: string,
): unknown {
  const expect = (expected: number) => expectWire(wire, expected, where);
  switch (kind) {
    case 'int':
      expect(0);
      return readInt64(reader);
    case 'float':
      expect(5);
      return reader.readFloat();
    case 'string':
      expect(2);
      return utf8.decode(readView(reader, end));
    case 'bytes':
      expect(2);
      return readView(reader, end);
    default: {
      expect(2);
      const stop = readLength(reader, end);
      return readMessage(kind as MessageName, reader, stop, depth + 1);
    }
  }
}

function expectWire(wire: number, expected: number, where: string): void {
  if (wire !== expected) throw new Error(`${where} has wire type ${wire}, expected ${expected}`);
}

/** Dims and integer attributes are short; a damaged length must not turn weights into a list of numbers. */
const MAX_INTS = 65_536;

function readInts(wire: number, reader: PbfReader, end: number, values: Int64[], where: string): void {
  if (wire === 0) values.push(readInt64(reader));
  else {
    expectWire(wire, 2, where);
    const stop = readLength(reader, end);
    while (reader.pos < stop && values.length <= MAX_INTS) values.push(readInt64(reader));
    checkEnd(reader.pos, stop);
  }
  if (values.length > MAX_INTS) throw new RangeError(`${where} has more than ${MAX_INTS} integers`);
}

/** Repeated numbers that stay bytes, by the wire type of a single one. */
const PACKED_WIRE: Partial<Record<Kind, 0 | 1 | 5>> = { varints: 0, fixed32s: 5, fixed64s: 1 };

/** The bytes of packed numbers, or of one that is not packed. */
function readPacked(
  single: 0 | 1 | 5,
  wire: number,
  reader: PbfReader,
  end: number,
  where: string,
): Uint8Array {
  if (wire === 2) return readView(reader, end);
  expectWire(wire, single, where);
  const start = reader.pos;
  if (single === 0) reader.readVarint(true);
  else reader.pos += single === 5 ? 4 : 8;
  return reader.buf.subarray(start, reader.pos);
}

/** Reads a length prefix; returns the end of the field. */
function readLength(reader: PbfReader, end: number): number {
  const length = reader.readVarint();
  const stop = reader.pos + length;
  checkEnd(stop, end);
  return stop;
}

function readView(reader: PbfReader, end: number): Uint8Array {
  const stop = readLength(reader, end);
  const view = reader.buf.subarray(reader.pos, stop);
  reader.pos = stop;
  return view;
}

function checkEnd(pos: number, end: number): void {
  if (!(pos <= end)) throw new RangeError(`a field reaches byte ${pos} of a message that ends at ${end}`);
}

/** pbf gives doubles, exact up to 2^53; beyond that the bytes are read again as a bigint. */
function readInt64(reader: PbfReader): Int64 {
  const start = reader.pos;
  const value = reader.readVarint(true);
  if (Number.isSafeInteger(value)) return value;
  let exact = 0n;
  for (let pos = start, shift = 0n; pos < reader.pos; pos++, shift += 7n) {
    exact |= BigInt((reader.buf[pos] ?? 0) & 0x7f) << shift;
  }
  return BigInt.asIntN(64, exact);
}

/** The pieces as one; a single piece as it is. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function writeMessage(name: MessageName, message: Draft, writer: PbfWriter): void {
  for (const [number, field] of Object.entries(SCHEMA[name])) {
    const value = message[field.key];
    if (value === undefined) continue;
    const tag = Number(number);
    if (field.repeated) for (const item of value as unknown[]) writeValue(tag, field.kind, item, writer);
    else if (field.kind !== 'string' || value !== '') writeValue(tag, field.kind, value, writer);
  }
  for (const raw of (message.unknown ?? []) as Uint8Array[]) {
    writer.realloc(raw.length);
    writer.buf.set(raw, writer.pos);
    writer.pos += raw.length;
  }
}

function writeValue(tag: number, kind: Kind, value: unknown, writer: PbfWriter): void {
  switch (kind) {
    case 'int':
      writer.writeTag(tag, 0);
      writeInt64(value as Int64, writer);
      return;
    case 'float':
      writer.writeFloatField(tag, value as number);
      return;
    case 'string':
      writer.writeStringField(tag, value as string);
      return;
    case 'bytes':
    case 'varints':
    case 'fixed32s':
    case 'fixed64s':
      writer.writeBytesField(tag, value as Uint8Array);
      return;
    case 'ints':
      // AttributeProto.ints and TensorProto.dims are not declared packed in onnx.proto.
      for (const item of value as Int64[]) {
        writer.writeTag(tag, 0);
        writeInt64(item, writer);
      }
      return;
    default:
      writer.writeMessage(tag, (item, w) => writeMessage(kind, item, w), value as Draft);
  }
}

function writeInt64(value: Int64, writer: PbfWriter): void {
  if (typeof value === 'number') {
    writer.writeVarint(value);
    return;
  }
  writer.realloc(10);
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    writer.buf[writer.pos++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  writer.buf[writer.pos++] = Number(rest);
}
