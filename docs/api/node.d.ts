/// <reference lib="esnext.disposable" />
import { $ as EmbeddingProtection, $t as PromptInput, A as DRIFT_QUESTION, B as ActivityTypes, Bt as CpuWeights, C as StoredFeedback, Ct as CountedEvent, D as Arm, Dt as FoldInOptions, E as StoredExperiment, F as PrivacyBudget, Ft as CheckProgress, G as UserEvent, Gt as InputOptions, Ht as DescribableUserHandle, I as PrivateQuestion, It as CheckReport, J as AuditEntry, Jt as RankOptions, K as UserEvents, Kt as Session, L as PrivateReport, M as Catalogue, Mt as TotalProgress, N as openCatalogue, Nt as StoredFolder, O as Experiment, P as UserAudit, Pt as StoredFolderFile, Q as verifyAuditLog, Qt as BatchRequest, R as UserAggregates, S as Feedback, St as ActivityMethod, T as ExperimentSummary, U as EventDifference, Ut as UserHandle, Vt as Personalizer$1, W as StoredEvent, Wt as SessionOptions, X as AuditUse, Y as AuditLog, Yt as RankedCandidate, Z as ChainReport, Zt as BatchOptions, _ as UserEmbeddings, _n as RegExpConstraint, _t as RetentionPolicy, an as PValueRange, at as epsilonOf, b as UserFeedback, bt as ActivityEmbedding, c as ActivityConnection, cn as ForgottenItem, ct as ConsentState, d as User, dn as ModelInfo, dt as LockKind, en as PromptMessage, et as ProtectionStatement, f as UserExport, fn as GenerateOptions, ft as LockSecret, g as StoredEmbedding, gn as JsonSchemaConstraint, h as UserTranscripts, hn as Constraint, i as readSpaceMap, in as DriftOptions, it as blur, j as driftAnswer, k as Metric, kt as foldIn, l as ActivityOptions, ln as UserAttachment, lt as UserConsent, m as Transcript, mn as ChoicesConstraint, n as SpaceMap, nn as BatchOutcome, nt as Population, o as ParseEmbeddingOptions, on as UserFit, ot as sigmaFor, p as StoredTranscript, pn as GenerationResult, q as AuditAction, r as mapEmbedding, rn as DriftLevel, rt as PrivacyLoss, s as parseEmbedding, sn as SentenceEncoder, st as ConsentDecision, t as MappedSpace, tn as TextPart, tt as GaussianMechanism, u as embedFromActivity, un as UserChange, v as ForgetReport, w as UserExperiments, wt as AlsWeights, xt as ActivityEmbeddingOptions, y as MakeEmbedding, yt as Purpose, z as ACTIVITY_TYPES, zt as HubOptions } from "./common-surface.js";
import { t as ModelFiles } from "./handed-files.js";
import { i as StoragePlace, n as LoadProgress, r as SmallerVariant, t as InterruptedLoad } from "./load-progress.js";
import { _ as ChatMessage, b as Dtype, g as BaseModel, n as FusionSource, r as fuseEmbeddings, t as Fusion, v as JsonValue, y as TemplateVariables } from "./fuse-embeddings.js";
import { i as CheckWeightsOptions, o as StoredWeights, t as OpenUserOptions } from "./open-user.js";
import { d as E2PError, f as E2PErrorCode, n as EmbeddingSpace, p as MemoryBytes, r as UserEmbedding, s as Runtime, t as EmbeddingInput } from "./user-embedding.js";
/** What `personalizer.privacy` says in Node, in the shape of a browser's report: nothing is shut. */
interface UnsealedReport {
  /** The process that has the personal data can do all that its user can. */
  readonly phase: 'unsealed';
  /** Ways out of the process: none is shut. */
  readonly exits: readonly {
    readonly name: string;
    readonly state: 'open';
    readonly by: 'nothing';
  }[];
  /** In sentences for people. Never empty. */
  readonly notSealed: readonly string[];
}
/** Which model, in which precision, and where it is kept. */
interface NodeModelOptions {
  /**
   * A folder, the URL of one, or a Hub id (`owner/name`) where no such folder exists: from the cache of `hf download` where it is there, else
   * fetched; or the files of a folder.
   */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`; default q4, else fp32. */
  readonly dtype?: Dtype;
  /** Host, path and revision of a Hub id; default `main` of huggingface.co. */
  readonly hub?: HubOptions;
  /**
   * Folder where a model that is fetched is kept, gone on with and used again, as a browser does; many models may share it
   * (`weightsIn`). Default: memory only.
   */
  readonly cache?: string;
  /** As in a browser: where a fetched model is kept, files by bytes with a total over all of them, the device and the graph. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Ends the load; what had come stays in `cache`. */
  readonly signal?: AbortSignal;
}
/**
 * A base model for `train` and `evaluate`; a personalizer loads its own.
 * @throws E2PError naming the file and what is wrong with it
 */
declare const loadNodeModel: (options: NodeModelOptions) => Promise<BaseModel>;
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
/** Where a vault lies. */
interface VaultFolder {
  /** Of the vaults; made where it is absent, for this process's user alone (mode 0700). */
  readonly folder: string;
  /** One of several vaults in the folder: letters, digits, `.`, `_`, `-`. It is a file's name, so nothing personal. */
  readonly name?: string;
  /**
   * File of 32 bytes with the device key, should it lie elsewhere than beside the vault, on another disk or in a store of secrets. Made
   * where it is absent, and kept when the person is forgotten. Without it the vault can't be opened.
   */
  readonly keyFile?: string;
}
/** As in a browser, with a folder in place of the origin's storage. */
interface OpenFileUserOptions extends VaultFolder, Omit<OpenUserOptions, 'name' | 'records' | 'exclusive' | 'channel' | 'origin'> {}
/**
 * Opens the person's vault in a folder, or makes an empty one. Other processes may use it at the same time; what is changed in one of
 * them another one sees when it next looks.
 * @throws E2PError as in a browser, and `storage-failed` where the folder can't be used or another process holds it too long
 */
declare function openFileUser({ folder, name, keyFile, ...options }: OpenFileUserOptions): Promise<User>;
/** Forgets a person whose vault can't be opened. */
declare function forgetFileUser(where: VaultFolder): Promise<ForgetReport>;
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
export interface NodePersonalizerOptions extends NodeModelOptions {
  /** Path of a projector file, or the file. Without one, sessions are not personalised. */
  readonly projector?: string | Blob;
  /**
   * Hub id or folder of the sentence encoder for `user.describe`; default: the one that the projector's contract names. Needs the
   * package @huggingface/transformers.
   */
  readonly encoder?: string;
  /**
   * The person's vault (`openUser`). Sessions are personalised by the embedding in it, as long as `personalise` is granted; withdrawing,
   * locking and forgetting reach the engine at once, what another process does before its next session.
   */
  readonly user?: User;
  /** What a session does where `personalise` is not granted: fail with `consent-required` (default) or run unpersonalised. */
  readonly withoutConsent?: 'fail' | 'unpersonalised';
  /** Threads of one operator; default 1. */
  readonly threads?: number;
  /**
   * `int8`: prompts are read with weights of 4 and 8 bits turned into int8, which takes about half the time; they are made at the first load, kept
   * beside the file or in `cache`, and in memory too. Texts may differ from the file's. Default: `as-stored`, and `auto` is the same.
   */
  readonly cpuWeights?: CpuWeights;
  /** As of e2p-web: when an embedding counts as unusual or alien; false: never. */
  readonly drift?: DriftOptions | false;
  /** As of e2p-web; in a batch for each of its users. */
  readonly onDrift?: (fit: UserFit) => void;
}
/** Of a further projector: its encoder, and whose vault it is connected to, where that is not the first one's. */
export interface WithProjectorOptions extends Pick<NodePersonalizerOptions, 'encoder' | 'user' | 'withoutConsent'> {
  /** Ends the adding; what was loaded is let go of. */
  readonly signal?: AbortSignal;
}
/** A model with its projector, and the one person it writes for. `destroy` it. */
export interface Personalizer extends Personalizer$1 {
  readonly user: DescribableUserHandle;
  /**
   * Another personalizer on the same model in memory, with this projector and a user of its own, or connected to a vault: the one of its options,
   * else this personalizer's. Each is destroyed by itself; the model is freed with the last of them.
   * @throws E2PError naming the file and what is wrong with it
   */
  withProjector(projector: string | Blob, options?: WithProjectorOptions): Promise<Personalizer>;
  /**
   * Answers many requests at once, each for a user of its own, who is let go of with the answer.
   * @returns what became of each, in their order: what is wrong with one is not the others' failure
   * @throws E2PError `invalid-argument` for the options; `destroyed`; the signal's reason on an abort
   */
  generateBatch(requests: readonly BatchRequest[], options?: BatchOptions): Promise<readonly BatchOutcome[]>;
  /** That nothing is sealed here, in words. */
  readonly privacy: UnsealedReport;
  /** Where a model that was fetched is kept; undefined for one that was here. */
  readonly storage: StoragePlace | undefined;
}
/** The one way to a personalizer: `create`. */
export declare const Personalizer: {
  /** @throws E2PError naming the file and what is wrong with it. */
  create(given: NodePersonalizerOptions): Promise<Personalizer>;
};
/** What the folder has that was given as `cache`. */
export declare const weightsIn: (cache: string) => StoredWeights;
export { ACTIVITY_TYPES, type ActivityConnection, ActivityEmbedding, type ActivityEmbeddingOptions, type ActivityMethod, type ActivityOptions, type ActivityTypes, type AlsWeights, type Arm, type AuditAction, type AuditEntry, type AuditLog, type AuditUse, type BaseModel, type BatchOptions, type BatchOutcome, type BatchRequest, type Catalogue, type ChainReport, type ChatMessage, type CheckProgress, type CheckReport, type CheckWeightsOptions, type ChoicesConstraint, type ConsentDecision, type ConsentState, type Constraint, type CountedEvent, type CpuWeights, DRIFT_QUESTION, type DescribableUserHandle, type DriftLevel, type DriftOptions, type Dtype, E2PError, type E2PErrorCode, type EmbeddingInput, type EmbeddingProtection, type EmbeddingSpace, type EncoderOptions, type EventDifference, type Experiment, type ExperimentSummary, type Feedback, type FoldInOptions, type ForgetReport, type ForgottenItem, type Fusion, type FusionSource, type GaussianMechanism, type GenerateOptions, type GenerationResult, type HubOptions, type InputOptions, type InterruptedLoad, type JsonSchemaConstraint, type JsonValue, type LoadProgress, type LockKind, type LockSecret, type MakeEmbedding, type MappedSpace, type MemoryBytes, type Metric, type ModelFiles, type ModelInfo, type NodeDevice, type NodeModelOptions, type NodeRuntimeOptions, type OpenFileUserOptions, type PValueRange, type ParseEmbeddingOptions, type Population, type PrivacyBudget, type PrivacyLoss, type PrivateQuestion, type PrivateReport, type PromptInput, type PromptMessage, type ProtectionStatement, type Purpose, type RankOptions, type RankedCandidate, type RegExpConstraint, type RetentionPolicy, type Runtime, type SentenceEncoder, type Session, type SessionOptions, type SmallerVariant, type SpaceMap, type StoragePlace, type StoredEmbedding, type StoredEvent, type StoredExperiment, type StoredFeedback, type StoredFolder, type StoredFolderFile, type StoredTranscript, type StoredWeights, type TemplateVariables, type TextPart, type TotalProgress, type Transcript, type UnsealedReport, type User, type UserAggregates, type UserAttachment, type UserAudit, type UserChange, type UserConsent, type UserEmbedding, type UserEmbeddings, type UserEvent, type UserEvents, type UserExperiments, type UserExport, type UserFeedback, type UserFit, type UserHandle, type UserTranscripts, type VaultFolder, blur, createNodeRuntime as createRuntime, driftAnswer, embedFromActivity, epsilonOf, foldIn, forgetFileUser as forgetUser, fuseEmbeddings, loadNodeModel as loadModel, mapEmbedding, openCatalogue, openFileUser as openUser, parseEmbedding, readSpaceMap, sigmaFor, verifyAuditLog };