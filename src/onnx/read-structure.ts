/**
 * Reads the structure of an `.onnx` file and leaves its weights where they are: every larger tensor of the main graph
 * becomes external data (location, offset, length) that points into the file itself. Of a file of gigabytes some
 * hundred kilobytes are read.
 */
import { PbfReader, PbfWriter } from 'pbf';
import { E2PError } from '../error.ts';
import { describeBytes } from './describe-bytes.ts';
import { joined, notOnnx } from './onnx-file.ts';

/** Bytes on a disk or in memory, read a piece at a time. */
export interface RandomAccess {
  readonly size: number;
  /** Exactly `length` bytes from `offset` on; both are within the size. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** The same, faster for many reads in a row; absent where all are as fast. */
  during?<T>(work: (file: RandomAccess) => Promise<T>): Promise<T>;
}

/** Bytes of a file that is read at once. */
export const AT_A_GLANCE = 4 * 2 ** 20;

/** Constants below this size stay inline: shape arithmetic wants to read them while a session is made. */
const MIN_EXTERNAL_BYTES = 1024;
/** Of a larger file, read where a field's head is wanted. */
const WINDOW = 4096;
/** Largest field that is no weight; a real one has some hundred bytes. */
const MAX_FIELD = 64 * 1024 * 1024;

/** Field numbers of onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_FLOAT_DATA = 4;
const TENSOR_RAW_DATA = 9;
const TENSOR_EXTERNAL_DATA = 13;
const TENSOR_DATA_LOCATION = 14;

/**
 * The file as a small proto for `readOnnx`.
 * @param location the name under which the runtime is given the file
 * @throws E2PError `invalid-onnx` where a length reaches beyond its message
 */
export async function readStructure(
  file: RandomAccess,
  location: string,
  fileName = location,
): Promise<Uint8Array> {
  const scan = (opened: RandomAccess) => scanAll(new Scanner(opened, fileName), file.size, location);
  return file.during === undefined ? scan(file) : file.during(scan);
}

async function scanAll(scan: Scanner, size: number, location: string): Promise<Uint8Array> {
  const parts = await scan.message(0, size, async (field) => {
    if (field.number !== MODEL_GRAPH || field.wire !== 2) return undefined;
    const graph = await scan.message(field.start, field.end, async (inner) => {
      if (inner.number !== GRAPH_INITIALIZER || inner.wire !== 2) return undefined;
      return nested(GRAPH_INITIALIZER, await tensor(scan, inner, location));
    });
    return nested(MODEL_GRAPH, graph);
  });
  return joined(parts);
}

async function tensor(scan: Scanner, { start, end }: Field, location: string): Promise<Uint8Array[]> {
  let weight: Field | undefined;
  const parts = await scan.message(start, end, async (field) => {
    const isData = field.number === TENSOR_RAW_DATA || field.number === TENSOR_FLOAT_DATA;
    if (!isData || field.wire !== 2 || field.end - field.start < MIN_EXTERNAL_BYTES) return undefined;
    weight = field;
    return [];
  });
  if (weight === undefined) return parts;
  const writer = new PbfWriter();
  const entries = { location, offset: String(weight.start), length: String(weight.end - weight.start) };
  for (const entry of Object.entries(entries)) {
    writer.writeMessage(
      TENSOR_EXTERNAL_DATA,
      ([key, value], w) => {
        w.writeStringField(1, key);
        w.writeStringField(2, value);
      },
      entry,
    );
  }
  writer.writeVarintField(TENSOR_DATA_LOCATION, 1);
  return [...parts, writer.finish()];
}

interface Field {
  readonly number: number;
  readonly wire: number;
  /** Of the content, behind tag and length. */
  readonly start: number;
  readonly end: number;
}

class Scanner {
  readonly #file: RandomAccess;
  readonly #name: string;
  #window: { readonly from: number; readonly bytes: Uint8Array } = { from: 0, bytes: new Uint8Array() };

  constructor(file: RandomAccess, name: string) {
    this.#file = file;
    this.#name = name;
  }

  /** The fields of the message in [start, end), each as it is or as `change` gives it back. */
  async message(
    start: number,
    end: number,
    change: (field: Field) => Promise<readonly Uint8Array[] | undefined>,
  ): Promise<Uint8Array[]> {
    const parts: Uint8Array[] = [];
    for (let at = start; at < end; ) {
      const field = await this.#field(at, end);
      const changed = await change(field);
      if (changed !== undefined) parts.push(...changed);
      else if (field.end - at > MAX_FIELD) {
        const found = `a field of ${field.end - at} bytes that is no weight`;
        throw new E2PError('invalid-onnx', `${this.#name}: found ${found}, expected at most ${MAX_FIELD}`);
      } else parts.push(await this.#bytes(at, field.end - at));
      at = field.end;
    }
    return parts;
  }

  async #field(at: number, end: number): Promise<Field> {
    // A tag and a length take at most 20 bytes.
    const head = await this.#bytes(at, Math.min(20, end - at));
    const reader = new PbfReader(head);
    try {
      const tag = reader.readVarint();
      const wire = tag & 7;
      if (tag >>> 3 === 0) throw new Error('a field has the number 0');
      let length = 0;
      if (wire === 2) length = reader.readVarint();
      const start = at + reader.pos;
      if (wire !== 2) {
        reader.skip(tag);
        length = at + reader.pos - start;
      }
      if (!(start + length <= end)) throw new RangeError(`a field reaches byte ${start + length} of ${end}`);
      return { number: tag >>> 3, wire, start, end: start + length };
    } catch (cause) {
      const { size } = this.#file;
      const start = await this.#bytes(0, Math.min(WINDOW, size));
      throw notOnnx(this.#name, describeBytes(start, size), cause);
    }
  }

  async #bytes(offset: number, length: number): Promise<Uint8Array> {
    const { from, bytes } = this.#window;
    if (offset < from || offset + length > from + bytes.length) {
      const { size: all } = this.#file;
      const size = Math.min(Math.max(length, all <= AT_A_GLANCE ? all : WINDOW), all - offset);
      this.#window = { from: offset, bytes: await this.#file.read(offset, size) };
    }
    const start = offset - this.#window.from;
    return this.#window.bytes.subarray(start, start + length);
  }
}

/** A field that holds a message. */
function nested(number: number, content: readonly Uint8Array[]): Uint8Array[] {
  const head = new PbfWriter();
  head.writeTag(number, 2);
  head.writeVarint(content.reduce((sum, part) => sum + part.length, 0));
  return [head.finish(), ...content];
}
