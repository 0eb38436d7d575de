/** `e2p-web/evaluate`: whether a projector personalises, and the statistics for claims about it. */
/// <reference lib="esnext.disposable" />
import { i as Users, n as Example } from "./training-data.js";
import { m as ChatMessage, p as BaseModel, t as Projector } from "./projector.js";
import { i as Runtime } from "./file-source.js";
interface Lesson {
  /** Numbers that stand for each user, all of one length. */
  readonly rows: readonly Float32Array[];
  /** What is to be told of each, all of one length. */
  readonly answers: readonly (readonly number[])[];
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}
/** Answers for rows of people that nobody has told of. */
type Attack = (rows: readonly Float32Array[]) => number[][];
declare const ATTACKERS: {
  readonly ridge: typeof ridge;
  readonly mlp: typeof mlp;
};
type AttackerName = keyof typeof ATTACKERS;
/** Ridge regression in its dual form (Saunders, Gammerman & Vovk 1998), whose cost does not grow with the length of rows; penalty chosen on users kept aside. */
declare function ridge(lesson: Lesson): Attack;
/** One hidden layer of rectified units, AdamW; the epoch is chosen on users kept aside. */
declare function mlp({ rows: given, answers, seed, signal }: Lesson): Attack;
/** Of each user what is known, by id. */
type Answers = ReadonlyMap<string, string | number | ReadonlySet<string>>;
interface Attribute {
  readonly name: string;
  readonly kind: 'class' | 'number' | 'set';
  readonly answers: Answers;
}
/**
 * `{"user": "u17", "attributes": {"city": "Rome", "age": 34, "likes": ["jazz", "chess"]}}` a line: text and true or false are classes, numbers
 * are numbers, a list of texts is a set. An attribute may be absent for some.
 * @throws E2PError `invalid-data`
 */
export declare function readAttributes(bytes: Uint8Array, fileName: string): Attribute[];
interface Interval {
  readonly mean: number;
  /** Both NaN (null in JSON) where nothing can be told: of one user alone, or where the interval would have no width. */
  readonly low: number;
  readonly high: number;
}
/** Whether there is an interval. */
export declare const isTold: ({ low, high }: Interval) => boolean;
interface BootstrapOptions {
  /** Default 2,000. */
  readonly resamples?: number;
  /** Coverage; default 0.95. */
  readonly confidence?: number;
  readonly seed?: number;
}
/** Numbers by training seed, shuffle and user; every seed has the same shuffles and users. */
type Runs = readonly (readonly (readonly number[])[])[];
/**
 * Mean over users, weighted, of the mean over seeds and shuffles. Users, seeds and shuffles within a seed are all drawn anew in each
 * resample (Owen, "The pigeonhole bootstrap", AOAS 2007). A few seeds say little of the spread over all seeds. Of one user seeds and
 * shuffles would still give an interval, but it would say nothing of other users: there is none.
 */
