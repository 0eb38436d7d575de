/// <reference lib="esnext.disposable" />
import { a as OpenFile, c as RuntimeSession, l as DataTypeName, r as UserEmbedding, s as Runtime, t as EmbeddingInput, u as OnnxModel } from "./user-embedding.js";
interface CacheTensor {
  readonly past: string;
  readonly present: string;
  readonly type: DataTypeName;
  /** Sizes that the file states; undefined for batch and length, and where it states none. */
  readonly dims: readonly (number | undefined)[];
  readonly batchAxis: number;
  /** The axis that grows by one per token; undefined for a state of fixed size. */
  readonly lengthAxis: number | undefined;
}
interface EmbeddingFacts {
  /** Gather or GatherBlockQuantized. */
  readonly operator: string;
  /** The initializer with one row per token. */
  readonly table: string;
  /** The factor behind the lookup (√H in Gemma), 1 where there is none. */
  readonly scale: number;
  /** The value [batch, sequence, H] that soft tokens replace rows of: behind lookup, cast and scale. */
  readonly value: string;
  /** Element type of that value. */
  readonly type: DataTypeName;
}
interface HeadFacts {
  readonly operator: string;
  /**
   * The final hidden state [batch, sequence, H] that enters the head; undefined where it enters as a flat
   * [batch · sequence, H], of which positions can't be picked.
   */
  readonly hidden: string | undefined;
  /** Element type of that. */
  readonly hiddenType: DataTypeName;
  readonly logits: string;
  /** Logits of a position: columns of the head's weight. May be fewer or more than the rows of the embedding table. */
  readonly columns: number;
  readonly type: DataTypeName;
}
interface IntegerInput {
  readonly name: string;
  readonly type: 'int64' | 'int32';
}
/** [batch, new], or [axes, batch, new] for a model that also sees pictures: time, height and width, which are one in a text (M-RoPE). */
interface PositionInput extends IntegerInput {
  readonly axes?: number;
}
interface RoleFacts {
  /** [batch, past + new], 1 for each real position; `shapeOnly` where its values are not read. */
  readonly attentionMask: (IntegerInput & {
    readonly shapeOnly?: true;
  }) | undefined;
  /** Positions, counted from 0. */
  readonly positionIds: PositionInput | undefined;
  /** `num_logits_to_keep`, one number; 0 keeps all. */
  readonly logitCount: (IntegerInput & {
    readonly dims: readonly number[];
  }) | undefined;
}
interface GraphFacts extends RoleFacts {
  readonly ids: IntegerInput;
  readonly embedding: EmbeddingFacts;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  readonly head: HeadFacts;
  readonly cache: readonly CacheTensor[];
  /** Structure shows that attention is causal and the cache a past; else running has to. */
  readonly isCausal: boolean;
  /** Element type of activations: `float16` needs `shader-f16` on WebGPU. */
  readonly activationType: DataTypeName;
  /** Operator names with their domain, for a check against what a backend has. */
  readonly operators: readonly string[];
  readonly weightBits: number;
}
/** Names of the added inputs. */
interface LengthInputs {
  /** int32 [batch]: real tokens of each row, past and new, minus one. */
  readonly rows: string;
  /** int32 scalar: past and new positions, padding included. */
  readonly total: string;
}
interface AddedInputs {
  /** bool [batch, sequence, 1] (each dim may be 1): true where a soft token stands. */
  readonly softMask: string;
  /** [batch, sequence, H] (each dim may be 1), in the type of the embeddings. */
  readonly softEmbeds: string;
  /** int64 [count]: positions whose logits are wanted. */
  readonly logitPositions: string;
  /** Whether, on the CPU, none may be wanted. */
  readonly mayWantNone: boolean;
  /** Where the graph takes lengths instead of computing them from the mask. */
  readonly lengths: LengthInputs | undefined;
  /** Whether the attention mask is still an input. */
  readonly needsMask: boolean;
}
/** Reasons against; undefined: it may. */
interface InPlaceObstacles {
  /** Against a KV cache that grows in place. */
  readonly cache: string | undefined;
  /** Against repeating a step of one token. */
  readonly capture: string | undefined;
}
/** A tensor of the cache as the rewritten graph takes it, and what it gives of it. */
interface CacheRows {
  readonly past: string;
  /** The output with the new rows alone; their axis is {@link lengthAxis}. */
  readonly rows: string;
  /** Of the cache before the rewrite. */
  readonly tensor: CacheTensor;
  /** 0: past and new rows are [length, …], whatever the axis was before. Else past may have room behind. */
  readonly lengthAxis: number;
}
interface NewRows {
  readonly model: OnnxModel;
  readonly cache: readonly CacheRows[];
  /** Input, int64 [positions]: those of the present that are handed out; where a graph has to be told. */
  readonly positions: string | undefined;
}
/** Precision variants, with the file suffixes that Hub exports use. */
declare const DTYPE_SUFFIX: {
  readonly fp32: '';
  readonly fp16: '_fp16';
  readonly q4: '_q4';
  readonly q4f16: '_q4f16';
  readonly int8: '_int8';
  readonly uint8: '_uint8';
  readonly q8: '_quantized';
};
/** Precision of the weights, as the suffix of `onnx/model*.onnx` names it. */
type Dtype = keyof typeof DTYPE_SUFFIX;
interface ModelConfig {
  /** `model_type`, e.g. llama. */
  readonly type: string;
  /**
   * The variant that a Hub repository asks for (`transformers.js_config.dtype`: a name, or names by file). Its other
   * entries, external data and the type of the cache, are read from the graph itself.
   */
  readonly declaredDtype: Dtype | undefined;
  /** Longest sequence, prompt and answer together, in tokens. */
  readonly contextLength: number;
  readonly attention: {
    readonly heads: number;
    readonly kvHeads: number;
    readonly headSize: number;
  } | undefined;
  readonly bosTokenId: number | undefined;
  readonly eosTokenIds: readonly number[];
  /** The model's own sampling defaults; greedy unless it asks for sampling. */
  readonly sampling: {
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
    readonly minP: number;
    readonly repetitionPenalty: number;
  };
}
/** Whatever JSON can say. */
type JsonValue = null | boolean | number | string | readonly JsonValue[] | {
  readonly [name: string]: JsonValue;
};
/** What an app gives a chat template by name, e.g. `enable_thinking`. */
type TemplateVariables = Readonly<Record<string, JsonValue>>;
/**
 * The tokens between which a reasoning model writes what it thinks before it answers. Only tokens that the tokenizer was given for that count,
 * each one id: a text that spells `<think>` in letters is a text.
 */
