/// <reference lib="esnext.disposable" />
import { c as RuntimeSession, s as Runtime, u as OnnxModel } from "./user-embedding.js";
import { _ as ChatMessage, a as ProjectorWeights, g as BaseModel, h as CacheHeads, i as Projector, l as Anchors, m as Slot, t as Fusion, u as SentenceEncoderContract } from "./fuse-embeddings.js";
interface TrainingGraphOptions {
  readonly batch: number;
  /** Positions in a row, soft tokens and padding (on the right) included: L. */
  readonly length: number;
  /** Target tokens in a row at most: T. */
  readonly targets: number;
  /** Soft tokens in a row, K. Default 1. */
  readonly softTokens?: number;
  /** false: the forward pass only. Default true. */
  readonly gradient?: boolean;
  /** Keep little of the forward pass and compute it again in the backward pass: less memory, about a third more time. Default false. */
  readonly recompute?: boolean;
  /** k: learn from a teacher's k likeliest tokens too, three more inputs. Default 0. */
  readonly teacherTokens?: number;
  /** Give out the probabilities of the whole vocabulary at each target, as a teacher does. */
  readonly probabilities?: boolean;
  /** Sizes of keys and values as config.json has them, for a file that leaves them open. */
  readonly heads?: CacheHeads | undefined;
  /** For messages. */
  readonly fileName?: string;
}
interface TrainingModel {
  /** Bytes of the files with weights: what each session on a CPU may hold again. */
  readonly weightBytes: number;
  /**
   * The graph that a projector is trained on (`onnx/training-graph.ts`).
   * @throws E2PError `unsupported-graph` naming the operator that has no gradient, `runtime-failed`.
   */
  createTrainingSession(runtime: Runtime, options: TrainingGraphOptions): Promise<RuntimeSession>;
  /** Bytes that a run of that session needs at most between its nodes, estimated from the graph; weights are not in it. */
  trainingBytes(options: TrainingGraphOptions): number;
  /** Of these the weights in float32, which all such graphs of a runtime share. */
  unpackedBytes(runtime: Runtime, options: TrainingGraphOptions): number;
}
/** A base model, or what is asked of one. */
type Trainable<K extends keyof TrainingModel = keyof TrainingModel> = BaseModel | Pick<TrainingModel, K>;
interface ReadyGraphsOptions {
  readonly model: Trainable;
  readonly runtime: Runtime;
  /**
   * Bytes of all graphs kept, each with the memory of its runs and the weights. Where given, every run has the whole batch. Default: an
   * eighth of the machine's memory, 3 GB where the runtime does not know it; a batch whose run needs more than 2 GB then goes through in equal parts.
   */
  readonly keptBytes?: number | undefined;
}
interface ReadyGraph {
  readonly session: RuntimeSession;
  /** Rows that it takes: a divisor of the batch. */
  readonly rows: number;
}
interface ReadyGraphs {
  /** Makes room, and the graph, where it is not there. What it gives is valid until it is asked again. */
  take(graph: TrainingGraphOptions): Promise<ReadyGraph>;
  release(): Promise<void>;
}
type ValueName = string;
/** r(n) = matrix·n + offset */
interface Erasure {
  /** I − A, as [dim, dim] */
  readonly matrix: Float64Array;
  /** A·mean, as [dim] */
  readonly offset: Float64Array;
}
/** Sizes of a projector's layers. */
interface ProjectorShape {
  readonly dim: number;
  /** 0 = linear. */
  readonly hidden: number;
  /** K */
  readonly tokens: number;
  /** H of the base model */
  readonly hiddenSize: number;
  readonly outputRms: number;
  /** Adds Skip·n to what the layers give out; default false. */
  readonly residual?: boolean;
  /** Widths of the blocks of sources, each of which has a gate; absent: none. */
  readonly gated?: readonly number[] | undefined;
  /** Stands between the norm and its gain, until training is over; absent: none. */
  readonly erasure?: Erasure | undefined;
  /** Absent: free vectors. */
  readonly anchors?: AnchorRows | undefined;
}
/** Token embeddings whose mixture the output is, and what they are found by. */
interface AnchorRows {
  /** [A, H] */
  readonly rows: Float32Array;
  /** [A, D]; absent: the embeddings themselves. */
  readonly keys?: Float32Array | undefined;
  readonly count: number;
}
/** Parameters in the order of a forward pass, with their shapes. */
declare function projectorParameters(shape: ProjectorShape): readonly {
  readonly name: keyof ProjectorWeights;
  readonly dims: readonly number[];
}[];
/**
 * Inputs: `x` [batch, dim], standardised embeddings; `upstream` [batch, K, H]; every parameter by its name.
 * Outputs: `soft` [batch, K, H]; `grad/<name>` of what `wrt` names, default: every parameter.
 */
