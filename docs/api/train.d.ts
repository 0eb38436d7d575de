/**
 * `e2p-web/train`: a projector trained through the frozen model that will be deployed. `train` runs where it is called, in Node or a
 * worker of your own, on a model and a runtime of `e2p-web/node`; `trainInWorker` is the same for a page. `adaptEmbedding` and
 * `learnFromFeedback` are the two for an embedding that learns from its person's feedback.
 */
/// <reference lib="esnext.disposable" />
import { b as Dtype, c as SpaceReference, d as PLACES, f as Place, g as BaseModel, i as Projector, l as Anchors, m as Slot, o as readProjector, p as SOFT, s as writeProjector, t as Fusion } from "./fuse-embeddings.js";
import { o as DeviceChoice, s as Runtime } from "./user-embedding.js";
import { At as gramMatrix, Et as Factors, H as activityWeight, Ot as factorize, S as Feedback, Tt as FactorizeOptions, V as activityCounts, a as writeSpaceMap, d as User, n as SpaceMap, sn as SentenceEncoder, t as MappedSpace, wt as AlsWeights, zt as HubOptions } from "./common-surface.js";
import { A as projectorParameters, C as HeldOut, D as TrainingRow, E as createSoftLoss, O as ProjectorShape, S as PrivateSteps, T as SoftLoss, _ as ProjectorExample, a as readAlignment, b as TrainingProgress, c as readUsers, d as TRAIN_DEFAULTS, f as TrainOptions, g as Alignment, h as AlignedText, i as Users, j as Erasure, k as projectorGraph, l as AlignmentText, m as Fingerprint, n as Example, o as readExamples, p as TrainPrivacy, r as UserLines, s as readUserLines, t as AlignmentLine, u as HiddenAttribute, v as TrainProjectorOptions, w as TrainingState, x as trainProjector, y as TrainedProjector } from "./training-data.js";
import { i as DeviceRequest, r as PrivacyReport, t as SealedFiles } from "./open-workers.js";
import { t as ModelFiles } from "./handed-files.js";
import { n as LoadProgress } from "./load-progress.js";
/**
 * AdamW (Loshchilov and Hutter, arXiv 1711.05101) over flat float32 arrays. Think of all parameters of a model as
 * one long vector; the state has two more of the same length. Everything is changed in place.
 */
interface AdamWState {
  /** Updates made so far. */
  step: number;
  /** Running mean of the gradient, and of its square. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
}
interface AdamWOptions {
  readonly learningRate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decoupled: each update also shrinks a parameter by learningRate · weightDecay of itself. */
  readonly weightDecay?: number;
  /** Ranges [from, to) that do not decay (gains of norms, biases). */
  readonly undecayed?: readonly (readonly [from: number, to: number])[];
}
/** Moments of zero. @param size number of parameters */
export declare function createAdamW(size: number): AdamWState;
/** One update of `parameters` against `gradient`, with bias-corrected moments. */
export declare function adamWStep(parameters: Float32Array, gradient: Float32Array, state: AdamWState, { learningRate, beta1, beta2, epsilon, weightDecay, undecayed }: AdamWOptions): void;
/**
 * Scales a gradient down to `maxNorm` (Euclidean, over all of it) where it is longer.
 * @returns the norm before clipping; not finite where the gradient is not
 */
