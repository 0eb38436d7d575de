/**
 * Rows of the embedding table as the model reads them. Their bytes are read by ranges and onnxruntime dequantises them
 * through the model's own lookup, so the table is never in memory, whatever form it has.
 */
import { E2PError } from '../error.ts';
import { operatorsOf } from '../onnx/inspect/inspect-graph.ts';
import { LOOKUP_IDS, type LookupGraph, lookupGraph, lookupOfRows } from '../onnx/lookup-graph.ts';
import { lower } from '../onnx/lower/lower.ts';
import { joined, writeOnnx } from '../onnx/onnx-file.ts';
import { DataType, type OnnxModel } from '../onnx/onnx-model.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';
import { type ModelWeights, part, readPieces, weightBytes } from './weight-bytes.ts';
import type { WeightSample } from './weight-samples.ts';

/** Of embeddings, in one session. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * float32 [ids.length, H], behind the model's scale.
 * @throws E2PError `invalid-argument` for an id that the table has no row for, `runtime-failed`.
 */
export async function tokenEmbeddings(
  options: ModelWeights,
  runtime: Runtime,
  ids: readonly number[],
): Promise<Float32Array> {
  const { vocabularySize, path } = options;
  const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
  if (wrong !== undefined) {
    const expected = `expected a whole number from 0 to ${vocabularySize - 1}`;
    throw new E2PError('invalid-argument', `${path}: token id ${wrong}, ${expected}`);
  }
  return rowsOf(options, lookupGraph(options.model, path), runtime, ids);
}

/** Lowest and highest codes of quantised numbers, as bytes: two codes a byte where they have 4 bits. */
const CODES: Readonly<Record<number, readonly [lowest: number, highest: number]>> = {
  [DataType.uint8]: [0, 0xff],
  [DataType.int8]: [0x80, 0x7f],
  [DataType.uint4]: [0, 0xff],
  [DataType.int4]: [0x88, 0x77],
};

/**
 * The same rows, and how exact they are: steps are told by looking up a table that is filled with the lowest code, and one
 * with the highest. Undefined where the table is neither of floats nor of such codes.
 */
export async function sampleEmbeddings(
  options: ModelWeights,
  runtime: Runtime,
  ids: readonly number[],
): Promise<WeightSample | undefined> {
  const lookup = lookupGraph(options.model, options.path);
  const { table, rows } = lookup;
  const values = await rowsOf(options, lookup, runtime, ids);
  if (table.dataType === DataType.float32 || table.dataType === DataType.float16) {
    return { values, steps: new Float32Array(values.length) };
  }
  const codes = CODES[table.dataType];
  const weight = rows?.weights.find(({ tensor }) => tensor.name === table.name);
  if (codes === undefined || weight === undefined) return undefined;
  const [lowest, highest] = [
    await rowsOf(options, lookup, runtime, ids, codes[0]),
    await rowsOf(options, lookup, runtime, ids, codes[1]),
  ];
  const bits = (8 * weight.pieces * weight.pieceBytes) / options.hiddenSize;
  return {
    values: values.map((v, i) => (v === lowest[i] || v === highest[i] ? Number.NaN : v)),
    steps: lowest.map((low, i) => Math.abs(highest[i]! - low) / (2 ** bits - 1)),
  };
}

/** @param filled every byte of the table instead of what it holds */
async function rowsOf(
  options: ModelWeights,
  lookup: LookupGraph,
  runtime: Runtime,
  ids: readonly number[],
  filled?: number,
): Promise<Float32Array> {
  const { hiddenSize } = options;
  const embeddings = new Float32Array(ids.length * hiddenSize);
  const step = Math.max(1, Math.floor(MAX_BYTES / (4 * hiddenSize)));
  for (let from = 0; from < ids.length; from += step) {
    const some = await lookUp(options, lookup, runtime, ids.slice(from, from + step), filled);
    embeddings.set(some, from * hiddenSize);
  }
  return embeddings;
}

async function lookUp(
  { weights, vocabularySize }: ModelWeights,
  { model, output, rows, table }: LookupGraph,
  runtime: Runtime,
  ids: readonly number[],
  filled?: number,
): Promise<Float32Array> {
  const shape = [1, ids.length];
  const run = async (session: RuntimeSession, read: readonly number[]) => {
    try {
      const values = BigInt64Array.from(read, BigInt);
      const outputs = await session.run({ [LOOKUP_IDS]: runtime.tensor('int64', values, shape) });
      return outputs[output]!.data as Float32Array;
    } finally {
      await session.release();
    }
  };
  /** Arithmetic in place of an operator that has no kernel there. */
  const proto = (graph: OnnxModel) => {
    const isThere = operatorsOf(graph.graph).every((o) => !(o in runtime.lacks));
    return writeOnnx(isThere ? graph : lower(graph, { from: [LOOKUP_IDS], shapes: { [LOOKUP_IDS]: shape } }));
  };
  if (rows === undefined) {
    const externalData = weights.map(({ path, file }) => ({ path, data: file.data }));
    return run(await runtime.createSession(proto(model), { externalData }), ids);
  }
  const bytes: Uint8Array[] = [];
  for (const { tensor, pieces, pieceBytes } of rows.weights) {
    if (filled !== undefined && tensor.name === table.name) {
      bytes.push(new Uint8Array(pieces * pieceBytes * ids.length).fill(filled));
      continue;
    }
    const all = weightBytes(tensor, weights);
    const piece = { stride: pieceBytes, bytes: pieceBytes };
    const pieceRows = vocabularySize * pieceBytes;
    const read: Uint8Array[] = [];
    for (let i = 0; i < pieces; i++) read.push(await readPieces(part(all, i * pieceRows), piece, ids));
    bytes.push(joined(read));
  }
  const few = lookupOfRows(model, rows, bytes, ids.length);
  return run(await runtime.createSession(proto(few)), [...ids.keys()]);
}