declare function projectorGraph(shape: ProjectorShape, batch: number, wrt?: readonly ValueName[]): OnnxModel;
/** A tokenised example: a prompt with places for soft tokens, then the target. */
interface TrainingRow {
  /** The whole sequence; ids at the places of soft tokens are not read. */
  readonly ids: readonly number[];
  /** Where soft token k stands, for each of the K; -1 for one that stands nowhere. */
  readonly softPositions: readonly number[];
  /** Index of the first target token; everything from there on is learned. */
  readonly targetFrom: number;
}
/** `model` is frozen; its weights are used as they are stored. */
interface RowRunnerOptions extends ReadyGraphsOptions {
  readonly hiddenSize: number;
  readonly batch: number;
  /** K */
  readonly softTokens: number;
  /** false: no backward pass. Default true. */
  readonly gradient?: boolean;
  /** Give out probabilities, to be a teacher. */
  readonly probabilities?: boolean;
  /** Less memory for more time. Default false. */
  readonly recompute?: boolean;
  /** Made before and released by whoever made them: runners that share them stay within one bound together. Default: the runner's own. */
  readonly graphs?: ReadyGraphs;
}
/** A row that says which of its user's n·K soft tokens stands at each soft position; default: the first at the first, and so on. */
interface PlacedRow extends TrainingRow {
  readonly softIndices?: readonly number[];
}
interface SoftLossResult {
  /** Mean negative log-likelihood per target token of the batch, in nats; with distillation mixed with the cross-entropy to the teacher. */
  readonly loss: number;
  /** d loss / d soft [batch, P, H] */
  readonly gradient: Float32Array;
}
/** A row, and where distilled from: the row with the user in words instead of soft tokens, its target the same. */
interface LearningRow extends TrainingRow {
  readonly teacher?: TrainingRow;
}
/** The base model as a function of soft tokens: loss, and its gradient. */
interface SoftLoss {
  /** Loss and gradient. `soft`: what stands at each of a row's P soft positions, `[batch, P, H]` */
  (rows: readonly LearningRow[], soft: Float32Array): Promise<SoftLossResult>;
  /** The loss of the targets alone, by a forward pass: what held-out users are looked at with. */
  lossOf(rows: readonly LearningRow[], soft: Float32Array): Promise<number>;
  /** Frees the graphs that were kept ready, where they are its own. */
  release(): Promise<void>;
}
interface SoftLossOptions extends Omit<RowRunnerOptions, 'gradient' | 'probabilities'> {
  /** Rows that go through the model at once, a divisor of `batch`; the sum over parts is the same. Default: all. */
  readonly rowsPerPass?: number;
  /** Share of the teacher in the loss, for rows that have one, 0…1; default 0. */
  readonly distill?: number;
  /** k: likeliest tokens of the teacher that are learned; default 16. */
  readonly teacherTokens?: number;
}
/** Of one model and runtime, for batches of these sizes; graphs of each length are made when they are first needed. */
declare function createSoftLoss({ distill, teacherTokens: tokens, ...options }: SoftLossOptions): SoftLoss;
/** Everything that a step of training changes: what a checkpoint keeps. */
interface TrainingState {
  /** Updates made. */
  readonly step: number;
  /** All weights in the order of `projectorParameters`. */
  readonly parameters: Float32Array;
  /** AdamW's moments, of the same length. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
  /** By the loss of held-out users. */
  readonly best: BestWeights | undefined;
  /** The step at which held-out users were last looked at. */
  readonly looked: number;
}
interface BestWeights {
  readonly step: number;
  /** Nats per target token. */
  readonly loss: number;
  readonly parameters: Float32Array;
}
/** Users who are not trained on, and how often they are looked at. */
interface HeldOut {
  readonly examples: readonly ProjectorExample[];
  /** Steps from one look to the next; the first is before the first step. */
  readonly every: number;
  /** Steps without a better loss after which training ends. */
  readonly patience: number;
}
/** How a training keeps to its (ε, δ): `dp-accounting.ts` says what that is. */
interface PrivateSteps {
  /** Probability of each person to be in a step. */
  readonly sampling: number;
  /** A person's gradient, of the mean over their target tokens, is no longer than this. */
  readonly clip: number;
  /** Standard deviation of the noise on each number of the sum, in `clip`s. */
  readonly noise: number;
  /** Whose rows each user's are, by the user's index: users who share data are one. */
  readonly unitOf: readonly number[];
  /** In [0, 1); default: of the Web Crypto API. From a seed that is known, noise could be taken away again. */
  readonly random?: () => number;
}
/** A row to learn from, and whose it is. */
interface ProjectorExample extends LearningRow, PlacedRow {
  /** Index of the user in `users`. */
  readonly user: number;
  /** The same with nobody set, to compare held-out users with. */
  readonly nobody?: TrainingRow;
  /** In the file it came from, for messages. */
  readonly line?: number;
}
/** Of `trainProjector`, which `train` prepares from users and examples. */
interface TrainProjectorOptions {
  readonly shape: ProjectorShape;
  /** Standardised embeddings [n, dim], n vectors of each user: the mean user is all zeros. */
  readonly users: readonly Float32Array[];
  readonly examples: readonly ProjectorExample[];
  /** Made for as many soft tokens as an example has soft positions at most (`softPlaces`). */
  readonly softLoss: SoftLoss;
  readonly runtime: Runtime;
  readonly batch: number;
  /** Updates. */
  readonly steps: number;
  /** The same seed, data and device give the same projector, bit for bit on a CPU with one thread. */
  readonly seed: number;
  /** Batches whose gradients make one update; this and the next four default to those of `RECIPE`. */
  readonly accumulate?: number;
  /** At its peak. */
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Share of examples that see the mean user instead. */
  readonly prefixDropout?: number;
  /** Where users are fused of several sources, and the chance that one of them is left out of an example. */
  readonly sources?: {
    /** Numbers of each source's block, the flag last. */
    readonly widths: readonly number[];
    /** Of each source that is known; one always stays. */
    readonly dropout: number;
  } | undefined;
  /** Standard deviation of the noise, in units of a standardised coordinate. */
  readonly noise?: number;
  /** Before and beside training through the model: texts whose words the projector learns to point at. */
  readonly alignment?: Alignment | undefined;
  /** Steps whose noise hides any one person; then `accumulate` has no meaning. */
  readonly privacy?: PrivateSteps | undefined;
  /** Weights to begin with; default: fresh ones. */
  readonly init?: ProjectorWeights;
  /** Examples of users that are not trained on: they tell when to stop, and which weights were best. */
  readonly heldOut?: HeldOut | undefined;
  /** A state to go on from. */
  readonly from?: TrainingState | undefined;
  /** Told the state at the end of every `stateEvery`-th step (default: `RECIPE`), of the last, and on an abort. */
  readonly onState?: (state: TrainingState) => void | Promise<void>;
  readonly stateEvery?: number;
  readonly signal?: AbortSignal | undefined;
  /** After each step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}
/** One step of a training. */
interface TrainingProgress {
  /** `align`: steps of the alignment, which comes first where there is one. */
  readonly stage: 'align' | 'train';
  readonly step: number;
  readonly steps: number;
  /** Nats per target token, of this step's batches; of alignment nats per text. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  /** Target tokens of this step, and all tokens with padding. */
  readonly targetTokens: number;
  readonly tokens: number;
  /** Of held-out users, where this step looked. */
  readonly heldOutLoss?: number | undefined;
  /** Of the same examples with nobody set: with the first look. */
  readonly withoutLoss?: number | undefined;
}
/** The weights that were best for held-out users, and when. */
interface TrainedProjector {
  readonly weights: ProjectorWeights;
  /** Updates made; fewer than asked for where held-out users got no better. */
  readonly steps: number;
  /** Of held-out users, with these weights, and at which step they were so. */
  readonly best: {
    readonly step: number;
    readonly loss: number;
  } | undefined;
  /** Of held-out users' examples with nobody set. */
  readonly withoutLoss: number | undefined;
  /** Held-out users got no better for `patience` steps. */
  readonly stoppedEarly: boolean;
}
/**
 * @throws E2PError `training-failed` with the step and the likely cause, where the loss is no longer finite; the
 *   signal's reason on an abort.
 */
declare function trainProjector(options: TrainProjectorOptions): Promise<TrainedProjector>;
/** A text that the projector is to point from, and its words. */
interface AlignedText {
  /** [dim], standardised. */
  readonly vector: Float32Array;
  /** Indices of candidates, the tokens of its words. */
  readonly targets: readonly number[];
}
/** Pointing from texts at their words, before the base model runs and beside it. */
interface Alignment {
  readonly texts: readonly AlignedText[];
  /** Keys [C, D] that the words are told apart by: token embeddings, or an anchor's keys. */
  readonly candidates: Float32Array;
  /** Steps before the base model runs; default 900. */
  readonly steps?: number;
  /** Texts of a step; default 256. */
  readonly batch?: number;
  /** Default 1.5e-3. */
  readonly learningRate?: number;
  /** Weight of a replayed step in the loss of training; default 0.15, 0 = none. */
  readonly replay?: number;
}
/** What the result depends on, by name. */
type Fingerprint = Readonly<Record<string, string | number>>;
/** What a training takes where nothing is said. */
declare const TRAIN_DEFAULTS: {
  readonly tokens: number;
  readonly maxLength: number;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly distill: number;
  readonly accumulate: 1;
  readonly learningRate: 0.002;
  readonly weightDecay: 0.01;
  readonly noise: 0.1;
  readonly prefixDropout: 0.1;
  /** Of `privacy`. */
  readonly clip: 0.1;
  /** Of `privacy`. */
  readonly people: 128;
  /** Of users of several sources. */
  readonly sourceDropout: 0.3;
  readonly heldOut: number;
  readonly looked: number;
  readonly checkpointEvery: 50;
};
/** Where nothing else is said, defaults are those of `TRAIN_DEFAULTS`. */
interface TrainOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly users: Users;
  readonly examples: readonly Example[];
  /** Of the base model, for the contract; default: the name it was loaded by. */
  readonly modelId?: string;
  /**
   * The model's weights were quantised twice, and apps will load another copy of it: the contract recognises it by the gains of its
   * norms alone. Default false.
   */
  readonly requantised?: boolean;
  /** Id of the embedding space, as apps will name it. */
  readonly space: string;
  /** What the vectors were made with, for the contract: apps can then describe a user in words. */
  readonly encoder?: SentenceEncoderContract | undefined;
  /**
   * A user's vectors become one, weighed by what an example asks; needs `encoder`. `temperature` is that of the softmax over cosines, and
   * `questions` has the encoder's vector of each question by its text. Default: each vector has soft tokens of its own.
   */
  readonly byQuestion?: {
    /** τ of softmax(cos / τ). */
    readonly temperature: number;
    /** [dim] of each question. */
    readonly questions: ReadonlyMap<string, Float32Array>;
  } | undefined;
  /** What `fuseEmbeddings` made the users by: so that the projector has a gate for each source, and training leaves some out. */
  readonly fusion?: Fusion | undefined;
  /** With `fusion`: the chance that a source of an example's user is left out, never all of them. */
  readonly sourceDropout?: number;
  /** With `fusion`: gates, which weight each source by what else is known. Default true. */
  readonly gate?: boolean;
  /** K, for each vector of a user. */
  readonly tokens?: number;
  /** Vectors of a user at most, for the contract; default: what the users have. */
  readonly vectors?: number;
  readonly slot?: Slot;
  /**
   * Tokens whose embeddings the output is a mixture of, for embeddings that are about words. Default: none, the output is a
   * free vector. Words of `alignTo` that are no anchors are left out.
   */
  readonly anchors?: Anchors | undefined;
  /** Beside the layers a matrix that starts as the identity; default: where anchors have keys. */
  readonly residual?: boolean;
  /** Texts and the words in them that their vectors should point at, before and beside training through the model. */
  readonly alignTo?: readonly AlignmentText[] | undefined;
  /**
   * How people lie in the space, for the projector's file: covariance and quantiles of distances, no person. Default true: as the training
   * users do. Embeddings that were factorised together with the items lie farther out than those that are folded in later: then give
   * users who were folded in too. false: the file tells nothing, and no app can see drift.
   */
  readonly reference?: boolean | Users;
  /** Steps, batch, rate and replay of the alignment. */
  readonly alignment?: Omit<Alignment, 'texts' | 'candidates'>;
  /** Width of the projector's inner layer; default: `defaultHidden`. 0 = none: a linear projector. */
  readonly hidden?: number;
  /** The control: a constant soft token, trained with the same budget. */
  readonly constant?: boolean;
  /** Updates; default: `epochs`. */
  readonly steps?: number;
  /** Times that every example is seen. */
  readonly epochs?: number;
  readonly batch?: number;
  /** Batches whose gradients make one update. */
  readonly accumulate?: number;
  /** At its peak. */
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Standard deviation of noise on each standardised number of an embedding. */
  readonly noise?: number;
  /** Share of examples that see the mean user. */
  readonly prefixDropout?: number;
  /** Share of users who are not trained on. */
  readonly heldOut?: number;
  /** Examples of other users to look at instead of holding out a share. */
  readonly validation?: readonly Example[] | undefined;
  /**
   * Share of the teacher in the loss, 0…1: the same frozen model reading each example's `teacher` prompt, or its persona
   * as text. Needs either in every example.
   */
  readonly distill?: number;
  /**
   * DP-SGD: whoever has the projector can tell of no one person whether they were trained on, beyond (ε, δ). Takes `init`, or users of a
   * `reference` who need no such protection: what standardises embeddings comes from them. Nobody is held out unless asked for; who is held
   * out is not protected.
   */
  readonly privacy?: TrainPrivacy | undefined;
  /**
   * An attribute that the projector is not to see: what tells it linearly is taken out of embeddings, and the file holds that (LEACE, arXiv 2306.03819).
   * `e2p audit` says what other attackers still tell. Not with `privacy`, since it is fitted without noise, nor with gates.
   */
  readonly hide?: HiddenAttribute | undefined;
  /** ms since 1970: only examples whose `time` is not before it are trained on. */
  readonly since?: number | undefined;
  /**
   * With `init`: users and prompts whose texts before and after are compared. Default: those of 20 users from before `since`.
   */
  readonly canaries?: readonly Example[] | undefined;
  /** Steps without a better loss of theirs after which training ends; default a quarter of all. There are 20 looks. */
  readonly patience?: number;
  /** Examples of held-out users that a look reads. */
  readonly looked?: number;
  /** Tokens; longer rows are left out. */
  readonly maxLength?: number;
  /**
   * Bytes that a step may need beside the model's weights, estimated from the graph: fewer rows go through the model at once, then
   * activations are computed again, until it fits. The result stays the same but for rounding. Default: no bound.
   */
  readonly memory?: number | undefined;
  /** Compute activations again instead of keeping them: several times less memory, more time. Default: only where `memory` asks for it. */
  readonly recompute?: boolean;
  readonly seed?: number;
  /** Weights, standardisation, K and slot are taken over from it. */
  readonly init?: Projector | undefined;
  /** Bytes of a checkpoint to go on from. */
  readonly checkpoint?: {
    readonly bytes: Uint8Array;
    readonly name: string;
  } | undefined;
  /** Takes a checkpoint's bytes and its step, to be kept where personal data may lie. */
  readonly onCheckpoint?: (bytes: Uint8Array, step: number) => void | Promise<void>;
  /** Steps. */
  readonly checkpointEvery?: number;
  readonly signal?: AbortSignal;
  /** After each step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}
/** What a training may tell of any one person, and how that is kept; users of one `group` are one person. */
interface TrainPrivacy {
  /** Of the whole training: 1 is strong, 8 is common, more promises little. */
  readonly epsilon: number;
  /** Below 1 ÷ the number of people. */
  readonly delta: number;
  /** Length that a person's gradient is clipped to; default 0.1. */
  readonly clip?: number;
  /** People that a step is expected to have; default 128, at most a half of all. */
  readonly people?: number;
}
/** What is known of users and is not to be told of them: two answers at least, fewer than an embedding has numbers. */
interface HiddenAttribute {
  /** Is told in the projector's file. */
  readonly name: string;
  /** The class of each user to train on; of other users it helps to fit the erasure, but for those held out. */
  readonly answers: ReadonlyMap<string, string>;
}
type Words = string | readonly string[];
/** A text as a vector, and the words it is about. */
interface AlignmentText {
  /** [dim] */
  readonly vector: Float32Array;
  /** What it is about: words, or a list of words and phrases; a phrase is one thing ("stained glass"). */
  readonly words: Words;
}
/** Embeddings by user id. */
interface Users {
  /** Vectors of each user, by id: [n, dim], one row behind the other; n = 1 where users are no sets. */
  readonly rows: ReadonlyMap<string, Float32Array>;
  readonly dim: number;
}
/** What users are as they stand in a file, where some have lines of text instead of numbers. */
interface UserLines {
  readonly users: Users;
  /** Lines by user, to be encoded (`user/sentence-encoder.ts`). */
  readonly lines: ReadonlyMap<string, readonly string[]>;
}
/** A line of training data. */
interface Example {
  readonly user: string;
  readonly messages: readonly ChatMessage[];
  readonly target: string;
  /** What a text persona would say of the user: for controls and distillation. */
  readonly persona: string | undefined;
  /** What a teacher reads instead, with the user told in words; default: the persona as system message before the prompt. */
  readonly teacher?: readonly ChatMessage[];
  /** The target is the beginning of an answer: no end of text behind it. */
  readonly unfinished?: boolean;
  /** Users of one group share something (sentences, friends): they are never split, and resampled together. */
  readonly group?: string;
  /** When it happened, ms since 1970: for training on what is new. */
  readonly time?: number;
  /** In its file, counted from 1. */
  readonly line: number;
}
/**
 * `{"user": "u17", "embedding": [numbers]}` a line, or a set of vectors `"embeddings": [[numbers]…]`, or `"lines": [texts]` for
 * a sentence encoder; or a safetensors file with the matrix `embeddings` [users, dim] and the ids as a JSON list in its
 * metadata under `users` (without it they are called "0", "1", …).
 * @throws E2PError `invalid-data`
 */
declare function readUserLines(bytes: Uint8Array, fileName: string): UserLines;
/**
 * As `readUserLines`, for users who all have vectors.
 * @throws E2PError `invalid-data`
 */
declare function readUsers(bytes: Uint8Array, fileName: string): Users;
/**
 * `{"user": id, "prompt": text or [{role, content}…], "target": text, "persona": text, "group": text, "time": ISO 8601}` a
 * line, the last three optional. A conversation ends before the assistant's turn, which is the target. For distillation also `"teacher"`, a prompt that tells of the user in words; `"unfinished": true` for
 * a target that is only the beginning of an answer.
 * @param users where given, every example's user has to be one of them
 * @throws E2PError `invalid-data`
 */
declare function readExamples(bytes: Uint8Array, fileName: string, users?: {
  readonly rows: ReadonlyMap<string, unknown>;
}): Example[];
/** A text, or the vector that an encoder made of it, and the words in it that the vector should point at. */
type AlignmentLine = {
  readonly words: Words;
} & ({
  readonly text: string;
  readonly vector?: undefined;
} | {
  readonly text?: undefined;
  readonly vector: Float32Array;
});
/**
 * `{"text": "I love pottery.", "words": "pottery"}` a line, or `{"embedding": [numbers], "words": …}`; `words` may be a list of words
 * and phrases.
 * @throws E2PError `invalid-data`
 */
declare function readAlignment(bytes: Uint8Array, fileName: string): AlignmentLine[];
export { projectorParameters as A, HeldOut as C, TrainingRow as D, createSoftLoss as E, ProjectorShape as O, PrivateSteps as S, SoftLoss as T, ProjectorExample as _, readAlignment as a, TrainingProgress as b, readUsers as c, TRAIN_DEFAULTS as d, TrainOptions as f, Alignment as g, AlignedText as h, Users as i, Erasure as j, projectorGraph as k, AlignmentText as l, Fingerprint as m, Example as n, readExamples as o, TrainPrivacy as p, UserLines as r, readUserLines as s, AlignmentLine as t, HiddenAttribute as u, TrainProjectorOptions as v, TrainingState as w, trainProjector as x, TrainedProjector as y };