export declare function clipGradient(gradient: Float32Array, maxNorm: number): number;
/** A text that has nothing to do with the person, and must stay as likely. */
type NeutralText = Pick<Feedback, 'prompt' | 'answer'>;
/** What learning from feedback takes, wherever it runs. */
interface FeedbackSettings {
  /** The canary: at least one. Of questions that the app's users ask, with answers that suit everybody. */
  readonly neutral: readonly NeutralText[];
  /** Nats per token that the neutral texts may lose. Default 0.02. */
  readonly tolerance?: number;
  /** How far each vector may go, in standard deviations of the training users: the root mean square over its coordinates. Default 1. */
  readonly distance?: number;
  /** Updates. Default 30. */
  readonly steps?: number;
  /** Default 1. */
  readonly seed?: number;
}
/** Of `adaptEmbedding`. */
interface AdaptEmbeddingOptions extends FeedbackSettings {
  /** Frozen, as it is stored. */
  readonly model: BaseModel;
  /** Where it runs. */
  readonly runtime: Runtime;
  /** Trained for the model; frozen too. */
  readonly projector: Projector;
  /** The embedding that was given, [n, dim]. */
  readonly values: Float32Array;
  /** What the person said. */
  readonly feedback: readonly Feedback[];
  /** After each update. */
  readonly onProgress?: (progress: FeedbackProgress) => void;
  /** Ends it before the next update. */
  readonly signal?: AbortSignal | undefined;
}
/** How far learning from feedback is. */
interface FeedbackProgress {
  /** Updates made. */
  readonly step: number;
  /** Updates in all. */
  readonly steps: number;
  /** Mean of the rows of this step. */
  readonly loss: number;
}
/** A figure with the embedding that was given, and with the one that has learnt or was refused. */
interface BeforeAfter {
  /** With the one that was given. */
  readonly before: number;
  /** With the other one. */
  readonly after: number;
}
/** What became of the feedback. No text in it. */
interface FeedbackReport {
  /** Why the embedding stays as it is; absent where it has learnt. */
  readonly refused?: 'no-gain' | 'held-out' | 'canary' | 'unusual';
  /** How many rows there were. */
  readonly rows: {
    /** Learnt from. */
    readonly learnt: number;
    /** Kept out, to look at. */
    readonly heldOut: number;
    /** Longer than 512 tokens with their prompt. */
    readonly tooLong: number;
  };
  /** Mean loss of the rows that were learnt from. */
  readonly loss: BeforeAfter;
  /** Of those that were not; absent where there are too few. */
  readonly heldOutLoss?: BeforeAfter;
  /** Nats per token of the neutral texts. */
  readonly neutral: BeforeAfter;
  /** How far the vector that went furthest is from where it was, in standard deviations. */
  readonly moved: number;
}
/** An embedding that has learnt, absent where it was refused, and why. */
interface AdaptedEmbedding {
  /** [n, dim] */
  readonly values?: Float32Array;
  /** How it went. */
  readonly report: FeedbackReport;
}
/**
 * One person's embedding learns from their feedback: model and projector stay as they are.
 * @throws E2PError `invalid-argument`, `invalid-embedding`, `unsupported-graph`; the signal's reason on an abort. No message holds a text.
 */
export declare const adaptEmbedding: (options: AdaptEmbeddingOptions) => Promise<AdaptedEmbedding>;
/**
 * Words of the vocabulary that an anchored projector can say, each with what the encoder makes of it.
 * @param most words, the earliest of the vocabulary
 * @param named words and phrases that are to be there as well, of up to four tokens
 */
export declare function anchorWords(model: Pick<BaseModel, 'codec' | 'facts'>, encoder: SentenceEncoder, most: number, named?: readonly string[], signal?: AbortSignal): Promise<Anchors>;
/**
 * For `fuseEmbeddings`. Of each source all users who have it count, whether they have others or not.
 * @param space name of the space of the fused vectors
 * @param sources users with one vector each, by the name of its space
 * @param options `peers`: what a person has that people alike have not, in place of what they have or `beside` it (default): the whitened
 *   vector minus the mean of its `nearest` (1) of `clusters` (32) means of the users of its source, each of `least` (5) of them or more
 * @throws E2PError `invalid-data` for a source without users, or whose users form no group of `least`
 */
export declare function fitFusion(space: string, sources: Readonly<Record<string, Users>>, options?: {
  /** Default: none. */
  readonly peers?: {
    /** Asked for; default 32. */
    readonly clusters?: number;
    /** Means of groups that are the peers; default 1. */
    readonly nearest?: number;
    /** Users of a group, at least; default 5. */
    readonly least?: number;
    /** Of the clustering; default 1. */
    readonly seed?: number;
    /** Default true. */
    readonly beside?: boolean;
  };
}): Fusion;
/** Whoever, or whatever, has a vector in both spaces. */
interface FitSpaceMapOptions {
  /** By the same ids. Items may be anchors as well as users: whatever has a vector in both spaces. */
  readonly old: Users;
  /** In the new space. */
  readonly fresh: Users;
  /** Which of those in both; default: all. */
  readonly anchors?: readonly string[] | undefined;
  /** Name of the space that the projector reads. */
  readonly oldSpace: string;
  /** Name of the space that is mapped. */
  readonly newSpace: string;
  /** Share of the anchors that the residual is measured on; default 0.2. */
  readonly heldOut?: number;
  /** Of who is held out; default 1. */
  readonly seed?: number;
}
/**
 * @returns the map from the new space into the old one; whether its residual is small enough is the caller's to decide
 * @throws E2PError `invalid-data` for fewer than 50 anchors, sets of vectors, or anchors that are all the same
 */
