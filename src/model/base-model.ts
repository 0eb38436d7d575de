/**
 * A base model: its files read, its graph inspected and rewritten (soft tokens in, last position out), ready to
 * become a session on whatever device is chosen. Weights are never copied: the rewritten proto refers to the
 * bytes as they were read.
 */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { E2PError } from '../error.ts';
import { attentionApart } from '../onnx/attention-apart.ts';
import { indexGraph } from '../onnx/graph-index.ts';
import { widensHead } from '../onnx/head-table.ts';
import { type InPlaceObstacles, inPlaceObstacles } from '../onnx/in-place.ts';
import type { GraphFacts } from '../onnx/inspect/inspect-graph.ts';
import { once } from '../onnx/inspected.ts';
import { handOutNewRows, type NewRows } from '../onnx/new-rows.ts';
import { normsOutside } from '../onnx/norms-outside.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { type AddedInputs, personaliseGraph } from '../onnx/personalise-graph.ts';
import { checkOperators } from '../runtime/operators.ts';
import type { Runtime, RuntimeSession, SessionOptions } from '../runtime/runtime.ts';
import { type FileSource, missingFile, type ReadOptions, readJson } from '../storage/file-source.ts';
import { externalDataOf, type GraphFiles, readGraphFiles } from './graph-files.ts';
import { byLength, readInt8 } from './int8-file.ts';
import { type Dtype, fromGenaiConfig, type ModelConfig, parseModelConfig } from './model-config.ts';
import { createTextCodec, type TextCodec } from './text-codec.ts';
import { sampleEmbeddings, tokenEmbeddings } from './token-embeddings.ts';
import { type ModelWeights, weightBytes } from './weight-bytes.ts';
import { type ProductSamples, sampleGains, sampleProducts, type WeightSample } from './weight-samples.ts';

/** A model as it was read: its graph with a place for soft tokens, its tokenizer and its configuration. */
export interface BaseModel {
  /** Of its folder. */
  readonly name: string;
  /** Which of its files was read. */
  readonly dtype: Dtype;
  /** What its configuration says: context, ends, sampling. */
  readonly config: ModelConfig;
  /** Its tokenizer and chat template. */
  readonly codec: TextCodec;
  /** What was found in its graph: embeddings, head, cache, positions. */
  readonly facts: GraphFacts;
  /** Names of the inputs that the rewrite added, soft tokens among them. */
  readonly inputs: AddedInputs;
  /** What keeps its cache from growing in place on a GPU, and its steps from being repeated. @internal */
  readonly inPlace: InPlaceObstacles;
  /**
   * The graph that generates.
   * @param exact floats where the file asks for int8 activations (`accuracy_level` 4), as the training graph computes: slower
   * @param captures as of {@link SessionOptions}
   * @throws E2PError `unsupported-graph` where the runtime lacks an operator, `runtime-failed`.
   */
  createSession(runtime: Runtime, exact?: boolean, captures?: boolean): Promise<RuntimeSession>;
  /** How the graph of {@link createSession} takes and gives its cache; undefined: as a whole. @internal */
  newRows(runtime: Runtime): Pick<NewRows, 'cache' | 'positions'> | undefined;
  /** The graph as its file has it, of which a training graph is made (`train/training-model.ts`). */
  readonly table: ModelWeights;
  /** Bytes of the files with weights: what each session on a CPU may hold again. */
  readonly weightBytes: number;
  /** What a session on a CPU computes with, unless it is `exact` (in Node: where it reads many tokens); on a GPU the file's weights are used as they are. */
  readonly cpuWeights: 'as-stored' | 'int8';
  /**
   * Rows of the embedding table, read by ranges: float32 [ids.length, H], behind the model's scale.
   * @throws E2PError `invalid-argument` for an id that the table has no row for, `runtime-failed`.
   */
  tokenEmbeddings(runtime: Runtime, ids: readonly number[]): Promise<Float32Array>;
  /** The same rows [ids.length, H] as a sample; undefined where their precision can't be told. */
  sampleEmbeddings(runtime: Runtime, ids: readonly number[]): Promise<WeightSample | undefined>;
  /** Gains [H] of the norms, in order of depth. */
  sampleGains(): Promise<readonly WeightSample[]>;
  /** Of weights in the first and the last layer. */
  sampleProducts(): Promise<ProductSamples>;
  /** Root mean square of the token embeddings, behind their scale; of a sample where there are many. */
  embeddingRms(runtime: Runtime): Promise<number>;
  /** Hex SHA-256 of the embedding table's bytes: tells whether this is the table a projector was trained for. */
  tableSha256(): Promise<string>;
}

