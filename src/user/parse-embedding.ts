/**
 * A person's vector as an app's backend hands it over: numbers, JSON, base64, a `.npy` or a safetensors file, or what the Web's proposed
 * SemanticEmbedder answers with. Whatever it was, it leaves here as an embedding of the projector's space, or as a refusal that names the
 * field, what was found and what was expected, and repeats no value.
 */
import { E2PError, readArgument } from '../error.ts';
import { describeBytes } from '../onnx/describe-bytes.ts';
import { headerEnd, numbersOf, readHeader } from '../projector/safetensors.ts';
import { isNpy, type Matrix, readNpy } from './npy.ts';
import { checkEmbedding, type EmbeddingSpace, type UserEmbedding } from './user-embedding.ts';

/** How a vector is to be read. */
export interface ParseEmbeddingOptions {
  /** What it is checked against: `personalizer.space`. */
  readonly space: EmbeddingSpace;
  /** Of numbers in base64, little-endian. Default `float32`. */
  readonly dtype?: 'float32' | 'float16';
  /** Which row of a matrix, or entry of a result; refused where there are none. Default: the only one, or all where the projector reads sets of that many. */
  readonly row?: number;
  /** Which tensor of a safetensors file; refused for whatever else. Default: the only one, else `embeddings`. */
  readonly tensor?: string;
}

/** Length of a base64 text, or of JSON (CWE-770); a set of 64 vectors of 4096 numbers as JSON has some millions. */
const MAX_TEXT = 32 * 2 ** 20;

/**
 * A vector as a backend hands it over, as an embedding of the projector's space.
 * @param given numbers; a text (JSON or base64); bytes (`.npy`, safetensors, or such a text); `{space, values}`, whose values may be
 *   base64 too; a `SemanticEmbedder` result `{embeddings: [{values, embeddingSpace}]}` or one entry of it. A space that is named has to be
 *   the projector's
 * @throws E2PError `invalid-embedding`
 */
export function parseEmbedding(given: unknown, options: ParseEmbeddingOptions): UserEmbedding {
  const { space } = options;
  const { named, values } = readArgument('the embedding', () => parse(given, options));
  return checkEmbedding({ space: named ?? space.id, values }, space);
}

interface Parsed {
  /** Space that came with it. */
  readonly named?: string;
  readonly values: Float32Array;
}

function parse(given: unknown, options: ParseEmbeddingOptions): Parsed {
  const bytes = given instanceof ArrayBuffer ? new Uint8Array(given) : given;
  // A safetensors header is JSON behind its length, of which the upper bytes are 0.
  if (bytes instanceof Uint8Array && !isNpy(bytes) && bytes[8] === 0x7b && bytes[7] === 0)
    return parseSafetensors(bytes, options);
  if (options.tensor !== undefined) refuse('the option tensor', 'given', 'none: this is no safetensors file');
  if (bytes instanceof Uint8Array) return parseBytes(bytes, options);
  if (given instanceof Float32Array) return { values: flat(given, options) };
  return typeof given === 'string' ? parseText(given, options) : parseJson(given, options);
}

function parseBytes(bytes: Uint8Array, options: ParseEmbeddingOptions): Parsed {
  if (isNpy(bytes)) return { values: rowsOf(readNpy(bytes, refuse), options) };
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('it', describeBytes(bytes), 'JSON, base64, .npy or safetensors');
  }
  return parseText(text, options);
}