export declare function fitSpaceMap(options: FitSpaceMapOptions): SpaceMap;
/** Learning rates over a training: a linear warm-up, then half a cosine down to a small rest. */
interface CosineSchedule {
  /** Updates in all. */
  readonly steps: number;
  readonly peak: number;
  /** Updates until the peak is reached. Default: 5 % of `steps`. */
  readonly warmUp?: number;
  /** The last rate as a share of the peak. Default 0.05. */
  readonly floor?: number;
}
/** The rate of update `step`, counted from 0. The first is peak / warmUp, the last peak · floor. */
export declare function learningRateAt(step: number, { steps, peak, warmUp, floor }: CosineSchedule): number;
interface CanaryReport {
  readonly prompts: number;
  /** How many get the same text from both. */
  readonly same: number;
  /** Lines of those that get another one. */
  readonly changed: readonly number[];
}
interface MemoryPlan {
  /** Bytes between the nodes of the largest step at most, estimated from the graph; the model's weights are not in it. */
  readonly bytes: number;
  /** Rows of a batch that go through the model at once; of the longest there may be fewer where no limit was given. */
  readonly rowsPerPass: number;
  readonly recompute: boolean;
}
/** What a training did and found. Losses are nats per target token. */
interface TrainReport {
  readonly users: {
    readonly train: number;
    readonly heldOut: number;
  };
  readonly examples: {
    readonly train: number;
    readonly heldOut: number;
  };
  /** Lines of the examples that were longer than `maxLength` tokens. */
  readonly tooLong: readonly number[];
  readonly steps: number;
  /** Of held-out users: nats per target token of the weights that were kept, and their step. */
  readonly heldOutLoss: number | undefined;
  readonly bestStep: number | undefined;
  /** The same examples with nobody set. */
  readonly withoutLoss: number | undefined;
  /** Held-out users got no better for `patience` steps, so that not all steps were made. */
  readonly stoppedEarly: boolean;
  /** How many there are; 0 where none. */
  readonly anchors: number;
  readonly phrases: number;
  readonly aligned: number;
  /** Root mean square of the change of the training users' soft tokens, as a share of their size; with `init` only. */
  readonly moved: number | undefined;
  /** Examples from before `since`. */
  readonly older: number;
  /** Whether old users still get the same texts; with `init` and canaries only. */
  readonly canaries: CanaryReport | undefined;
  readonly memory: MemoryPlan;
  /** Whether the projector's file tells how its training users lie, so that drift is seen: not of fewer than 20 users. */
  readonly reference: boolean;
}
/** What a training gives: the best projector for held-out users, and its report. */
interface TrainResult {
  readonly projector: Projector;
  readonly report: TrainReport;
}
/**
 * @throws E2PError `invalid-data`, `invalid-argument`, `contract-mismatch` (of `init`), `invalid-checkpoint`,
 *   `unsupported-graph`, `training-failed`; the signal's reason on an abort, after a checkpoint.
 */
export declare function train(given: TrainOptions): Promise<TrainResult>;
/** A token that is a whole word. */
interface VocabularyWord {
  readonly id: number;
  /** Without the space. */
  readonly word: string;
}
/** Lower-case words, and capitalised ones that are no token in lower case: names of places and peoples. */
export declare function vocabularyWords({ codec, facts }: Pick<BaseModel, 'codec' | 'facts'>): VocabularyWord[];
/** What a catalogue is made of. */
interface WriteCatalogueOptions extends AlsWeights {
  /** Row-major [items, dim], as `factorize` returned them. */
  readonly items: Float32Array;
  /** Numbers of an item. */
  readonly dim: number;
  /** The embedding space of the users that belong to it. */
  readonly space: string;
  /** The app's id of each item, as it stands in events. Default: the row as a number. */
  readonly ids?: readonly string[];
}
/**
 * The file. Rows are rounded to int8, each by a scale of its own; with ids, they stand in the order of the ids. Users of the training are
 * to be folded in on the rounded rows, as the devices will.
 * @throws E2PError `invalid-argument` naming the field
 */
