/// <reference lib="esnext.disposable" />
import { C as JsonSchemaConstraint, S as Constraint, a as UserHandle, b as GenerationResult, c as Session, d as RankedCandidate, f as PromptInput, h as SentenceEncoder, i as SessionOptions, m as TextPart, n as ModelInfo, p as PromptMessage, r as Personalizer$1, s as InputOptions, t as DescribableUserHandle, u as RankOptions, w as RegExpConstraint, x as ChoicesConstraint, y as GenerateOptions } from "./personalizer.js";
import { f as BaseModel, m as Dtype, p as ChatMessage } from "./projector.js";
import { t as HubOptions } from "./hub.js";
import { c as E2PError, i as Runtime, l as E2PErrorCode, t as FetchProgress } from "./file-source.js";
import { t as ModelFiles } from "./handed-files.js";
import { a as foldIn, r as FoldInOptions } from "./als.js";
import { r as UserEmbedding, t as EmbeddingInput } from "./user-embedding.js";
/** Of `createRuntime` in Node. */
interface NodeRuntimeOptions {
  /** Threads of one operator; default 1, the fastest for small models on a shared machine. */
  readonly threads?: number;
  /** Where onnxruntime-node computes; `cuda` needs its CUDA libraries, `webgpu` a driver. Default `cpu`. */
  readonly device?: NodeDevice;
}
/** Where onnxruntime-node computes. */
type NodeDevice = 'cpu' | 'cuda' | 'webgpu';
/** @throws E2PError `unsupported-device` where onnxruntime-node, an optional package, is not installed or does not load */
declare function createNodeRuntime({ threads, device }?: NodeRuntimeOptions): Runtime;
/** Which sentence encoder, and how its tokens become one vector. */
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
/** What `Personalizer.create` takes in Node. */
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
  /** While files of a URL or a Hub id come; a folder's are read without a word. */
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
}
/** A model with its projector, and the one person it writes for. `destroy` it. */
export interface Personalizer extends Personalizer$1 {
  readonly user: DescribableUserHandle;
}
/** The one way to a personalizer: `create`. */
export declare const Personalizer: {
  /** @throws E2PError naming the file and what is wrong with it. */
  create(given: NodePersonalizerOptions): Promise<Personalizer>;
};
/**
 * A base model for `train` and `evaluate`; a personalizer loads its own.
 * @throws E2PError naming the file and what is wrong with it
 */
export declare const loadModel: ({ dtype, signal, onProgress, ...where }: Pick<NodePersonalizerOptions, 'model' | 'dtype' | 'hub' | 'signal' | 'onProgress'>) => Promise<BaseModel>;
export { type BaseModel, type ChatMessage, type ChoicesConstraint, type Constraint, type DescribableUserHandle, E2PError, type E2PErrorCode, type EmbeddingInput, type EncoderOptions, type FoldInOptions, type GenerateOptions, type GenerationResult, type HubOptions, type InputOptions, type JsonSchemaConstraint, type ModelFiles, type ModelInfo, type NodeDevice, type NodeRuntimeOptions, type PromptInput, type PromptMessage, type RankOptions, type RankedCandidate, type RegExpConstraint, type Runtime, type SentenceEncoder, type Session, type SessionOptions, type TextPart, type UserEmbedding, type UserHandle, createNodeRuntime as createRuntime, foldIn };