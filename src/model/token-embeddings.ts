/**
 * Rows of the embedding table as the model reads them. Their bytes are read by ranges and onnxruntime dequantises them
 * through the model's own lookup, so the table is never in memory, whatever form it has.
 */
import { E2PError } from '../error.ts';
import { operatorsOf } from '../onnx/inspect/inspect-graph.ts';
import { LOOKUP_IDS, type LookupGraph, lookupGraph, lookupOfRows } from '../onnx/lookup-graph.ts';
import { lower } from '../onnx/lower/lower.ts';
import { joined, writeOnnx } from '../onnx/onnx-file.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';
import type { GraphFiles } from './graph-files.ts';
import { part, readRows, weightBytes } from './weight-bytes.ts';

/** Of embeddings, in one session. */
const MAX_BYTES = 4 * 1024 * 1024;

export interface TokenEmbeddingsOptions extends Pick<GraphFiles, 'model' | 'path' | 'weights'> {
  readonly hiddenSize: number;
  readonly vocabularySize: number;
}

/**
 * float32 [ids.length, H], behind the model's scale.
 * @throws E2PError `invalid-argument` for an id that the table has no row for, `runtime-failed`.
 */
export async function tokenEmbeddings(
  options: TokenEmbeddingsOptions,
  runtime: Runtime,
  ids: readonly number[],
): Promise<Float32Array> {
  const { hiddenSize, vocabularySize, path } = options;
  const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabularySize));
  if (wrong !== undefined) {
    const expected = `expected a whole number from 0 to ${vocabularySize - 1}`;
    throw new E2PError('invalid-argument', `${path}: token id ${wrong}, ${expected}`);
  }
  const lookup = lookupGraph(options.model, path);
  const embeddings = new Float32Array(ids.length * hiddenSize);
  const step = Math.max(1, Math.floor(MAX_BYTES / (4 * hiddenSize)));
  for (let from = 0; from < ids.length; from += step) {
    const part = await lookUp(options, lookup, runtime, ids.slice(from, from + step));
    embeddings.set(part, from * hiddenSize);
  }
  return embeddings;
}

async function lookUp(
  { weights, vocabularySize }: TokenEmbeddingsOptions,
  { model, output, rows }: LookupGraph,
  runtime: Runtime,
  ids: readonly number[],
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
    const all = weightBytes(tensor, weights);
    const pieceRows = vocabularySize * pieceBytes;
    const read: Uint8Array[] = [];
    for (let i = 0; i < pieces; i++) read.push(await readRows(part(all, i * pieceRows), pieceBytes, ids));
    bytes.push(joined(read));
  }
  const few = lookupOfRows(model, rows, bytes, ids.length);
  return run(await runtime.createSession(proto(few)), [...ids.keys()]);
}