export declare function writeCatalogue(options: WriteCatalogueOptions): Uint8Array;
/** Those options of a training that are data. */
type TrainData = Omit<TrainOptions, 'model' | 'runtime' | 'init' | 'signal' | 'onProgress' | 'onCheckpoint'> & {
  /** Bytes of a projector file to begin with. */
  readonly init?: {
    readonly bytes: Uint8Array;
    readonly name: string;
  } | undefined;
};
/** Which model a training worker gets, and where from. */
interface TrainerOptions extends Pick<SealedFiles, 'loader' | 'wasm'> {
  /** Hub id (`owner/name`), or URL of a folder in the same layout, relative to the page or absolute; or the files of one. */
  readonly model: string | ModelFiles;
  /** Which `onnx/model*.onnx`. Default `auto`: q4, else fp32, else fp16. */
  readonly dtype?: Dtype | 'auto';
  /** Default `auto`: WebGPU where it works, else WASM. */
  readonly device?: DeviceRequest;
  /** Where ids of the Hub lead. */
  readonly hub?: HubOptions;
  /** Stages of the model's load. */
  readonly onLoad?: (progress: LoadProgress) => void;
  /** Told once, when the model is there and every way out of the worker is shut. */
  readonly onReady?: (ready: {
    readonly device: DeviceChoice;
    readonly privacy: PrivacyReport;
  }) => void;
  /** Ends loading and learning. */
  readonly signal?: AbortSignal;
}
/** Of `learnFromFeedback`. */
interface LearnFromFeedbackOptions extends FeedbackSettings, TrainerOptions {
  /** With an embedding of the space, and feedback. */
  readonly user: User;
  /** Name of the embedding space. */
  readonly space: string;
  /** Of the model and the space. */
  readonly projector: {
    /** Of its file. */
    readonly bytes: Uint8Array;
    /** For messages. */
    readonly name: string;
  };
  /** After each update. */
  readonly onProgress?: (progress: FeedbackProgress) => void;
}
/**
 * The person's embedding learns from their feedback, as `adaptEmbedding` does it: model and projector stay, what was learnt is a new version in the
 * vault, which `user.embedding.undo` takes back. Nothing calls this by itself. A withdrawal, a lock or `forget()` ends it.
 * @returns how it went; undefined where there is no feedback: then the embedding that was given is current.
 * @throws E2PError as of `user.feedback.learn` and `adaptEmbedding`, and those of loading a model; the signal's reason on an abort
 */
export declare function learnFromFeedback(options: LearnFromFeedbackOptions): Promise<FeedbackReport | undefined>;
/** Of `trainInWorker`: the model, the data and what `train` takes. */
interface TrainInWorkerOptions extends TrainData, TrainerOptions {
  /** After each step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Bytes to go on from, as `checkpoint`: keep them where personal data may lie. */
  readonly onCheckpoint?: (bytes: Uint8Array, step: number) => void;
}
/** A projector file, and how the training went. */
interface TrainInWorkerResult {
  /** A projector file. */
  readonly projector: Uint8Array;
  readonly report: TrainReport;
}
/**
 * @throws E2PError as of `train`, and those of loading a model; the signal's reason on an abort, after a last
 *   `onCheckpoint`.
 */
export declare function trainInWorker(options: TrainInWorkerOptions): Promise<TrainInWorkerResult>;
export { type AdaptEmbeddingOptions, type AdaptedEmbedding, type AlignedText, type Alignment, type AlignmentLine, type AlignmentText, type Anchors, type BeforeAfter, type CosineSchedule, type Erasure, type Example, type FactorizeOptions, type Factors, type FeedbackProgress, type FeedbackReport, type FeedbackSettings, type Fingerprint, type FitSpaceMapOptions, type HeldOut, type HiddenAttribute, type LearnFromFeedbackOptions, type MappedSpace, type NeutralText, PLACES, type Place, type PrivateSteps, type Projector, type ProjectorExample, type ProjectorShape, SOFT, type Slot, type SoftLoss, type SpaceMap, type SpaceReference, TRAIN_DEFAULTS, type TrainInWorkerOptions, type TrainInWorkerResult, type TrainOptions, type TrainPrivacy, type TrainProjectorOptions, type TrainReport, type TrainResult, type TrainedProjector, type TrainerOptions, type TrainingProgress, type TrainingRow, type TrainingState, type UserLines, type Users, type VocabularyWord, type WriteCatalogueOptions, activityCounts, activityWeight, createSoftLoss, factorize, gramMatrix, projectorGraph, projectorParameters, readAlignment, readExamples, readProjector, readUserLines, readUsers, trainProjector, writeProjector, writeSpaceMap };