/**
 * A sentence encoder run by this library's own onnxruntime: for the sealed engine, where nothing can be fetched. A line is a run of its own,
 * so that its vector does not depend on the lines beside it, and nothing has to be padded.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import { readGraph } from '../model/graph-files.ts';
import { planning } from '../model/plan-files.ts';
import { createTextCodec, type TextCodec } from '../model/text-codec.ts';
import { operatorsOf } from '../onnx/inspect/inspect-graph.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { SentenceEncoderContract } from '../projector/contract.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import { checkOperators } from '../runtime/operators.ts';
import type { ExternalData, Runtime, RuntimeSession, Tensor } from '../runtime/runtime.ts';
import { type FileSource, openFile, type ReadOptions, readJson } from '../storage/file-source.ts';
import type { FilePlan } from '../storage/total-progress.ts';
import { PROBE_TEXT, type SentenceEncoder } from './sentence-encoder.ts';

/** In order: the one for CPUs, as the Hub's exports call it, then float32. */
const GRAPHS = ['onnx/model_quantized.onnx', 'onnx/model.onnx'] as const;

const TEXTS = ['config.json', 'tokenizer.json', 'tokenizer_config.json'] as const;
type Json = Record<string, unknown>;

/** Vectors of tokens [1, T, dim], as exporters call them. */
const OUTPUTS = ['last_hidden_state', 'token_embeddings'] as const;

export interface EncoderModel {
  readonly name: string;
  readonly codec: TextCodec;
  /** Tokens of a line, at most; what is longer is cut. */
  readonly maxTokens: number;
  readonly path: string;
  readonly proto: Uint8Array;
  readonly operators: readonly string[];
  readonly externalData: readonly ExternalData[];
}

/**
 * Reads what there is of an encoder in a folder of the Hub's layout.
 * @throws E2PError `invalid-model`, `invalid-tokenizer`, `invalid-onnx`
 */
export async function readEncoder(source: FileSource, read: ReadOptions): Promise<EncoderModel> {
  const { name } = source;
  const texts = await Promise.all(TEXTS.map((path) => readJson(source, path, read)));
  const [config, tokenizer, tokenizerConfig] = texts as [Json, Json, Json];
  const limits = [config.max_position_embeddings, tokenizerConfig.model_max_length, 8192].filter(
    (limit): limit is number => typeof limit === 'number' && limit >= 2,
  );
  for (const path of GRAPHS) {
    const file = await openFile(source, path, read);
    if (file === undefined) continue;
    const { model, weights } = await readGraph(source, path, file, read);
    return {
      name,
      codec: createTextCodec(tokenizer, tokenizerConfig, name),
      maxTokens: Math.min(...limits),
      path,
      proto: writeOnnx(model),
      operators: operatorsOf(model.graph),
      externalData: weights.map(({ path: location, file: { data } }) => ({ path: location, data })),
    };
  }
  throw new E2PError(
    'invalid-model',
    `${name}: no graph of a sentence encoder found, expected one of ${GRAPHS.join(', ')}`,
  );
}

/** Which files {@link readEncoder} reads, see `plan-files.ts`. */
export async function planEncoder(source: FileSource, read: ReadOptions): Promise<FilePlan | undefined> {
  const work = async () => {
    const plan = planning(source, read);
    for (const path of TEXTS) await plan.text(path);
    for (const path of GRAPHS) if (await plan.graph(path)) return plan.files;
    return undefined;
  };
  return work().catch(() => undefined);
}

/** @throws E2PError `unsupported-graph` where it is no encoder, or the runtime lacks an operator; `runtime-failed` */
export async function startEncoder(
  model: EncoderModel,
  runtime: Runtime,
  { pooling, normalize }: Pick<SentenceEncoderContract, 'pooling' | 'normalize'>,
): Promise<SentenceEncoder> {
  const { codec, operators, path, name, proto, externalData } = model;
  checkOperators(operators, runtime, `${name}: ${path}`);
  const session = await runtime.createSession(proto, { externalData });
  try {
    const output = checkNames(session, `${name}: ${path}`);
    const encodeLine = async (text: string): Promise<Float32Array> => {
      const ids = cut(codec.encodePlain(text), model.maxTokens);
      const row = (value: bigint) => new BigInt64Array(ids.length).fill(value);
      const values: Readonly<Record<string, BigInt64Array>> = {
        input_ids: BigInt64Array.from(ids, BigInt),
        attention_mask: row(1n),
        token_type_ids: row(0n),
      };
      const feeds: Record<string, Tensor> = {};
      for (const input of session.inputNames) {
        feeds[input] = runtime.tensor('int64', values[input]!, [1, ids.length]);
      }
      const made = await session.run(feeds).finally(() => {
        for (const tensor of Object.values(feeds)) runtime.wipe(tensor);
      });
      try {
        const vector = pool(made[output]!, pooling, `${name}: ${path}`);
        if (normalize) scale(vector, 1 / Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0)));
        return vector;
      } finally {
        for (const tensor of Object.values(made)) runtime.wipe(tensor);
      }
    };
    const probe = await encodeLine(PROBE_TEXT);
    const dim = probe.length;
    return {
      dim,
      contract: (id) => ({ id, pooling, normalize, probe: [...probe] }),
      knows: (word) => codec.encode(word).length === 1,
      encode: async (texts, { signal, onProgress } = {}) => {
        const vectors = new Float32Array(texts.length * dim);
        try {
          for (const [at, text] of texts.entries()) {
            throwIfAborted(signal);
            const vector = await encodeLine(text);
            vectors.set(vector, at * dim);
            vector.fill(0);
            onProgress?.(at + 1, texts.length);
            await yieldToEvents();
          }
          throwIfAborted(signal);
          return vectors;
        } catch (error) {
          vectors.fill(0);
          throw error;
        }
      },
      release: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];

/** @returns the output that holds the vectors of tokens */
function checkNames({ inputNames, outputNames }: RuntimeSession, file: string): string {
  const refuse = (what: string, found: readonly string[], expected: readonly string[]) =>
    new E2PError(
      'unsupported-graph',
      `${file} is no sentence encoder: its ${what} are ${found.join(', ')}, expected ${expected.join(', ')}`,
    );
  if (!inputNames.includes('input_ids') || inputNames.some((name) => !INPUTS.includes(name))) {
    throw refuse('inputs', inputNames, INPUTS);
  }
  const output = OUTPUTS.find((name) => outputNames.includes(name));
  if (output === undefined) throw refuse('outputs', outputNames, OUTPUTS);
  return output;
}

/** With the last token, which ends a text for the encoder. */
const cut = (ids: readonly number[], most: number): readonly number[] =>
  ids.length <= most ? ids : [...ids.slice(0, most - 1), ids.at(-1)!];

/** [1, T, dim] → [dim] */
function pool(tokens: Tensor, pooling: 'mean' | 'cls', file: string): Float32Array {
  const [batch, count = 0, dim = 0] = tokens.dims;
  const { data } = tokens;
  if (tokens.dims.length !== 3 || batch !== 1 || count < 1 || !(data instanceof Float32Array)) {
    throw new E2PError(
      'unsupported-graph',
      `${file}: its vectors are ${tokens.type} [${tokens.dims.join(', ')}], expected float32 [1, tokens, dim]`,
    );
  }
  const pooled = data.slice(0, dim);
  if (pooling === 'cls') return pooled;
  for (let i = dim; i < data.length; i++) pooled[i % dim]! += data[i]!;
  scale(pooled, 1 / count);
  return pooled;
}

function scale(vector: Float32Array, by: number): void {
  for (let i = 0; i < vector.length; i++) vector[i]! *= by;
}
