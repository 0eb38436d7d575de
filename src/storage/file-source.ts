/**
 * Where the files of a base model come from. A source answers one question: the bytes of a file of the Hub
 * layout (`config.json`, `tokenizer.json`, `onnx/model_q4.onnx` …), or undefined where there is none.
 */
import { E2PError } from '../error.ts';
import { describeBytes, isLfsPointer } from '../onnx/describe-bytes.ts';
import type { RandomAccess } from '../onnx/read-structure.ts';
import type { ExternalData } from '../runtime/runtime.ts';

export interface FetchProgress {
  /** Path inside the model folder. */
  readonly file: string;
  /** Bytes so far, over this file. */
  readonly loaded: number;
  /** Bytes in all; undefined where the server does not say. */
  readonly total: number | undefined;
  /** True where the bytes came from this device and not over the network. */
  readonly cached: boolean;
  /** Another tab downloads it, and this one waits. */
  readonly elsewhere?: true;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined;
}

/** A file that need not be in memory, and how a runtime is given it. */
export interface OpenFile extends RandomAccess {
  readonly data: ExternalData['data'];
}

/** A file that is made once of others of its source. */
export interface MadeFile {
  readonly path: string;
  /** Paths of what it is made of, all of which were opened. */
  readonly from: readonly string[];
  /** How: another text where the same files give another result. */
  readonly recipe: string;
  /** Bytes. Asked only where it is made. */
  size(): Promise<number>;
  /** From its first byte to its last. */
  pieces(): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

export interface FileSource {
  /** Names the source in error messages. */
  readonly name: string;
  /** The file's bytes, or undefined if the source has no such file. */
  read(path: string, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /** More than that it is not there, where the source knows more of a missing file. */
  whyMissing?(path: string): string | undefined;
  /** Bytes of a file, without reading it; absent where the source has nothing to say, and then no load has a total. */
  size?(path: string, options?: Pick<ReadOptions, 'signal'>): Promise<number | 'absent' | 'unknown'>;
  /** The first bytes of a file, `length` at most, without the rest; undefined where they can't be had alone. */
  head?(path: string, length: number, options?: Pick<ReadOptions, 'signal'>): Promise<Uint8Array | undefined>;
  /** Paths of what is there, of a disk those in the folder itself and in `onnx/`; absent where the source can't tell. */
  list?(): Promise<readonly string[]>;
  /** As `read`, for files too large to read whole; absent where the source has no better way. */
  open?(path: string, options?: ReadOptions): Promise<OpenFile | undefined>;
  /** Makes a file, or finds it where it was kept; absent where nothing is kept. Progress is told while it is being made. */
  make?(made: MadeFile, options?: ReadOptions): Promise<OpenFile>;
}

/** The file at random access; in memory where the source knows no other way. Undefined if it is absent. */
export async function openFile(
  source: FileSource,
  path: string,
  options?: ReadOptions,
): Promise<OpenFile | undefined> {
  if (source.open !== undefined) return source.open(path, options);
  const bytes = await source.read(path, options);
  return (
    bytes && {
      size: bytes.length,
      read: async (offset, length) => bytes.subarray(offset, offset + length),
      data: bytes,
    }
  );
}

/** The file, kept if the source keeps any; its bytes are handed to a Blob, which a browser may put on a disk. */
export async function makeFile(
  source: FileSource,
  made: MadeFile,
  options: ReadOptions = {},
): Promise<OpenFile> {
  if (source.make !== undefined) return source.make(made, options);
  const { path: file } = made;
  const total = await made.size();
  const parts: Blob[] = [];
  let loaded = 0;
  for await (const piece of made.pieces()) {
    options.signal?.throwIfAborted();
    parts.push(new Blob([piece]));
    loaded += piece.length;
    options.onProgress?.({ file, loaded, total, cached: false });
  }
  return openBlob(new Blob(parts));
}

export function openBlob(data: Blob): OpenFile {
  const read = async (offset: number, length: number) =>
    new Uint8Array(await data.slice(offset, offset + length).arrayBuffer());
  return { size: data.size, read, data };
}

/** @throws E2PError `invalid-model` if the file is absent. */
export async function readRequired(
  source: FileSource,
  path: string,
  options?: ReadOptions,
): Promise<Uint8Array> {
  const bytes = await source.read(path, options);
  if (bytes === undefined) {
    throw missingFile(source, path);
  }
  return bytes;
}

export function missingFile(source: FileSource, path: string): E2PError {
  const why = source.whyMissing?.(path);
  return new E2PError(
    'invalid-model',
    `${source.name}: the file ${path} is missing${why === undefined ? '' : ` (${why})`}`,
  );
}

/** A JSON object; `{}` where the file is optional and absent. */
export async function readJson(
  source: FileSource,
  path: string,
  options?: ReadOptions & { readonly optional?: boolean },
): Promise<Record<string, unknown>> {
  const bytes = options?.optional
    ? await source.read(path, options)
    : await readRequired(source, path, options);
  if (bytes === undefined) return {};
  const code = path.startsWith('tokenizer') ? 'invalid-tokenizer' : 'invalid-model';
  let value: unknown;
  try {
    value = parsePythonJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    const why = isLfsPointer(bytes) ? `found ${describeBytes(bytes)}` : (cause as Error).message;
    throw new E2PError(code, `${source.name}: ${path} is not JSON: ${why}`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new E2PError(code, `${source.name}: ${path} holds no JSON object`);
}

/** A text, or a number that JSON has no word for and Python writes all the same. */
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/** JSON as Python's module writes it: with `Infinity`, and with `NaN`, which becomes null. (A byte order mark is the decoder's to drop.) */
function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const plain = text.replace(TEXT_OR_NUMBER, (found) =>
      found.startsWith('"') ? found : found === 'NaN' ? 'null' : found.replace('Infinity', '1e999'),
    );
    if (plain === text) throw error;
    return JSON.parse(plain);
  }
}
