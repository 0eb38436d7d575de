interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}
/** Where graphs run: a GPU through WebGPU, the CPU through WebAssembly, the CPU through Node's native library. */
type Device = 'webgpu' | 'wasm' | 'node';
/** A device and, in one sentence for people, why it was chosen. */
interface DeviceChoice {
  readonly device: Device;
  readonly reason: string;
}
/**
 * The one error class of e2p-web. A `code` for programs, a message for people: it names the file or field,
 * says what was found and what was expected. Personal data (embeddings, prompts, generated text) never
 * appears in a message.
 */
type E2PErrorCode = 'invalid-argument' | 'invalid-onnx' | 'unsupported-graph' | 'invalid-model' | 'invalid-manifest' | 'invalid-tokenizer' | 'invalid-projector' | 'contract-mismatch' | 'invalid-embedding' | 'invalid-data' | 'invalid-checkpoint' | 'no-user' | 'user-replaced' | 'forgotten' | 'consent-required' | 'vault-locked' | 'vault-corrupt' | 'vault-too-new' | 'invalid-import' | 'context-overflow' | 'unsupported-device' | 'device-lost' | 'backend-faulty' | 'runtime-failed' | 'network' | 'integrity' | 'quota-exceeded' | 'storage-failed' | 'training-failed' | 'sealed' | 'destroyed' | 'aborted';
export declare class E2PError extends Error {
  readonly name = "E2PError";
  readonly code: E2PErrorCode;
  /** Of a `network` error: the HTTP status that a server answered with. */
  readonly status: number | undefined;
  constructor(code: E2PErrorCode, message: string, options?: {
    readonly cause?: unknown;
    readonly status?: number | undefined;
  });
}
interface FetchProgress {
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
type Dtype = keyof typeof DTYPE_SUFFIX;
interface SentenceEncoderContract {
  /** Hub id of a `feature-extraction` model. */
  readonly id: string;
  readonly pooling: 'mean' | 'cls';
  /** Vectors are scaled to length 1. */
  readonly normalize: boolean;
  /** Its vector [dim] of `PROBE_TEXT` (`user/sentence-encoder.ts`): another encoder gives another one. */
  readonly probe: readonly number[];
}
interface SentenceEncoder {
  readonly dim: number;
  /** For a projector's contract. @param id by which others find this encoder on the Hub */
  contract(id: string): SentenceEncoderContract;
  /** Whether the word stands whole in its vocabulary; words of which it knows only pieces mean less to it. */
  knows(word: string): boolean;
  /** [texts, dim], one row behind the other. @throws the signal's reason on an abort */
  encode(texts: readonly string[], options?: {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: (done: number, all: number) => void;
  }): Promise<Float32Array>;
  release(): Promise<void>;
}
interface UserEmbedding {
  /** Name of the embedding space, version included, e.g. `podcasts-v3`. */
  readonly space: string;
  /** [dim]; where a user is a set of vectors [n, dim], one row behind the other, their order without meaning. */
  readonly values: Float32Array;
}
interface EmbeddingSpace {
  readonly id: string;
  readonly dim: number;
  /** Vectors that a user may be a set of, at most; 1 = one vector. */
  readonly vectors: number;
  /** Hub id of the sentence encoder that makes its vectors from words; absent where they are not about words. */
  readonly encoder?: string;
}
interface SamplingOptions {
  /** 0 = greedy: the most probable token, and top-k, top-p, min-p are without effect. */
  readonly temperature: number;
  /** Keep the k most probable tokens; 0 = all. */
  readonly topK: number;
  /** Keep the smallest set of tokens whose probability reaches p (Holtzman et al., arXiv 1904.09751); 1 = all. */
  readonly topP: number;
  /** Keep tokens at least this fraction of the most probable one (arXiv 2407.01082); 0 = all. */
  readonly minP: number;
  /** Divides positive and multiplies negative logits of tokens already there (CTRL, arXiv 1909.05858); 1 = off. */
  readonly repetitionPenalty: number;
}
interface GenerateOptions extends Partial<SamplingOptions> {
  /** Longest answer, in tokens; default 256. */
  readonly maxTokens?: number;
  /** Texts that end the answer; they are not part of it. */
  readonly stop?: readonly string[];
  /** Makes sampling repeatable; without it every answer is another. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Each piece of text as soon as it can be shown. */
  readonly onText?: (text: string) => void;
}
interface GenerationResult {
  readonly text: string;
  /** The generated ids, without the one that ended the answer. */
  readonly tokenIds: readonly number[];
  /** `end`: the model ended; `stop`: a stop string; `length`: maxTokens or the context was used up. */
  readonly finishReason: 'end' | 'stop' | 'length';
  /** Tokens of the prompt, soft tokens included. */
  readonly promptTokens: number;
  readonly softTokens: number;
  /** Prompt tokens that a cache already held and that were not read again. */
  readonly cachedTokens: number;
  /** From the call to the first token, in ms. */
  readonly timeToFirstTokenMs: number;
  /** Tokens after the first, over the time they took; 0 if there was only one. */
  readonly tokensPerSecond: number;
}
interface Session {
  /** The answer as one text. */
  prompt(input: string, options?: GenerateOptions): Promise<string>;
  /** The answer in pieces as they come. Leaving the loop early aborts the generation. */
  promptStreaming(input: string, options?: GenerateOptions): AsyncIterable<string>;
  /** The answer with token ids and timings. */
  generate(input: string, options?: GenerateOptions): Promise<GenerationResult>;
  /** Another session that has heard the same so far; both go on independently. */
  clone(): Promise<Session>;
  /** Frees the KV cache and forgets the conversation. Later calls fail with `destroyed`. */
  destroy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
interface SessionOptions {
  /** What was said before the first prompt, e.g. a system message. */
  readonly initialPrompts?: readonly ChatMessage[];
  /** λ: 0 = the population's mean user, 1 = the user as trained, beyond 1 = exaggerated. Default 1. */
  readonly strength?: number;
  /** false: the bare model, no soft token. Default: personalised where a user is set. */
  readonly personalise?: boolean;
}
/** The user of a personalizer. The embedding goes in and never comes out. */
interface UserHandle {
  /**
   * Sets the user for sessions created from now on; sessions of the user before end.
   * @throws E2PError `invalid-embedding`
   */
  set(embedding: UserEmbedding): Promise<void>;
  /** Forgets the user and ends the sessions that carry its soft token. */
  clear(): Promise<void>;
}
/** Where a sentence encoder is at hand, words will do. */
interface DescribableUserHandle extends UserHandle {
  /**
   * Sets the user from what a person says about themselves: lines, or a text of several sentences, each of which becomes a vector.
   * The text itself is dropped: it enters no prompt and is kept nowhere.
   * @throws E2PError `invalid-argument` for no words or more lines than the projector reads; `contract-mismatch` where the
   *   encoder is not the projector's; the signal's reason on an abort
   */
  describe(text: string | readonly string[], options?: {
    readonly signal?: AbortSignal;
  }): Promise<void>;
}
interface ModelInfo {
  readonly name: string;
  readonly dtype: string;
  /** Tokens, prompt and answer together. */
  readonly contextLength: number;
  readonly hiddenSize: number;
  /** Why its texts are not to be trusted, where a check at load found so. */
  readonly warning?: string;
}
interface Personalizer$1 {
  /** Where the model runs, and why there. */
  readonly device: DeviceChoice;
  readonly model: ModelInfo;
  /** The embedding space that the projector reads; undefined without a projector. */
  readonly space: EmbeddingSpace | undefined;
  readonly user: UserHandle;
  createSession(options?: SessionOptions): Promise<Session>;
  /** Frees model, sessions and user. */
  destroy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
interface HubOptions {
  /** Default `https://huggingface.co`. */
  readonly host?: string;
  /** Path of a repository's files, with `{model}` and `{revision}`. Default `/{model}/resolve/{revision}/`. */
  readonly template?: string;
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string;
}
/** A model folder that the app has in its hands: of its own bundle, or chosen by the person. */
interface ModelFiles {
  /** For messages. */
  readonly name: string;
  /** By path inside the folder: `config.json`, `tokenizer.json`, `onnx/model_q4.onnx` … */
  readonly files: Readonly<Record<string, Blob>>;
}
/** The parts of the objective that `factorize` and `foldIn` must agree on. */
interface AlsWeights {
  /** λ > 0; also keeps every least-squares system positive definite. */
  readonly regularisation: number;
  /** α ≥ 0: how much more a clicked item counts than an unclicked one. */
  readonly alpha: number;
}
interface FoldInOptions extends AlsWeights {
  /** Row-major [items, dim], as `factorize` returned them. */
  readonly items: Float32Array;
  readonly dim: number;
  readonly clicks: readonly number[];
  /** `gramMatrix(items, dim)`, computed here when absent. */
  readonly gram?: Float64Array;
}
/**
 * The embedding [dim] of one person for fixed item factors: x = (YᵀY + Σ α n_i y_i y_iᵀ + λI)⁻¹ Σ (1 + α n_i) y_i,
 * sums over the clicked items. Nobody clicking anything is the zero vector.
 * Throws `invalid-argument` for an item index out of range or factors of the wrong length.
 */
export declare function foldIn(options: FoldInOptions): Float32Array;
interface EncoderOptions {
  /** Hub id, or a folder in the Hub's layout. */
  readonly id: string;
  readonly pooling?: 'mean' | 'cls';
  readonly normalize?: boolean;
  /** As Transformers.js has it; default q8. */
  readonly dtype?: string;
}
/** @throws E2PError `invalid-model` where Transformers.js is not installed or can't load the model. */
export declare function loadSentenceEncoder(options: EncoderOptions): Promise<SentenceEncoder>;
export interface NodePersonalizerOptions {
  /**
   * A folder, the URL of one, or a Hub id (`owner/name`) where no such folder exists: from the cache of `hf download` where it is there, else
   * fetched, into memory; or the files of a folder.
   */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`; default q4, else fp32. */
  readonly dtype?: Dtype;
  /** Host, path and revision of a Hub id; default `main` of huggingface.co. */
  readonly hub?: HubOptions;
  /** Path of a projector file, or the file. Without one, sessions are not personalised. */
  readonly projector?: string | Blob;
  /**
   * Hub id or folder of the sentence encoder for `user.describe`; default: the one that the projector's contract names. Needs the
   * package @huggingface/transformers.
   */
  readonly encoder?: string;
  /** Threads of one operator; default 1. */
  readonly threads?: number;
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
}
export interface Personalizer extends Personalizer$1 {
  readonly user: DescribableUserHandle;
}
export declare const Personalizer: {
  /** @throws E2PError naming the file and what is wrong with it. */
  create(options: NodePersonalizerOptions): Promise<Personalizer>;
};
export type { ChatMessage, DescribableUserHandle, E2PErrorCode, EncoderOptions, FoldInOptions, GenerateOptions, GenerationResult, HubOptions, ModelFiles, ModelInfo, SentenceEncoder, Session, SessionOptions, UserEmbedding, UserHandle };