interface ThoughtTokens {
  readonly open: {
    readonly id: number;
    readonly text: string;
  };
  readonly close: {
    readonly id: number;
    readonly text: string;
  };
}
interface TokenBytes {
  /** Token id → its bytes; undefined where it adds none: special tokens, ids without a token. */
  readonly bytes: readonly (Uint8Array | undefined)[];
  /** Whether a space that begins the first token of a text is left out of the text. */
  readonly dropsFirstSpace: boolean;
}
/** A message as chat templates take it. */
interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
  /** What an assistant thought before it said that. Most templates leave it out of what is read again. */
  readonly reasoning?: string;
}
interface TextCodec {
  /** Ids of a text as it stands; special tokens only where the text spells them. */
  encode(text: string): number[];
  /** Ids with what the tokenizer itself adds around a text (BOS). */
  encodePlain(text: string): number[];
  /** Text of ids, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** The messages as one text; where it `opens`, which is the default, it ends where the assistant begins to speak. */
  renderChat(messages: readonly ChatMessage[], opens?: boolean, variables?: TemplateVariables): string;
  /** Whether the chat template has a variable of this name. */
  templateReads(name: string): boolean;
  /** The text with `cut` inside each special token that it spells, so that the parts encode as text. */
  cutSpecialTokens(text: string, cut: string): string;
  readonly hasTemplate: boolean;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
  readonly tokenId: (token: string) => number | undefined;
  /** Of a model that thinks before it answers. */
  readonly thoughts: ThoughtTokens | undefined;
  /** Bytes of all tokens; undefined where the tokenizer is of no known family. */
  tokenBytes(): TokenBytes | undefined;
}
/** A file with weights, under the name that the graph has for it. */
interface WeightFile {
  readonly path: string;
  readonly file: OpenFile;
}
interface GraphFiles {
  readonly dtype: Dtype;
  /** Path of the decoder's file, for messages. */
  readonly path: string;
  /** Ids in, logits out; every larger weight refers to one of `weights`. */
  readonly model: OnnxModel;
  readonly weights: readonly WeightFile[];
}
/** A model's graph as its file has it, and where its weights lie. */
interface ModelWeights extends Pick<GraphFiles, 'model' | 'path' | 'weights'> {
  readonly hiddenSize: number;
  readonly vocabularySize: number;
}
interface WeightSample {
  /** NaN at an end of the range that quantisation has: what was clipped may have been anything beyond. */
  readonly values: Float32Array;
  /** The step of each number's quantisation; 0 where it is a float. */
  readonly steps: Float32Array;
}
interface ProductGroup {
  /** K of its products, and their outputs together. */
  readonly inputs: number;
  readonly outputs: number;
  /** Of each product, what the first input is weighted with in the last outputs. */
  readonly members: readonly WeightSample[];
}
interface ProductSamples {
  /** Of all groups that the model has. */
  readonly count: number;
  /** By their place among them. */
  readonly groups: ReadonlyMap<number, ProductGroup>;
}
/** A model as it was read: its graph with a place for soft tokens, its tokenizer and its configuration. */
interface BaseModel {
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
/** Heads of keys and values, and channels of each. */
interface CacheHeads {
  readonly kvHeads: number;
  readonly headSize: number;
}
interface StoredSample {
  readonly values: string;
  /** Absent where all of them are 0. */
  readonly steps?: string;
}
/** As it stands in a contract. */
interface ModelFingerprint {
  readonly ids: readonly number[];
  /** [ids, columns]; absent where the table's precision could not be told. */
  readonly embeddings?: StoredSample;
  /** [norms, columns], in order of depth. */
  readonly gains: StoredSample;
  /** Groups of products that the model has, and a product of some of them. */
  readonly productGroups: number;
  readonly products: readonly StoredProduct[];
}
interface StoredProduct extends StoredSample {
  /** Of its group. */
  readonly place: number;
  /** K, and the outputs of the whole group. */
  readonly inputs: number;
  readonly outputs: number;
}
/** Stands in a place's text for the soft tokens. */
declare const SOFT = "{soft}";
/** Where in a conversation soft tokens may stand. */
declare const PLACES: readonly ['system-start', 'user-start', 'user-end'];
/** Soft tokens at one place of a conversation, with words around them. */
interface Place {
  /**
   * `system-start`: the start of the system message, which is added where there is none; `user-start`, `user-end`: the
   * start or end of each of the user's turns, so that what was read of earlier turns stays as it was.
   */
  readonly at: (typeof PLACES)[number];
  /** With `{soft}` once. */
  readonly text: string;
}
/** Where soft tokens stand: behind BOS, at a placeholder of the prompt, or at places in the conversation. */
type Slot = 'after-bos' | {
  readonly placeholder: string;
} | {
  readonly places: readonly Place[];
};
/**
 * A person as one vector that follows what is asked: the mean of their vectors, each weighted by how near it is to the question's
 * (after PPlug, arXiv 2409.11901, whose encoder weighs a person's past texts by the input at hand). With one vector, or a temperature that
 * grows, it is the plain mean.
 */
/** In a projector's contract: its vectors are weighed so, and not read one by one. */
interface QuestionWeighting {
  /** τ of softmax(cos(vector, question) / τ): the smaller, the more the nearest vector counts alone. */
  readonly temperature: number;
}
interface ProjectorContract {
  readonly version: 1 | 2 | 3;
  readonly model: {
    readonly id: string;
    readonly hiddenSize: number;
    readonly vocabularySize: number;
    /** Variant that the projector was trained against. */
    readonly dtype: string;
    /** SHA-256 (hex) of the embedding table's bytes in that variant. */
    readonly tableSha256: string;
  };
  readonly space: {
    readonly id: string;
    readonly dim: number;
    /** Of the training users; inputs become (embedding − mean) / scale. Length `dim` each. */
    readonly mean: readonly number[];
    readonly scale: readonly number[];
    /** Where it is fused of several sources (`fuseEmbeddings`). */
    readonly sources?: SourcesContract;
    /** What makes a vector of this space from a text; absent where the embeddings are not about words. */
    readonly encoder?: SentenceEncoderContract;
  };
  /** K, soft tokens per vector; a vector that is a phrase's has as many as the phrase. */
  readonly tokens: number;
  /** A user is a set of up to so many vectors, each with K soft tokens; 1 = one vector. */
  readonly vectors: number;
  /** A set becomes one vector by what is asked, as the space's encoder reads it; absent: each vector has soft tokens of its own. */
  readonly byQuestion?: QuestionWeighting;
  readonly slot: Slot;
  /**
   * Where the model multiplies its token embeddings by a factor (√H in Gemma): whether soft tokens are meant to go
   * in behind it (default) or in front of it, and so be multiplied too.
   */
  readonly scaleSide: 'postScale' | 'preScale';
  /** Each soft token is scaled to this root mean square, times the learned gain. */
  readonly outputRms: number;
  /** Tells the model in another precision from another fine-tune; older files have none. */
  readonly fingerprint?: ModelFingerprint;
  readonly training?: Readonly<Record<string, string | number>>;
}
/** A fused vector: a block for each source, whose last number is 1 where the source is known of, and all of which are 0 where it is not. */
interface SourcesContract {
  /** Numbers of each block; they sum up to `dim`. */
  readonly widths: readonly number[];
  /** Blocks are weighted by gates, which look at all that is known. */
  readonly gated: boolean;
}
interface SentenceEncoderContract {
  /** Hub id of a `feature-extraction` model. */
  readonly id: string;
  readonly pooling: 'mean' | 'cls';
  /** Vectors are scaled to length 1. */
  readonly normalize: boolean;
  /** Its vector [dim] of `PROBE_TEXT` (`user/sentence-encoder.ts`): another encoder gives another one. */
  readonly probe: readonly number[];
}
/** What the output is anchored in. */
interface Anchors {
  /** Token ids [A]. */
  readonly ids: readonly number[];
  /** Token ids of each of B phrases; there only where there are keys and K = 1. */
  readonly phrases?: readonly (readonly number[])[];
  /** [A + B, D], stored as int8: only their directions count; absent: the embeddings themselves. */
  readonly keys?: Float32Array;
  /**
   * Embeddings behind the model's scale, [A, H] and behind them each token of the phrases: not in the file, read from the base model
   * by `withAnchorRows`.
   */
  readonly rows?: Float32Array;
}
/** How the training users of a projector lie in their space. */
interface SpaceReference {
  /** v_k, orthonormal [r, dim]: directions in which they differ most. */
  readonly eigenvectors: Float32Array;
  /** λ_k [r]: variance along each, shrunk, the largest first. */
  readonly eigenvalues: Float32Array;
  /** Variance along each of the other directions. */
  readonly residual: number;
  /** [q], ascending: of d² of users that the Gaussian was not fitted on, the quantiles at (i + 1) / (q + 1). */
  readonly distances: Float32Array;
  /** Vectors [m, dim] for tests of two samples. `train` writes none: users would be personal data, and others can be drawn. */
  readonly points?: Float32Array;
}
interface ProjectorWeights {
  readonly normWeight: Float32Array;
  readonly normBias: Float32Array;
  /** [hidden, dim]; empty in a linear projector, as its bias */
  readonly fc1Weight: Float32Array;
  readonly fc1Bias: Float32Array;
  /** [K·D, hidden], or [K·D, dim] */
  readonly fc2Weight: Float32Array;
  readonly fc2Bias: Float32Array;
  /** [K] */
  readonly gain: Float32Array;
  /** [K·D, dim] where residual, else empty */
  readonly skipWeight: Float32Array;
  /** [1] where anchored, else empty */
  readonly sharpness: Float32Array;
  /** [S, dim] where gated, else absent */
  readonly gateWeight?: Float32Array;
  /** [S] where gated, else absent */
  readonly gateBias?: Float32Array;
}
/** A projector as its file has it. */
interface Projector {
  readonly contract: ProjectorContract;
  /** Width of the hidden layer; 0 = none, the projector is linear. */
  readonly hidden: number;
  readonly weights: ProjectorWeights;
  /** Absent: the output is a free vector. */
  readonly anchors?: Anchors;
  /** Of the training users; absent in files of before, and where training left it out: then nobody's drift is seen. */
  readonly reference?: SpaceReference;
}
/** @throws E2PError `invalid-projector` */
declare function readProjector(bytes: Uint8Array, fileName?: string): Projector;
/** The bytes of a safetensors file, the contract in its metadata. */
declare function writeProjector(projector: Projector): Uint8Array;
/** What an app ships beside the projector, as JSON; `fitFusion` of `e2p-web/train` makes it. */
interface Fusion {
  /** Of this JSON. */
  readonly version: 1;
  /** Of the vector that comes out; its length is that of all sources and one for each. */
  readonly space: string;
  /** In the order in which they stand in the vector. */
  readonly sources: readonly FusionSource[];
}
/** One of several embedding spaces, and what its training users were like. */
interface FusionSource {
  /** By which an embedding says that it is of this source. */
  readonly space: string;
  /** [dim] */
  readonly mean: readonly number[];
  /** [dim], above 0: the standard deviation. */
  readonly scale: readonly number[];
  /** Where the person is told by the difference to people alike. */
  readonly peers?: {
    /** [groups, dim], whitened: what groups of training users are like. */
    readonly means: readonly (readonly number[])[];
    /** How many of them, the nearest ones, are people alike. */
    readonly nearest: number;
    /** Behind the vector itself; false: in its place. */
    readonly beside: boolean;
    /** [dim], above 0: the standard deviation of differences. */
    readonly scale: readonly number[];
  };
}
/**
 * One vector of what is known of a person.
 * @param fusion nobody vouches for it: it may come from a file
 * @param given a vector of some of its sources, or of all, in any order
 * @throws E2PError `invalid-data` for the fusion; `invalid-embedding` for a vector that none of its sources has, for two of one source, and
 *   for none at all: who is not known is nobody's embedding
 */
declare function fuseEmbeddings(fusion: Fusion, given: readonly EmbeddingInput[]): UserEmbedding;
export { ChatMessage as _, ProjectorWeights as a, Dtype as b, SpaceReference as c, PLACES as d, Place as f, BaseModel as g, CacheHeads as h, Projector as i, Anchors as l, Slot as m, FusionSource as n, readProjector as o, SOFT as p, fuseEmbeddings as r, writeProjector as s, Fusion as t, SentenceEncoderContract as u, JsonValue as v, TemplateVariables as y };