export interface LoadModelOptions extends ReadOptions {
  readonly source: FileSource;
  /** Precision variants to look for, the most wanted first; what config.json asks for goes before the others. */
  readonly dtypes: readonly Dtype[];
  /** Whether weights of 4 and 8 bits are to be there as int8 too, for sessions in WASM; asked when the graph is known. Default: no. */
  readonly int8?: ((model: Int8Question) => Promise<boolean>) | undefined;
  /** While they are being made; not told where they were kept. */
  readonly onConvert?: ReadOptions['onProgress'];
}

export interface Int8Question {
  readonly facts: GraphFacts;
  /** Of the weights as int8. */
  readonly bytes: number;
}

/** Token embeddings that the root mean square is taken of. */
const RMS_SAMPLE = 8192;

/** What is read of a model's files, each of which is there and can be parsed; a tokenizer is not made of its file yet. */
type ReadModel = Awaited<ReturnType<typeof readModel>>;

/** What the runtime depends on, and what the model is known by. */
export type SurveyedModel = Pick<
  BaseModel,
  'name' | 'dtype' | 'config' | 'facts' | 'weightBytes' | 'cpuWeights'
>;

/**
 * Reads all that {@link loadBaseModel} does, where the model will be brought up elsewhere.
 * @throws as that, but for what a tokenizer's file says
 */
export async function surveyBaseModel(options: LoadModelOptions): Promise<SurveyedModel> {
  const { files, personalised, converted, config } = await readModel(options);
  return {
    ...{ name: options.source.name, dtype: files.dtype, config, facts: personalised.facts },
    ...knownWeights(files, converted),
  };
}

const knownWeights = (
  { weights }: GraphFiles,
  converted: ReadModel['converted'],
): Pick<BaseModel, 'weightBytes' | 'cpuWeights'> => ({
  weightBytes: weights.reduce((sum, { file }) => sum + file.size, 0),
  cpuWeights: converted === undefined ? 'as-stored' : 'int8',
});

async function readModel({ source, dtypes, int8, onConvert, ...read }: LoadModelOptions) {
  const { name } = source;
  const [{ config, generation }, tokenizer, tokenizerConfig] = await Promise.all([
    readConfig(source, read),
    readJson(source, 'tokenizer.json', read),
    readJson(source, 'tokenizer_config.json', read),
  ]);
  // Newer exports keep the template in a file of its own, which has the last word in Transformers too.
  const template =
    (await readText(source, 'chat_template.jinja', read)) ??
    tokenizerConfig.chat_template ??
    (await readJson(source, 'chat_template.json', { ...read, optional: true })).chat_template;
  const parsed = parseModelConfig(config, generation, name);
  const files = await readGraphFiles(source, inOrder(dtypes, parsed), read);
  const personalised = personaliseGraph(files.model, files.path);
  const { model, facts } = personalised;
  const converted =
    int8 &&
    (await readInt8(files, model, {
      ...{ source, signal: read.signal, onProgress: onConvert },
      isWanted: (bytes) => int8({ facts, bytes }),
    }));
  return { config: parsed, files, personalised, converted, tokenizer, tokenizerConfig, template };
}