export declare function bootstrapRuns(runs: Runs, weights?: readonly number[], { resamples, confidence, seed }?: BootstrapOptions): Interval;
/** One number per user → their weighted mean with its interval. Weights (e.g. target tokens) default to 1. */
export declare const bootstrapMean: (values: readonly number[], weights?: readonly number[], options?: BootstrapOptions) => Interval;
/** As {@link bootstrapMean}, of a − b within each user. Negative = a is lower. */
export declare function pairedDifference(a: readonly number[], b: readonly number[], weights?: readonly number[], options?: BootstrapOptions): Interval;
export declare const VIEWS: readonly ['embedding', 'soft-token', 'kv-cache', 'text'];
type View = (typeof VIEWS)[number];
interface ViewOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly projector: Projector;
  /** [n, dim] of each user. */
  readonly embeddings: readonly Float32Array[];
  readonly views: readonly View[];
  /** Conversations that are answered for everybody; soft tokens stand in the first. */
  readonly prompts: readonly (readonly ChatMessage[])[];
  /** Of a generated text. */
  readonly maxTokens: number;
  readonly signal?: AbortSignal | undefined;
  /** Users done, of all. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}
/** Of each user a row, for each view that was asked for. */
export declare function viewsOf(options: ViewOptions): Promise<Map<View, Float32Array[]>>;
interface AuditOptions extends Omit<ViewOptions, 'embeddings'> {
  readonly users: Users;
  readonly attributes: readonly Attribute[];
  /** What protects them, done to everybody's embedding before anybody sees it; the attacker learns from such embeddings too. */
  readonly protect?: ((embedding: Float32Array) => Float32Array) | undefined;
  /** Share of the users whom the attacker does not learn from; default 0.3. */
  readonly unseen?: number;
  readonly seed?: number;
}
/** What one attacker tells from one view: shares from 0 to 1, or R² of a number. */
interface Recovery {
  readonly attribute: string;
  readonly kind: Attribute['kind'];
  readonly view: View;
  readonly attacker: AttackerName;
  readonly recovered: Interval;
  /** The likeliest class, the mean, the most frequent things: for everybody. */
  readonly population: number;
  /** What the attacker says of somebody else. */
  readonly chance: number;
  /** Recovered − population, paired within users. */
  readonly gain: Interval;
}
interface AuditReport {
  /** Whom the attackers learnt from, and whom they were tried on. */
  readonly users: {
    readonly seen: number;
    readonly unseen: number;
  };
  readonly recoveries: readonly Recovery[];
}
/** @throws E2PError `invalid-data`, `invalid-argument`; the signal's reason on an abort */
export declare function audit(options: AuditOptions): Promise<AuditReport>;
interface InvertOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  /** What stands for each person: a view, or embeddings. */
  readonly users: Users;
  /** Sentences of theirs. */
  readonly sentences: readonly {
    readonly user: string;
    readonly text: string;
  }[];
  /** Whose sentences the attacker may learn from. */
  readonly isSeen: (user: string) => boolean;
  /** Updates of the attacker's projector; default 300. */
  readonly steps?: number;
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}
/** Of sentences of unseen people, with what stands for them, for somebody else, and for the mean user. */
interface InversionReport {
  readonly sentences: number;
  /** Nats per token of the own sentence, less with the own view than with somebody else's, and than with the mean: above zero, something was told. */
  readonly overShuffled: Interval | undefined;
  readonly overMean: Interval | undefined;
  /** How often the own sentence is the likeliest of 20; 0.05 is chance. */
  readonly hitsAt1: {
    readonly own: number | undefined;
    readonly mean: number | undefined;
  };
  /** Words in common of what is generated and the sentence (ROUGE-1). */
  readonly rouge1: {
    readonly own: number;
    readonly shuffled: number;
    readonly mean: number;
  };
}
/** @throws E2PError `invalid-data`, as `train` and `evaluate` */
export declare function invert(options: InvertOptions): Promise<InversionReport>;
interface MembershipOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly projector: Projector;
  readonly users: Users;
  /** Of users who were trained on, and of others like them. */
  readonly members: readonly Example[];
  readonly others: readonly Example[];
  readonly seed?: number;
  readonly signal?: AbortSignal | undefined;
}
interface MembershipReport {
  readonly members: number;
  readonly others: number;
  /** Probability that a member's score is above another's; 0.5 is chance. */
  readonly auc: Interval;
  /** Share of members told where 1 % of the others are told wrongly (Carlini et al., arXiv 2112.03570); 0.01 is chance. */
  readonly atOnePercent: number;
}
export declare function membership(options: MembershipOptions): Promise<MembershipReport>;
/** What `e2p audit` found. */
interface WholeAudit extends AuditReport {
  readonly inversions?: Readonly<Partial<Record<View, InversionReport>>>;
  readonly membership?: MembershipReport;
}
/** The tables alone, for a page with more on it. */
export declare function auditTables({ users, recoveries, inversions, membership }: WholeAudit): string;
export declare function auditMarkdown(report: WholeAudit): string;
/** Where scores are kept, so that an evaluation that ends early goes on. */
interface ScoreLogOptions {
  /** What an evaluation that ended early has left, and its name for messages; absent: begun anew. */
  readonly before?: {
    readonly bytes: Uint8Array;
    readonly name: string;
  } | undefined;
  /** Takes whole lines to be kept, behind `before`. */
  readonly append: (lines: string) => void;
}
/** What stands for the person: nobody, controls, the own soft token, words, or both. `docs/training.md` has each. */
export declare const CONDITIONS: readonly ['none', 'constant', 'mean', 'shuffled', 'true', 'text', 'shuffled-text', 'text+true'];
/** One of `CONDITIONS`. */
type Condition = (typeof CONDITIONS)[number];
interface Canary {
  /** Users (or groups) with examples and with both embeddings. */
  readonly users: number;
  readonly examples: number;
  /** Nats per target token: with the embeddings of the reference, with those of now, and with the mean user for everybody. */
  readonly nll: Readonly<Record<'reference' | 'current' | 'mean', number>>;
  /** Current minus reference, paired within users, above zero: worse; 95 % by bootstrap over users. */
  readonly loss: Interval;
  /** Of no loss, by exchanging both embeddings of a user (one-sided). */
  readonly p: number;
}
type Side = 'reference' | 'current';
interface CanaryOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  readonly projector: Projector;
  readonly reference: Users;
  readonly current: Users;
  /** Those of users in both are taken. */
  readonly examples: readonly Example[];
  readonly maxLength: number;
  readonly batch: number;
  readonly permutations: number;
  readonly seed: number;
  /** Rows scored with the embeddings of one side. */
  readonly onProgress?: (side: Side, done: number, all: number) => void;
}
/** @throws E2PError `invalid-data` for fewer than 20 users with examples and both embeddings; what `evaluate` throws */
export declare function runCanary(options: CanaryOptions): Promise<Canary>;
interface Permuted {
  readonly statistic: number;
  /** (1 + splits at least as different) / (1 + splits) */
  readonly p: number;
}
interface DriftOptions {
  /** One vector [dim] for each user: those of training, and those of now. */
  readonly reference: readonly Float32Array[];
  readonly current: readonly Float32Array[];
  /** Share of false alarms over all tests together; default 0.05. */
  readonly level?: number;
  /** Default 199: p-values in steps of half a percent. */
  readonly permutations?: number;
  /** Of each side so many are compared at most, picked at random. Default 5000. */
  readonly users?: number;
  /** Leading components that are looked at; default 8. */
  readonly components?: number;
  readonly seed?: number;
  /** What the model lost on held-out prompts, where it was measured. */
  readonly canary?: Canary | undefined;
}
/** `classifier` sees means and covariances of the leading components, `discrepancy` their whole distribution; `components` and `numbers` one variable after the other. */
export declare const DRIFT_TESTS: readonly ['classifier', 'discrepancy', 'components', 'numbers', 'canary'];
/** One of `DRIFT_TESTS`. */
type DriftTest = (typeof DRIFT_TESTS)[number];
/** AUC, MMD², the largest stability index of a component and of a number, or nats per token. */
interface DriftTestReport extends Permuted {
  /** Of all tests together (Holm). */
  readonly adjustedP: number;
}
interface DriftReport {
  readonly drift: boolean;
  readonly level: number;
  readonly permutations: number;
  readonly dim: number;
  /** Given, and compared. */
  readonly users: Readonly<Record<'reference' | 'current', {
    readonly given: number;
    readonly compared: number;
  }>>;
  readonly tests: Readonly<Partial<Record<DriftTest, DriftTestReport>>>;
  /** Of each leading component: its share of all variance, and its stability index. */
  readonly components: readonly {
    readonly share: number;
    readonly stability: number;
  }[];
  /** The numbers of an embedding with the largest stability indices, counted from 0. */
  readonly numbers: readonly {
    readonly index: number;
    readonly stability: number;
  }[];
  readonly canary?: Canary;
  readonly seed: number;
}
/**
 * @throws E2PError `invalid-data` for fewer than 50 users a side, vectors of different lengths, a number that is not finite, or users who
 *   are all the same; `invalid-argument`
 */
