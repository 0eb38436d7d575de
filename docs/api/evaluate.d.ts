/** `e2p-web/evaluate`: whether a projector personalises, and the statistics for claims about it. */
/// <reference lib="esnext.disposable" />
import { g as BaseModel, i as Projector } from "./fuse-embeddings.js";
import { i as Users, n as Example } from "./training-data.js";
import { s as Runtime } from "./user-embedding.js";
/** A mean with its interval. */
interface Interval {
  /** Of what was measured, not of the resamples. */
  readonly mean: number;
  /** Both NaN (null in JSON) where nothing can be told: of one user alone, or where the interval would have no width. */
  readonly low: number;
  readonly high: number;
}
/** Whether there is an interval. */
export declare const isTold: ({ low, high }: Interval) => boolean;
/** How an interval is drawn. */
interface BootstrapOptions {
  /** Default 2,000. */
  readonly resamples?: number;
  /** Coverage; default 0.95. */
  readonly confidence?: number;
  /** Of the resamples; default 1. */
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
export type { BootstrapOptions, Condition, ConditionReport, DeployedReport, EvaluateOptions, EvaluationReport, GeneratedReport, GroupReport, Interval, LossReport, Overlap, Runs, ScoreLogOptions };