/// <reference lib="esnext.disposable" />
import { $ as AuditUse, $t as PValueRange, A as Arm, At as CheckProgress, B as PrivateReport, Bt as InputOptions, C as UserTranscripts, D as UserExperiments, Dt as TotalProgress, E as ForgetReport, F as Catalogue, Ft as Personalizer$1, Gt as BatchOptions, H as ACTIVITY_TYPES, I as openCatalogue, It as DescribableUserHandle, J as UserEvent, Jt as PromptMessage, K as EventDifference, Kt as BatchRequest, L as UserAudit, Lt as UserHandle, M as Metric, N as DRIFT_QUESTION, O as ExperimentSummary, Ot as StoredFolder, P as driftAnswer, Pt as HubOptions, Q as AuditLog, Qt as DriftOptions, R as PrivacyBudget, Rt as SessionOptions, S as Transcript, St as FoldInOptions, T as UserEmbeddings, U as ActivityTypes, Ut as RankOptions, V as UserAggregates, Vt as Session, Wt as RankedCandidate, X as AuditAction, Xt as BatchOutcome, Y as UserEvents, Yt as TextPart, Z as AuditEntry, Zt as DriftLevel, _ as ActivityOptions, _t as ActivityMethod, an as ModelInfo, b as UserExport, c as GaussianMechanism, cn as ChoicesConstraint, d as epsilonOf, dn as RegExpConstraint, en as UserFit, et as ChainReport, f as sigmaFor, ft as RetentionPolicy, g as ActivityConnection, gt as ActivityEmbeddingOptions, h as fuseEmbeddings, ht as ActivityEmbedding, i as readSpaceMap, in as UserChange, it as UserConsent, j as Experiment, jt as CheckReport, k as StoredExperiment, kt as StoredFolderFile, l as PrivacyLoss, ln as Constraint, m as FusionSource, mt as Purpose, n as SpaceMap, nn as ForgottenItem, nt as ConsentDecision, o as ParseEmbeddingOptions, on as GenerateOptions, ot as LockKind, p as Fusion, q as StoredEvent, qt as PromptInput, r as mapEmbedding, rn as UserAttachment, rt as ConsentState, s as parseEmbedding, sn as GenerationResult, st as LockSecret, t as MappedSpace, tn as SentenceEncoder, tt as verifyAuditLog, u as blur, un as JsonSchemaConstraint, v as embedFromActivity, vt as CountedEvent, w as StoredEmbedding, wt as foldIn, x as StoredTranscript, y as User, yt as AlsWeights, z as PrivateQuestion } from "./common-surface.js";
import { i as UserEmbedding, n as EmbeddingInput, r as EmbeddingSpace, t as ModelFiles } from "./handed-files.js";
import { i as StoragePlace, n as LoadProgress, r as SmallerVariant, t as InterruptedLoad } from "./load-progress.js";
import { _ as Dtype, g as TemplateVariables, h as JsonValue, m as ChatMessage, p as BaseModel } from "./projector.js";
import { i as CheckWeightsOptions, o as StoredWeights, t as OpenUserOptions } from "./open-user.js";
import { c as E2PError, i as Runtime, l as E2PErrorCode, u as MemoryBytes } from "./file-source.js";
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
declare function loadNodeModel({ dtype, signal, onProgress, ...where }: NodeModelOptions): Promise<BaseModel>;
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
  /** As of e2p-web: when an embedding counts as unusual or alien; false: never. */
  readonly drift?: DriftOptions | false;
  /** As of e2p-web; in a batch for each of its users. */
  readonly onDrift?: (fit: UserFit) => void;
}
/** Of a further projector: its encoder. */
export interface WithProjectorOptions extends Pick<NodePersonalizerOptions, 'encoder'> {
  /** Ends the adding; what was loaded is let go of. */
  readonly signal?: AbortSignal;
}
/** A model with its projector, and the one person it writes for. `destroy` it. */
export interface Personalizer extends Personalizer$1 {
  readonly user: DescribableUserHandle;
  /**
   * Another personalizer on the same model in memory, with this projector and a user of its own. Each is destroyed by itself; the model is
   * freed with the last of them.
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
export { ACTIVITY_TYPES, type ActivityConnection, ActivityEmbedding, type ActivityEmbeddingOptions, type ActivityMethod, type ActivityOptions, type ActivityTypes, type AlsWeights, type Arm, type AuditAction, type AuditEntry, type AuditLog, type AuditUse, type BaseModel, type BatchOptions, type BatchOutcome, type BatchRequest, type Catalogue, type ChainReport, type ChatMessage, type CheckProgress, type CheckReport, type CheckWeightsOptions, type ChoicesConstraint, type ConsentDecision, type ConsentState, type Constraint, type CountedEvent, DRIFT_QUESTION, type DescribableUserHandle, type DriftLevel, type DriftOptions, type Dtype, E2PError, type E2PErrorCode, type EmbeddingInput, type EmbeddingSpace, type EncoderOptions, type EventDifference, type Experiment, type ExperimentSummary, type FoldInOptions, type ForgetReport, type ForgottenItem, type Fusion, type FusionSource, type GaussianMechanism, type GenerateOptions, type GenerationResult, type HubOptions, type InputOptions, type InterruptedLoad, type JsonSchemaConstraint, type JsonValue, type LoadProgress, type LockKind, type LockSecret, type MappedSpace, type MemoryBytes, type Metric, type ModelFiles, type ModelInfo, type NodeDevice, type NodeModelOptions, type NodeRuntimeOptions, type OpenFileUserOptions, type PValueRange, type ParseEmbeddingOptions, type PrivacyBudget, type PrivacyLoss, type PrivateQuestion, type PrivateReport, type PromptInput, type PromptMessage, type Purpose, type RankOptions, type RankedCandidate, type RegExpConstraint, type RetentionPolicy, type Runtime, type SentenceEncoder, type Session, type SessionOptions, type SmallerVariant, type SpaceMap, type StoragePlace, type StoredEmbedding, type StoredEvent, type StoredExperiment, type StoredFolder, type StoredFolderFile, type StoredTranscript, type StoredWeights, type TemplateVariables, type TextPart, type TotalProgress, type Transcript, type UnsealedReport, type User, type UserAggregates, type UserAttachment, type UserAudit, type UserChange, type UserConsent, type UserEmbedding, type UserEmbeddings, type UserEvent, type UserEvents, type UserExperiments, type UserExport, type UserFit, type UserHandle, type UserTranscripts, type VaultFolder, blur, createNodeRuntime as createRuntime, driftAnswer, embedFromActivity, epsilonOf, foldIn, forgetFileUser as forgetUser, fuseEmbeddings, loadNodeModel as loadModel, mapEmbedding, openCatalogue, openFileUser as openUser, parseEmbedding, readSpaceMap, sigmaFor, verifyAuditLog };