export declare function detectDrift(options: DriftOptions): DriftReport;
export declare function driftMarkdown(report: DriftReport): string;
/** Greedy texts of one condition: overlap with the targets (0…1) and what reading the prompt cost. */
interface GeneratedReport {
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
  readonly distinct1: number;
  readonly distinct2: number;
  /** Means over the prompts: tokens read before the first is written, soft tokens included. */
  readonly prefillTokens: number;
  /** Bytes of keys and values of the prompt. */
  readonly cacheBytes: number;
  /** Median, in ms; on this machine, with whatever ran beside it. */
  readonly timeToFirstTokenMs: number;
}
/** Losses of one condition, with 95 % intervals over users or groups. */
interface LossReport {
  /** Nats per target token, over users (or groups). */
  readonly nll: Interval;
  readonly perplexity: number;
  /** This condition's NLL minus that of `true`: above zero, the true user is better. */
  readonly minusTrue: Interval | undefined;
  /** The same for each training seed. */
  readonly minusTrueBySeed: readonly number[] | undefined;
  /** Nats of a whole target, end of text included, and its difference to `true`. */
  readonly nllPerTarget: Interval;
  readonly minusTruePerTarget: Interval | undefined;
}
/** One user, or a group of users that share data. */
interface GroupReport {
  readonly name: string;
  readonly targets: number;
  readonly targetTokens: number;
  /** Nats of all its targets together, by training seed (one where no projector is used), a mean over shuffles. */
  readonly nll: Readonly<Partial<Record<Condition, readonly number[]>>>;
}
/** All per target token, on the same examples. */
interface DeployedReport {
  readonly nll: Interval;
  /** What the deployed graph has more than the one that everything else is scored with. */
  readonly cost: Interval;
  /** This condition's NLL minus that of `true`, through the deployed graph and as scored. */
  readonly minusTrue: Interval | undefined;
  readonly scoredMinusTrue: Interval | undefined;
  /** What the deployed graph adds to that difference: nothing where its cost cancels. */
  readonly costMinusTrue: Interval | undefined;
}
type Stage = 'scoring' | 'ranking' | 'deployed' | 'generating';
/** What is scored: a model, projectors with their controls, and examples of unseen users. */
interface EvaluateOptions {
  readonly model: BaseModel;
  readonly runtime: Runtime;
  /** One, or several of the same recipe with different training seeds. Texts and hits@1 are of the first. */
  readonly projectors: readonly Projector[];
  /** Needed for the condition `constant`; where there are fewer than projectors, they take turns. */
  readonly constants?: readonly Projector[] | undefined;
  readonly users: Users;
  /** Of users that were not trained on. */
  readonly examples: readonly Example[];
  readonly conditions: readonly Condition[];
  /** Other people's places taken in `shuffled`, averaged; default 3. */
  readonly shuffles?: number;
  /** Examples for which the target is ranked among 19 of other users; default 100, 0 = none. */
  readonly ranked?: number;
  /** Examples that are also scored through the deployed graph; default 0 = none. */
  readonly deployed?: number;
  /** Examples for which a text is generated, greedily; default 50, 0 = none. */
  readonly generated?: number;
  /** Tokens of such a text; default 48. */
  readonly maxTokens?: number;
  /** An example with a longer row in any condition is left out of all; default 512. */
  readonly maxLength?: number;
  /** Default 16. */
  readonly batch?: number;
  readonly seed?: number;
  /** Also report every group by name, to pair it with what another system does for the same people. Default: only what holds for all. */
  readonly byGroup?: boolean;
  /** Keeps what is measured, and goes on from what was. Default: nothing is kept. */
  readonly scores?: ScoreLogOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  /** After each piece of a stage. */
  readonly onProgress?: (stage: Stage, done: number, all: number) => void;
}
/** What one condition scored. */
interface ConditionReport extends LossReport {
  /** Share of examples whose own target is the likeliest of 20, by nats per token. */
  readonly hitsAt1: number | undefined;
  readonly deployed: DeployedReport | undefined;
  readonly generated: GeneratedReport | undefined;
}
/** Every condition on the same target tokens. */
interface EvaluationReport {
  readonly model: {
    readonly id: string;
    readonly dtype: string;
  };
  readonly users: number;
  /** What is resampled: users, or groups of them. */
  readonly groups: number;
  readonly examples: number;
  readonly targetTokens: number;
  /** Lines that were too long in some condition. */
  readonly tooLong: readonly number[];
  /** Projectors of different training seeds. */
  readonly seeds: number;
  readonly shuffles: number;
  /** Asked for, but all examples are of one user or group, and nobody else can take the place. */
  readonly notMeasured: readonly Condition[];
  /** Users who, in some shuffle, got somebody of their own group; none unless one group is more than half of all. */
  readonly exchangedWithin: number;
  readonly ranked: number;
  /** Scored through the deployed graph too. */
  readonly deployed: number;
  readonly generated: number;
  readonly seed: number;
  readonly conditions: Readonly<Partial<Record<Condition, ConditionReport>>>;
  /** Only where asked for. */
  readonly byGroup?: readonly GroupReport[];
}
/**
 * @throws E2PError `invalid-argument`, `invalid-data`, `contract-mismatch`, `invalid-checkpoint` (of `scores`); the signal's reason on an
 *   abort
 */