function parseText(given: string, options: ParseEmbeddingOptions): Parsed {
  if (given.length > MAX_TEXT) return refuse('the text', `${given.length} characters`, `at most ${MAX_TEXT}`);
  const text = given.trim();
  if (!/^[[{]/.test(text)) return { values: fromBase64(text, options, 'the text') };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    return refuse('the text', 'no JSON', 'JSON or base64');
  }
  return parseJson(json, options);
}

type Fields = Readonly<Record<string, unknown>>;

function parseJson(json: unknown, options: ParseEmbeddingOptions): Parsed {
  if (Array.isArray(json)) return { values: listed(json, 'values', options) };
  if (typeof json !== 'object' || json === null)
    return refuse('it', kind(json), 'numbers, a text, bytes or an object with values');
  const { embeddings, values, space, embeddingSpace = space, dtype = options.dtype } = json as Fields;
  if (embeddings !== undefined) return fromEmbedder(embeddings, options);
  if (embeddingSpace !== undefined && typeof embeddingSpace !== 'string')
    return refuse('space', kind(embeddingSpace), 'a text');
  const named = embeddingSpace === undefined ? {} : { named: embeddingSpace };
  if (values instanceof Float32Array) return { ...named, values: flat(values, options) };
  if (typeof values === 'string')
    return { ...named, values: fromBase64(values, { ...options, dtype }, 'values') };
  if (Array.isArray(values)) return { ...named, values: listed(values, 'values', options) };
  return refuse('values', kind(values), 'a list of numbers, or base64');
}

/**
 * `SemanticEmbedder.embed()` (webmachinelearning/proposals#18): one entry for each text that it was given, each with the name of its space.
 */
function fromEmbedder(embeddings: unknown, options: ParseEmbeddingOptions): Parsed {
  if (!Array.isArray(embeddings) || embeddings.length === 0)
    return refuse('embeddings', kind(embeddings), 'a list of {values, embeddingSpace}');
  const { row, ...ofEntry } = options;
  if (row !== undefined) checkRow(row, embeddings.length);
  const chosen: unknown[] = row === undefined ? embeddings : [embeddings[row]];
  const read = chosen.map((one, i) =>
    Array.isArray(one) || one instanceof Float32Array || typeof one !== 'object' || one === null
      ? refuse(`embeddings[${row ?? i}]`, kind(one), '{values, embeddingSpace}')
      : parseJson(one, ofEntry),
  );
  const other = read.findIndex(({ named }) => named !== read[0]?.named);
  if (other >= 0) refuse(`embeddings[${other}].embeddingSpace`, 'another one', 'the same for all');
  return {
    ...read[0]!,
    values: joined(
      sameLength(
        read.map(({ values }) => values),
        'embeddings',
      ),
    ),
  };
}

/** Numbers, or rows of them. */
function listed(list: readonly unknown[], field: string, options: ParseEmbeddingOptions): Float32Array {
  if (!Array.isArray(list[0])) return flat(numbers(list, field), options);
  const rows = list.map((row, i) =>
    Array.isArray(row) ? numbers(row, `${field}[${i}]`) : refuse(`${field}[${i}]`, kind(row), 'a list'),
  );
  const read = (from: number, count: number) => joined(rows.slice(from, from + count));
  return rowsOf({ rows: rows.length, dim: sameLength(rows, field)[0]!.length, read }, options);
}

function sameLength(rows: readonly Float32Array[], field: string): readonly Float32Array[] {
  const { length } = rows[0]!;
  const odd = rows.findIndex((row) => row.length !== length);
  if (odd >= 0) refuse(`${field}[${odd}]`, `${rows[odd]!.length} numbers`, `${length} as in the first`);
  return rows;
}

function numbers(list: readonly unknown[], field: string): Float32Array {
  const bad = list.findIndex((value) => typeof value !== 'number');
  if (bad >= 0) refuse(`${field}[${bad}]`, kind(list[bad]), 'a number');
  return Float32Array.from(list as readonly number[]);
}

function fromBase64(
  text: string,
  { dtype = 'float32', row }: { readonly dtype?: unknown; readonly row?: number | undefined },
  field: string,
): Float32Array {
  if (dtype !== 'float32' && dtype !== 'float16')
    return refuse('dtype', typeof dtype === 'string' ? 'another word' : kind(dtype), 'float32 or float16');
  let bytes: Uint8Array;
  try {
    // Base64url (RFC 4648, section 5) too.
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    bytes = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  } catch {
    return refuse(field, 'no base64', 'base64');
  }
  const size = dtype === 'float32' ? 4 : 2;
  if (bytes.length % size !== 0 || bytes.length === 0)
    return refuse(field, `${bytes.length} bytes`, `numbers of ${size} bytes each (${dtype})`);
  return flat(numbersOf(bytes, dtype === 'float32' ? 'F32' : 'F16'), { row });
}

function parseSafetensors(bytes: Uint8Array, options: ParseEmbeddingOptions): Parsed {
  const wrong = (reason: string): never => {
    throw new E2PError('invalid-embedding', `the embedding: ${reason}`);
  };
  const head = bytes.subarray(0, headerEnd(bytes, bytes.length, wrong));
  const { places, metadata } = readHeader(head, bytes.length, ['F64', 'F32', 'F16'], wrong);
  const name = options.tensor ?? (places.size === 1 ? [...places.keys()][0]! : 'embeddings');
  const place = places.get(name);
  if (place === undefined)
    return refuse(`tensor ${JSON.stringify(name)}`, 'nothing', `one of the file's ${places.size} tensors`);
  const { shape, dtype, from } = place;
  if (shape.length !== 1 && shape.length !== 2)
    return refuse(`tensor ${JSON.stringify(name)}`, `${shape.length} dimensions`, '[dim] or [rows, dim]');
  const [rows, dim] = shape.length === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!];
  const width = dim * { F64: 8, F32: 4, F16: 2 }[dtype as 'F32'];
  const values = rowsOf(
    {
      ...{ rows, dim },
      read: (first, count) =>
        numbersOf(bytes.subarray(from + first * width, from + (first + count) * width), dtype as 'F32'),
    },
    options,
  );
  return { ...(metadata.space !== undefined && { named: metadata.space }), values };
}

/** The row that is asked for, or all of what a user may be a set of. */
function rowsOf({ rows, read }: Matrix, { row, space }: ParseEmbeddingOptions): Float32Array {
  if (row !== undefined) return read(checkRow(row, rows), 1);
  if (rows > space.vectors)
    return refuse('the matrix', `${rows} rows`, `at most ${space.vectors}, or the option row`);
  return read(0, rows);
}

/** Numbers that nothing divides into rows. */
function flat(values: Float32Array, { row }: { readonly row?: number | undefined }): Float32Array {
  return row === undefined
    ? values
    : refuse('the option row', 'given', 'none: the numbers are no rows of a matrix');
}

function checkRow(row: number, rows: number): number {
  const isThere = Number.isInteger(row) && row >= 0 && row < rows;
  return isThere ? row : refuse('row', String(row), `a whole number from 0 to ${rows - 1}`);
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}

function refuse(field: string, found: string, expected: string): never {
  throw new E2PError('invalid-embedding', `the embedding: ${field} is ${found}, expected ${expected}`);
}

/** What a value is, without saying it. */
function kind(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