/** @throws E2PError `invalid-model`, `invalid-onnx`, `unsupported-graph` or `invalid-tokenizer`. */
export async function loadBaseModel(options: LoadModelOptions): Promise<BaseModel> {
  const { name } = options.source;
  const { config, files, personalised, converted, ...texts } = await readModel(options);
  const { dtype, path, model: original, weights } = files;
  const { model, facts, inputs } = personalised;
  const codec = createTextCodec(texts.tokenizer, texts.tokenizerConfig, name, texts.template);
  checkTokenizer(codec, facts, name);
  const onCpu = (apart: boolean) =>
    once((graph: OnnxModel) => {
      const outside = normsOutside(graph);
      const rows =
        (apart ? attentionApart(outside, facts.cache, config.attention?.headSize) : undefined) ??
        handOutNewRows(outside, facts.cache, inputs.lengths !== undefined);
      return { model: rows?.model ?? outside, rows };
    });
  const forCpu = { cpu: onCpu(false), wasm: onCpu(true) };
  const externalData = externalDataOf(weights);
  /** As the runtime can compute it. */
  const graphFor = ({ backend }: Runtime, isInt8: boolean) =>
    backend === 'webgpu' ? { model, rows: undefined } : forCpu[backend](isInt8 ? converted!.model : model);
  const { hiddenSize, vocabularySize } = facts;
  const table = { model: original, path, weights, hiddenSize, vocabularySize };
  const rowsOf = (runtime: Runtime, ids: readonly number[]) => tokenEmbeddings(table, runtime, ids);
  return {
    name,
    dtype,
    config: withEnd(config, codec),
    codec,
    facts,
    inputs,
    inPlace: inPlaceObstacles(model, facts, inputs),
    createSession: async (runtime, exact = false, captures = false) => {
      checkOperators(facts.operators, runtime, path);
      const open = (isInt8: boolean) => {
        const { model: graph } = graphFor(runtime, isInt8);
        return runtime.createSession(writeOnnx(exact ? withFloatActivations(graph) : graph), {
          externalData: isInt8 ? converted!.data : externalData,
          keepOnDevice: facts.cache.map((p) => p.present),
          widensOnce: widensHead(graph),
          captures,
        });
      };
      const { backend } = runtime;
      if (converted === undefined || exact || backend === 'webgpu') return open(false);
      return backend === 'wasm' ? open(true) : byLength(facts.ids.name, open);
    },
    // The same of the graph over int8 weights.
    newRows: (runtime) => graphFor(runtime, false).rows,
    table,
    ...knownWeights(files, converted),
    tokenEmbeddings: rowsOf,
    sampleEmbeddings: (runtime, ids) => sampleEmbeddings(table, runtime, ids),
    sampleGains: () => sampleGains(table),
    sampleProducts: () => sampleProducts(table),
    embeddingRms: async (runtime) => {
      const count = Math.min(vocabularySize, RMS_SAMPLE);
      const ids = Array.from({ length: count }, (_, i) => Math.floor((i * vocabularySize) / count));
      const values = await rowsOf(runtime, ids);
      return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    },
    tableSha256: async () => {
      const bytes = weightBytes(indexGraph(original.graph).constants.get(facts.embedding.table)!, weights);
      return sha256(await bytes.read(0, bytes.size));
    },
  };
}

/** What the folder asks for comes first. */
export const inOrder = (dtypes: readonly Dtype[], { declaredDtype }: ModelConfig): readonly Dtype[] =>
  dtypes.toSorted((a, b) => Number(b === declaredDtype) - Number(a === declaredDtype));

/** What the folder says of the model. @throws E2PError `invalid-model` */
export async function readConfig(source: FileSource, read: ReadOptions) {
  const [config, generation] = await Promise.all([
    readJson(source, 'config.json', { ...read, optional: true }),
    readJson(source, 'generation_config.json', { ...read, optional: true }),
  ]);
  if (Object.keys(config).length > 0) return { config, generation };
  const genai = await readJson(source, 'genai_config.json', { ...read, optional: true });
  if (Object.keys(genai).length === 0) throw missingFile(source, 'config.json');
  return fromGenaiConfig(genai, source.name);
}

/** Where no configuration names the token that ends an answer, the tokenizer does. */
function withEnd(config: ModelConfig, { eosToken, tokenId }: TextCodec): ModelConfig {
  const end = eosToken === undefined ? undefined : tokenId(eosToken);
  return config.eosTokenIds.length > 0 || end === undefined ? config : { ...config, eosTokenIds: [end] };
}

/** Without `accuracy_level`, which may ask MatMulNBits to round activations to int8. */
export function withFloatActivations(model: OnnxModel): OnnxModel {
  const nodes = model.graph.nodes.map((node) =>
    node.opType === 'MatMulNBits'
      ? { ...node, attributes: node.attributes.filter((a) => a.name !== 'accuracy_level') }
      : node,
  );
  return { ...model, graph: { ...model.graph, nodes } };
}

async function readText(source: FileSource, path: string, read: ReadOptions): Promise<string | undefined> {
  const bytes = await source.read(path, read);
  return bytes && new TextDecoder().decode(bytes);
}

/** A tokenizer of another model would read past the end of the table. */
function checkTokenizer(codec: TextCodec, facts: GraphFacts, name: string): void {
  const ids = codec.encode('The quick brown fox jumps over the lazy dog. 0123456789 éß漢');
  const highest = Math.max(...ids);
  if (highest >= facts.vocabularySize) {
    throw new E2PError(
      'invalid-tokenizer',
      `${name}: tokenizer.json gives token id ${highest}, but the model's table has ${facts.vocabularySize} rows`,
    );
  }
}

/** Where there is no secure context, there is no `crypto.subtle`. */
async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = crypto.subtle
    ? new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
    : nobleSha256(bytes);
  return bytesToHex(digest);
}