export declare function evaluate(options: EvaluateOptions): Promise<EvaluationReport>;
/** The report as tables of Markdown. */
export declare function reportMarkdown(report: EvaluationReport): string;
/** The report as one page of HTML with a plot, which needs no other file. */
export declare function reportPage(report: EvaluationReport): string;
/** ROUGE F1 of words, each 0…1. */
interface Overlap {
  readonly rouge1: number;
  readonly rouge2: number;
  readonly rougeL: number;
}
/** Each from 0 (nothing shared) to 1 (the same words). ROUGE-1 is the unigram F1. */
export declare function overlap(found: string, wanted: string): Overlap;
/** Different n-grams among all n-grams of the texts, from 0 to 1. */
export declare function distinct(texts: readonly string[], n: 1 | 2): number;
export type { Answers, AttackerName, Attribute, AuditOptions, AuditReport, BootstrapOptions, Canary, CanaryOptions, Condition, ConditionReport, DeployedReport, DriftOptions, DriftReport, DriftTest, DriftTestReport, EvaluateOptions, EvaluationReport, GeneratedReport, GroupReport, Interval, InversionReport, InvertOptions, LossReport, MembershipOptions, MembershipReport, Overlap, Permuted, Recovery, Runs, ScoreLogOptions, View, ViewOptions, WholeAudit };