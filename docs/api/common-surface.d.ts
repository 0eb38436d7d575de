/// <reference lib="esnext.disposable" />
import { i as FetchProgress, n as EmbeddingSpace, o as DeviceChoice, r as UserEmbedding, t as EmbeddingInput } from "./user-embedding.js";
import { _ as ChatMessage, g as BaseModel, u as SentenceEncoderContract, y as TemplateVariables } from "./fuse-embeddings.js";
import "./handed-files.js";
/** The answer is one of these texts, character by character. A list of 1,000 texts or more is prepared once and then kept. */
interface ChoicesConstraint {
  readonly choices: readonly string[];
}
/** The answer as a whole matches, as if `^(?:…)$` stood there. A text is read with the flag u. */
interface RegExpConstraint {
  readonly regexp: RegExp | string;
}
/** The answer is JSON that this schema validates. docs/generation.md says which keywords there are; others are refused. */
interface JsonSchemaConstraint {
  readonly jsonSchema: object;
}
/** What an answer is held to, one of three kinds; `docs/generation.md` says what each supports. */
type Constraint = ChoicesConstraint | RegExpConstraint | JsonSchemaConstraint;
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
/** How an answer is drawn and when it ends. Defaults are the model's own `generation_config.json`. */
interface GenerateOptions extends Partial<SamplingOptions> {
  /** Longest answer, in tokens, thoughts included; default 256. */
  readonly maxTokens?: number;
  /** Texts, or one, that end the answer; they are not part of it. A thought may have them. */
  readonly stop?: string | readonly string[];
  /**
   * What the answer has to be, behind a thought where the model has one; where `maxTokens` cuts it, it is the beginning of that. Not
   * together with `stop`.
   */
  readonly constraint?: Constraint;
  /**
   * Whether tokens that followed the same words before are guessed and read together with the last one (prompt lookup), where that draws the same
   * tokens: a text that repeats comes sooner. Rounding differs in the sixth digit, so an exact tie may fall otherwise. Default true.
   */
  readonly promptLookup?: boolean;
  /** Makes sampling repeatable; without it every answer is another. */
  readonly seed?: number;
  /** Ends the answer; the call then fails with its reason. */
  readonly signal?: AbortSignal;
  /** Each piece of text as soon as it can be shown. */
  readonly onText?: (text: string) => void;
  /** Each piece of what a reasoning model thinks before it answers. */
  readonly onReasoning?: (text: string) => void;
}
/** An answer with what it cost: tokens, milliseconds, tokens a second. */
interface GenerationResult {
  /** The answer, without what the model thought and without special tokens. */
  readonly text: string;
  /** What the model thought before, if it did; it is no part of `text`. */
  readonly reasoning?: string;
  /** The generated ids, those of a thought included, without the one that ended the answer. */
  readonly tokenIds: readonly number[];
  /** Of them, those of a thought and its marks. */
  readonly reasoningTokens: number;
  /**
   * `end`: the model ended, or the constraint has nothing more to come; `stop`: a stop string; `length`: maxTokens or the context was
   * used up.
   */
  readonly finishReason: 'end' | 'stop' | 'length';
  /** Tokens of the prompt, soft tokens included. */
  readonly promptTokens: number;
  /** Of them, soft tokens: 0 where nobody was meant. */
  readonly softTokens: number;
  /** Prompt tokens that a cache already held and that were not read again. */
  readonly cachedTokens: number;
  /** From the call to the first token, in ms. */
  readonly timeToFirstTokenMs: number;
  /** Tokens after the first, over the time they took; 0 if there was only one. */
  readonly tokensPerSecond: number;
}
/** Which model was loaded, and in which precision. */
interface ModelInfo {
  readonly name: string;
  readonly dtype: string;
  /** What it computes with: the file's weights, or what they were turned into for a CPU. */
  readonly weights: BaseModel['cpuWeights'];
  /** Tokens, prompt and answer together. */
  readonly contextLength: number;
  readonly hiddenSize: number;
  /** Why its texts are not to be trusted, where a check at load found so. */
  readonly warning?: string;
}
/**
 * How something that works with a person's data (an engine, a cache) hears that it must let go. `withdraw()`, `forget()` and
 * `lock()` wait for it, so that they are done only when the data is gone there too.
 */
/**
 * What changed: a consent decision; an embedding was set, deleted or expired; events or feedback were added, deleted or expired; the vault was locked or
 * unlocked; everything was forgotten.
 */
type UserChange = 'consent' | 'embedding' | 'events' | 'feedback' | 'lock' | 'forget';
/** One line of a forget report: so many of what, and where. No content. */
interface ForgottenItem {
  /** e.g. `embedding`, `session`, `KV cache`. */
  readonly what: string;
  /** Where it was. */
  readonly where: 'memory' | 'gpu' | 'storage';
  /** How many of them. */
  readonly count: number;
}
/** Something of the app's that keeps personal data outside of the vault. */
interface UserAttachment {
  /**
   * Look again: ask for consent and embedding anew, and drop what is no longer allowed. Never called with `forget`. From other
   * tabs it comes a message later.
   */
  onChange(change: UserChange): Promise<void>;
  /** Drop everything personal, overwrite buffers, and say what it was. */
  forget(): Promise<readonly ForgottenItem[]>;
}
/** Makes one vector of a text. `release` it. */
interface SentenceEncoder {
  /** Length of a vector. */
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
  /** Frees its model. */
  release(): Promise<void>;
}
/** `unknown`: the projector's file has no reference of its training users, or drift is not looked at. */
type DriftLevel = 'fine' | 'unusual' | 'alien' | 'unknown';
/** p-values below which a level begins. */
interface DriftOptions {
  /** Below it an embedding is unusual. Default 0.001: one in a thousand of the same population. */
  readonly unusual?: number;
  /** Below it an embedding is alien. Default 0.000001, beyond the quantiles of any file: by how the far end of them goes on. */
  readonly alien?: number;
  /**
   * true, the default: alien embeddings don't personalise. 'shrink': moreover λ of unusual ones falls, from 1 at the one threshold to 0 at the
   * other; as measured on the default model it gained in no kind of unusual ones (docs/results/drift-levels.md). false: levels are only told.
   */
  readonly apply?: boolean | 'shrink';
}
/** How the embedding that is set fits the projector's training users. Nothing in it tells which embedding it is. */
interface UserFit {
  /** What follows from it. */
  readonly level: DriftLevel;
  /** λ that a session's `strength` is multiplied by, in tenths: 0 where alien, and then there is no soft token; else 1, or less where it is to shrink. */
  readonly strength: number;
  /** Share of the same population that is at least as unlike it. */
  readonly pValue?: PValueRange;
  /** Where it is not fine, in words for whoever builds the app. */
  readonly reason?: string;
  /**
   * Against the version before: `leap` where it is as far from it as most people are from somebody else, `gradual` where it is not, `first`
   * where there is none, or another person's. It changes no λ.
   */
  readonly change: 'first' | 'gradual' | 'leap' | 'unknown';
  /**
   * How fast it moves: how far from an earlier version in the vault, per day, as a share of how far two people of training typically lie apart.
   * 0 (below 0.007), 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, or 2 (and more). Absent without a vault, an earlier version there, or a reference. It
   * changes no λ.
   */
  readonly speed?: number;
}
/** All that is told of a p-value. */
type PValueRange = '≥ 0.1' | '0.01 … 0.1' | '0.001 … 0.01' | '< 0.001';
/** What became of a request: its answer, or its own error. */
type BatchOutcome = PromiseSettledResult<GenerationResult>;
/** A part of a message; text is the only kind. */
interface TextPart {
  readonly type: 'text';
  readonly value: string;
}
/** A turn of a conversation, in the form of the web platform's Prompt API. */
interface PromptMessage {
  readonly role: ChatMessage['role'];
  /** Parts are joined with nothing between them. */
  readonly content: string | readonly TextPart[];
  /** Of the last message, by the assistant: the answer's first words, which it goes on from. */
  readonly prefix?: boolean;
  /** Of the assistant: what it thought before. The chat template decides whether it is read again; most leave it out. */
  readonly reasoning?: string;
}
/** A text is what the user says. */
type PromptInput = string | readonly PromptMessage[];
/** One of many: a prompt, and whom its answer is for. */
interface BatchRequest {
  /** As of `session.prompt`. */
  readonly prompt: PromptInput;
  /** Whom it is for; absent: nobody, the bare model. */
  readonly user?: EmbeddingInput;
  /** λ, as of `createSession`. Default 1. */
  readonly strength?: number;
}
/** Options of a generation, the same for all: with a `seed` each draws as it would alone. */
interface BatchOptions extends Omit<GenerateOptions, 'onText' | 'onReasoning'> {
  /** Answers that are computed together, at most; default 16. More need more memory. */
  readonly batchSize?: number;
  /** As of `createSession`, for all of them. */
  readonly templateVariables?: TemplateVariables;
  /** Each outcome as soon as it is known, with the index of its request. */
  readonly onResult?: (outcome: BatchOutcome, index: number) => void;
}
/** What a session does where the conversation is longer than the model can read: fail, or drop its oldest turns. */
type Overflow = 'fail' | 'drop-oldest';
/** Of `session.rank`. */
interface RankOptions {
  readonly signal?: AbortSignal;
}
/** How probable a text is as the answer, for this person. */
interface RankedCandidate {
  readonly text: string;
  /** Natural log of the probability of its tokens, one after the other, as the model has it: temperature 1, no filter, no penalty. */
  readonly logLikelihood: number;
  /**
   * Natural log of the probability that the model ends right behind it. `logLikelihood` + this is that of an answer which is this text and
   * no longer one. −∞ for a model without a token that ends.
   */
  readonly endLogLikelihood: number;
  /** `logLikelihood` / `tokens` compares texts of different lengths. */
  readonly tokens: number;
}
/** Also where a browser's streams can't be looped over yet. */
type Readable<T> = ReadableStream<T> & AsyncIterable<T>;
/** A stream of pieces of text, as soon as each can be shown; to be read once. Cancelling it aborts the answer. */
type TextReadable = Readable<string>;
/** Of calls that only read. */
interface InputOptions {
  readonly signal?: AbortSignal;
}
/** Event `contextoverflow`: the oldest turns were dropped, so that what was said last fits (option `overflow`). */
interface Session extends EventTarget {
  /** Whether soft tokens of a person stand in it, as of its last turn. */
  readonly personalised: boolean;
  /** λ of those soft tokens, as of its last turn: what was asked for, lowered where the embedding is unusual; undefined where there are none. */
  readonly strength: number | undefined;
  /** Tokens of the conversation so far, soft tokens included. */
  readonly contextUsage: number;
  /** Tokens that the model can read, prompt and answer together. */
  readonly contextWindow: number;
  /** Called when the oldest turns were dropped to make room (`overflow: 'drop-oldest'`). */
  oncontextoverflow: ((event: Event) => void) | null;
  /** The answer as one text, without what a reasoning model thinks before; behind a `prefix`, what follows it. */
  prompt(input: PromptInput, options?: GenerateOptions): Promise<string>;
  /** The answer in pieces as they come. Cancelling, or leaving a loop early, aborts the generation. */
  promptStreaming(input: PromptInput, options?: GenerateOptions): TextReadable;
  /** The answer with token ids, timings and what was thought before. */
  generate(input: PromptInput, options?: GenerateOptions): Promise<GenerationResult>;
  /**
   * How probable each candidate is as the answer to `input`, behind the conversation so far and for this person; in the order of the
   * candidates. The session goes on as if it had not been asked.
   * @throws E2PError `invalid-argument` for an empty candidate or one that the tokenizer changes, `context-overflow`
   */
  rank(input: PromptInput, candidates: readonly string[], options?: RankOptions): Promise<readonly RankedCandidate[]>;
  /** Reads messages ahead, which belong to the conversation from then on, and answers nothing. */
  append(input: PromptInput, options?: InputOptions): Promise<void>;
  /** Tokens that the conversation would grow by, were this said next. */
  measureContextUsage(input: PromptInput, options?: InputOptions): Promise<number>;
  /** Another session that has heard the same so far; both go on independently. */
  clone(options?: InputOptions): Promise<Session>;
  /** Frees the KV cache and forgets the conversation. Later calls fail with `destroyed`. */
  destroy(): Promise<void>;
  /** As `destroy`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
/** What a session begins with; fixed for its life. */
interface SessionOptions {
  /** What was said before the first prompt, e.g. a system message. */
  readonly initialPrompts?: readonly PromptMessage[];
  /** λ: 0 = the population's mean user, 1 = the user as trained, beyond 1 = exaggerated. Default 1. */
  readonly strength?: number;
  /** false: the bare model, no soft token. Default: personalised where a user is set. */
  readonly personalise?: boolean;
  /**
   * Where the conversation is longer than the model can read: `fail` with `context-overflow` (default), or `drop-oldest` turns, with the
   * event `contextoverflow`; `initialPrompts`, BOS and soft tokens stay.
   */
  readonly overflow?: Overflow;
  /**
   * When a newer version of the same person's embedding is taken up: at the `next-turn` (default), or `at-once`: an answer under way goes on from
   * its next token behind a new reading of the conversation and of what it has said. Where that fails, or the soft tokens follow the question or
   * are not as many, it is the next turn all the same.
   */
  readonly newVersion?: 'next-turn' | 'at-once';
  /**
   * Variables that the model's chat template reads, by name, e.g. `{ enable_thinking: false }` for Qwen3; in every turn. One that the
   * template does not have is refused.
   */
  readonly templateVariables?: TemplateVariables;
}
/** The user of a personalizer. The embedding goes in and never comes out. */
interface UserHandle {
  /**
   * Sets the user for sessions created from now on: somebody new, so sessions of the user before end. With a vault the person is the one it
   * belongs to, and this is an `update`.
   * @throws E2PError `invalid-embedding`
   */
  set(embedding: EmbeddingInput): Promise<void>;
  /**
   * A newer embedding of the same person: their sessions go on with it from their next turn on, which is read anew; an answer under way
   * ends as it began, but in sessions with `newVersion: 'at-once'`. Where nobody is set, as `set`.
   * @throws E2PError `invalid-embedding`; the version before then stays
   */
  update(embedding: EmbeddingInput): Promise<void>;
  /** How the embedding that is set fits those that the projector was trained on; undefined where nobody is set. */
  readonly fit: UserFit | undefined;
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
interface Personalizer {
  /** Where the model runs, and why there. */
  readonly device: DeviceChoice;
  readonly model: ModelInfo;
  /** The embedding space that the projector reads; undefined without a projector. */
  readonly space: EmbeddingSpace | undefined;
  readonly user: UserHandle;
  /** A conversation for the person who is set now. @throws E2PError `invalid-argument`, `context-overflow`, `consent-required`, `destroyed` */
  createSession(options?: SessionOptions): Promise<Session>;
  /** Frees model, sessions and user. */
  destroy(): Promise<void>;
  /** As `destroy`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
/** What a session on a CPU computes with: `auto` is `int8` in WASM for models of 16 MiB of weights or more, and else `as-stored`. */
type CpuWeights = 'auto' | 'as-stored' | 'int8';
/** A mirror of the Hub, and which revision of a repository. */
interface HubOptions {
  /** Default `https://huggingface.co`. */
  readonly host?: string;
  /** Path of a repository's files, with `{model}` and `{revision}`. Default `/{model}/resolve/{revision}/`. */
  readonly template?: string;
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string;
}
/** How far the bytes of a file were checked: against digests from the server, or its length only; `made` on this device, of others of its folder. */
type Verified = 'manifest' | 'hub' | 'length' | 'made';
/** Where weights are kept: origin private file system, Cache API, or the memory of the tab. */
type StorageBackend = 'opfs' | 'cache' | 'folder' | 'memory';
/** How far a check of stored weights has come. */
interface CheckProgress {
  /** Bytes. */
  readonly checked: number;
  /** Bytes to compare. */
  readonly total: number;
}
/** What a check of stored weights found, and whether it was repaired. */
interface CheckReport {
  /** Of the folder. */
  readonly url: string;
  /** Bytes that were compared. */
  readonly checked: number;
  /** Chunks that were wrong or gone. */
  readonly damaged: readonly {
    readonly path: string;
    readonly chunk: number;
  }[];
  /** False where something is damaged and could not be fetched again: the next load will try. */
  readonly whole: boolean;
}
/** A model or projector on this device. */
interface StoredFolder {
  /** Of the folder, or of a file that was loaded alone. */
  readonly url: string;
  /** Undefined for a download that was interrupted. */
  readonly revision: string | undefined;
  /** On this device; chunks that two folders share count for both. */
  readonly bytes: number;
  /** Complete or not. */
  readonly files: readonly StoredFolderFile[];
  /** The last load. */
  readonly usedAt: Date;
  /** False: interrupted; the next load goes on with it. */
  readonly complete: boolean;
  /** Somebody, in this tab or another, has it loaded. */
  readonly held: boolean;
}
/** A file of it, and how it was checked on its way in. */
interface StoredFolderFile {
  /** In its folder. */
  readonly path: string;
  /** On this device. */
  readonly bytes: number;
  /** How its bytes were checked; undefined while it is not complete. */
  readonly verified: Verified | undefined;
}
/** A download over all of its files. */
interface TotalProgress {
  /** Bytes that are here, over all files; never less than before, and `total` at the end. */
  readonly loaded: number;
  /**
   * Bytes in all, those that are here included. undefined until every file that will come and its size are known, or where a server does not
   * tell; and from then on where it told something wrong.
   */
  readonly total: number | undefined;
  /** Bytes a second that came over the network lately; undefined before there is anything to go by. */
  readonly rate: number | undefined;
  /** Seconds until `total` at this rate. */
  readonly secondsLeft: number | undefined;
}
/** Of a single file; `cached` where that can be known. */
type FileProgress = Omit<FetchProgress, 'cached'> & {
  readonly cached?: boolean;
};
/** The parts of the objective that `factorize` and `foldIn` must agree on. */
interface AlsWeights {
  /** λ > 0; also keeps every least-squares system positive definite. */
  readonly regularisation: number;
  /** α ≥ 0: how much more a clicked item counts than an unclicked one. */
  readonly alpha: number;
}
/** Everybody's clicks, and the sizes of the factorisation. */
interface FactorizeOptions extends AlsWeights {
  /** One list of item indices per user. An index that occurs twice is two clicks. */
  readonly clicks: readonly (readonly number[])[];
  readonly itemCount: number;
  readonly dim: number;
  /** Full alternations (items, then users). 10 is usually enough. */
  readonly iterations: number;
  /** Uniform in [0, 1); give a seeded one for reproducible factors. */
  readonly random?: () => number;
  readonly signal?: AbortSignal;
  /** After each alternation. */
  readonly onProgress?: (progress: {
    readonly iteration: number;
    readonly iterations: number;
  }) => void;
}
/** What `factorize` gives; users and items are near each other where they go together. */
interface Factors {
  readonly dim: number;
  /** Row-major [users, dim]. */
  readonly users: Float32Array;
  /** Row-major [items, dim]. */
  readonly items: Float32Array;
  /** ItemsᵀItems [dim, dim], to ship with the items so that fold-in on a device costs only the clicks. */
  readonly gram: Float64Array;
}
/** Throws `invalid-argument` for an item index outside [0, itemCount) or a setting out of bounds. */
declare function factorize(options: FactorizeOptions): Factors;
/** One person's clicks, and the items' side of a factorisation. */
interface FoldInOptions extends AlsWeights {
  /** Row-major [items, dim], as `factorize` returned them. */
  readonly items: Float32Array;
  readonly dim: number;
  readonly clicks: readonly number[];
  /**
   * How much each of `clicks` counts; default 1. Those of an item are summed: above 0 it is liked, below 0 it is not liked (p = 0), with as
   * much confidence, and at 0 it counts as unclicked.
   */
  readonly counts?: readonly number[];
  /** `gramMatrix(items, dim)`, computed here when absent. */
  readonly gram?: Float64Array;
}
/**
 * The embedding [dim] of one person for fixed item factors: x = (YᵀY + Σ α |n_i| y_i y_iᵀ + λI)⁻¹ Σ (1 + α n_i) y_i,
 * sums over the clicked items, the second over those with n_i > 0. Nobody clicking anything is the zero vector.
 * Throws `invalid-argument` for an item index out of range or factors of the wrong length.
 */
declare function foldIn(options: FoldInOptions): Float32Array;
/** RowsᵀRows [dim, dim] of row-major [n, dim] factors. */
declare function gramMatrix(rows: Float32Array, dim: number): Float64Array;
/** How events become an embedding. */
type ActivityMethod = 'mean' |
/** With the items' Gram matrix [dim, dim]. */
(AlsWeights & {
  /** [dim, dim] of the catalogue, or `gramMatrix` of the items. */
  readonly gram: Float64Array;
});
/** Of an `ActivityEmbedding`. */
interface ActivityEmbeddingOptions {
  /** Numbers of an item's vector. */
  readonly dim: number;
  /** Fold-in as `foldIn` computes it, or the mean of the items, weighted by what their events count. */
  readonly method: ActivityMethod;
  /** Milliseconds after which an event counts half. Default: for ever the same. */
  readonly halfLife?: number | undefined;
}
/** An event, as a number of clicks on a row of the catalogue. */
interface CountedEvent {
  /** By which it is taken back. */
  readonly id: string;
  /** Row of its item. */
  readonly item: number;
  /** Clicks that it counts as; below 0: the item is not liked. */
  readonly weight: number;
  /** Milliseconds since 1970. */
  readonly time: number;
}
/** `destroy` it: it holds what the person did. */
declare class ActivityEmbedding {
  #private;
  /** @throws E2PError `invalid-argument` */
  constructor({ dim, method, halfLife }: ActivityEmbeddingOptions);
  /** Events that it counts. */
  get size(): number;
  /** Whether it counts this event. */
  has(id: string): boolean;
  /**
   * @param row the item's vector [dim], copied where the item is new
   * @throws E2PError `invalid-argument` naming the field
   */
  add(event: CountedEvent, row: Float32Array): void;
  /** Takes an event back. @returns whether there was one. */
  remove(id: string): boolean;
  /**
   * The embedding [dim], or undefined where nothing counts.
   * @param at milliseconds since 1970, which fold-in counts ages from. Default: the latest event, so that nobody fades by being away
   */
  values(at?: number): Float32Array | undefined;
  /** Overwrites what it knows. */
  destroy(): void;
}
/** What personal data may be used for. Each is granted, refused or withdrawn on its own. */
declare const PURPOSES: readonly ['personalise', 'learn-from-activity', 'learn-from-feedback', 'share-aggregates'];
/** What a person allows or not. */
type Purpose = (typeof PURPOSES)[number];
/**
 * One at a time: everything that reads, changes and writes a vault happens inside its exclusive lock, across all tabs and
 * workers of the origin. The browser frees the lock of a tab or worker that dies.
 */
/** Runs tasks one after the other, in the order of the calls. A task that waits for another one would wait for ever. */
type Exclusive = <T>(task: () => Promise<T>) => Promise<T>;
/** The kinds of record in a vault, and how long each is kept. */
/** `consent`: of vaults of schema version 1; `unit`: the secret that arms of experiments are drawn by. */
declare const RECORD_KINDS: readonly ["ledger", "consent", "embedding", "event", "transcript", "audit", "unit", "experiment", "answer", "feedback"];
type RecordKind = (typeof RECORD_KINDS)[number];
/** Milliseconds from storing to removal, by kind; a kind that is not named is kept until `forget()`. */
interface RetentionPolicy {
  readonly embedding?: number;
  readonly event?: number;
  readonly transcript?: number;
  /** Of what was said about answers. */
  readonly feedback?: number;
  readonly audit?: number;
}
interface RecordChanges {
  readonly put?: ReadonlyMap<string, unknown>;
  /** Keys that need not exist. */
  readonly delete?: Iterable<string>;
}
interface RecordStore {
  /** The value as it lies there, or undefined if the key does not exist. */
  get(key: string): Promise<unknown>;
  /** Keys that begin with `prefix`, ascending; all of them for the empty prefix. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Keys with their values, like {@link keys}, from one transaction. */
  entries(prefix: string): Promise<readonly (readonly [key: string, value: unknown])[]>;
  /** All changes or none of them. */
  commit(changes: RecordChanges): Promise<void>;
  /** Removes everything, in one transaction. */
  clear(): Promise<void>;
  /** A device key that this place can keep; absent: it keeps any, so that one without readable bytes is made. */
  deviceKey?(): Promise<CryptoKey>;
  /** A new look at the same place, so that what this one says can be checked. */
  reopen(): RecordStore;
  close(): void;
}
/** Whatever can give the same secret for a salt again, after the person showed up. */
interface Passkey {
  /** Makes a new credential. @returns its id. */
  create(): Promise<Uint8Array>;
  /** The 32 secret bytes for a salt; the same ones each time. */
  evaluate(credential: Uint8Array, salt: Uint8Array): Promise<Uint8Array>;
}
/** Of `webAuthnPasskey`. */
interface WebAuthnPasskeyOptions {
  /** The app, as the browser shows it in its list of passkeys. */
  readonly appName: string;
  readonly credentials?: CredentialsContainer;
  readonly signal?: AbortSignal;
}
/**
 * A passkey of this origin. The browser needs a click of the person before each of its two calls. What the authenticator
 * stores is a random user id and the app's name. The challenge is random and nobody checks the answer: it is the PRF's secret
 * that opens the vault, not the signature.
 */
declare function webAuthnPasskey(options: WebAuthnPasskeyOptions): Passkey;
/** What opens the second lock. A lost one can't be replaced: the vault stays shut. */
type LockSecret = {
  readonly passphrase: string;
} | {
  readonly passkey: Passkey;
};
/** Which second lock a vault has, beside the device key. */
type LockKind = 'none' | 'passphrase' | 'passkey';
/** Calls a task once, later. @returns how to take it back. */
type Schedule = (milliseconds: number, task: () => void) => () => void;
declare const DECISIONS: readonly ['granted', 'refused', 'withdrawn'];
type Decision = (typeof DECISIONS)[number];
/** What the person decided, when, and under which policy. */
interface ConsentDecision {
  readonly state: Decision;
  /** Vault time, milliseconds since 1970. */
  readonly time: number;
  readonly policyVersion: string;
}
/** By purpose; `unset` where the person was never asked. */
type ConsentState = Readonly<Record<Purpose, ConsentDecision | {
  readonly state: 'unset';
}>>;
/** What the person allows, by purpose. Each decision is in the audit log. */
interface UserConsent {
  /** The person said yes, under the policy version that the vault was opened with. */
  grant(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** The person said no; {@link withdraw} takes a yes back. */
  refuse(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** Resolves when everything attached (see `attach`) has let go of what it is no longer allowed to use. */
  withdraw(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** The latest decision on each purpose. */
  state(): Promise<ConsentState>;
  /**
   * Resolves where the purpose is granted under this policy version. A refusal is noted in the audit log.
   * @throws E2PError `consent-required`
   */
  require(purpose: Purpose, use?: AuditUse): Promise<void>;
  /** As {@link require}, and notes in the same transaction that it was used. */
  use(purpose: Purpose, use?: AuditUse): Promise<void>;
}
/** How an embedding is blurred. */
interface GaussianMechanism {
  /** Longest deviation from the mean user, in standard deviations of the space; what is longer is shortened to it. */
  readonly clip: number;
  /** Standard deviation of the noise on each number, in standard deviations of the space. */
  readonly sigma: number;
}
/** What is known to everybody of the people whose embeddings are blurred: `contract.space` of a projector, and its `reference` where it has one. */
interface Population {
  /** [dim], the mean user. */
  readonly mean: readonly number[];
  /** [dim], the standard deviation of each number. */
  readonly scale: readonly number[];
  /** Directions [r, dim] and the variance along each: noise is added along them, and weak ones are shrunk most. */
  readonly reference?: {
    readonly eigenvectors: Float32Array;
    readonly eigenvalues: Float32Array;
  } | undefined;
}
/** What the noise hides; any two clipped vectors are 2 · clip apart at most. */
interface PrivacyLoss {
  readonly epsilon: number;
  /** Between 0 and 1, far below 1 ÷ the number of people. */
  readonly delta: number;
}
/**
 * The embedding [dim] with noise, then shrunk towards the mean user by as much as noise outweighs people in each direction, which tells nobody more.
 * @param components directions that are kept, of a population with a reference; default: all
 * @param random uniform in [0, 1); default: of the Web Crypto API, 53 bits. Floating-point numbers are not exactly Gaussian (Mironov 2012): what their last
 *   bits tell is not counted
 * @throws E2PError `invalid-argument`
 */
declare function blur(values: Float32Array, population: Population, { clip, sigma, components }: GaussianMechanism & {
  readonly components?: number | undefined;
}, random?: () => number): Float32Array;
/** ε at this δ of {@link blur}. @throws E2PError `invalid-argument` */
declare function epsilonOf({ clip, sigma }: GaussianMechanism, delta: number): number;
/** The least noise that keeps this loss. @throws E2PError `invalid-argument` */
declare function sigmaFor(clip: number, { epsilon, delta }: PrivacyLoss): number;
/** How embeddings of one space are protected when they are put into a vault. It makes nobody anonymous: {@link ProtectionStatement} says what it does. */
interface EmbeddingProtection {
  /** `contract.space.id` of the projector's file. */
  readonly space: string;
  /** `contract.space` of that file, with its `reference` where it has one. */
  readonly population: Population;
  /** Directions of the reference that are kept, those along which people differ most. Default: all. */
  readonly components?: number;
  /** Longest deviation from the mean user, in standard deviations of the space. Default: as long as it is. */
  readonly clip?: number;
  /** Noise on each number, in standard deviations of the space; with `clip`. Default: none. */
  readonly sigma?: number;
  /** δ at which ε is told; default 0.00001. */
  readonly delta?: number;
}
/** What was done to a version, and what it and those before tell of the person. */
interface ProtectionStatement {
  /** Directions that were kept; absent: all. */
  readonly components?: number;
  /** Longest deviation from the mean user, in standard deviations of the space. */
  readonly clip?: number;
  /** Of the noise on each number, in standard deviations of the space. */
  readonly sigma?: number;
  /** Versions of the space that were put in with noise, this one included, deleted ones too. */
  readonly versions?: number;
  /** Of all these versions together, for any two people; absent without noise, which promises nothing. Versions without noise are not counted. */
  readonly epsilon?: number;
  /** At which `epsilon` is told. */
  readonly delta?: number;
}
/** An audit entry's number and its hash; the chain can be checked from here on. */
interface ChainLink {
  readonly seq: number;
  readonly hash: string;
}
declare const AUDIT_ACTIONS: readonly ['consent-granted', 'consent-refused', 'consent-withdrawn', 'denied', 'used', 'embedding-set', 'embedding-read', 'embedding-deleted', 'embedding-undone', 'events-read', 'events-deleted', 'feedback-read', 'feedback-deleted', 'transcript-saved', 'transcript-read', 'transcript-deleted', 'aggregate-shared', 'experiment-left', 'exported', 'imported', 'lock-changed'];
/** What an entry of the audit log tells of. */
type AuditAction = (typeof AUDIT_ACTIONS)[number];
/** Who asks, and for what; given by the app, so not personal. */
interface AuditUse {
  /** The part of the app, at most 100 characters. Default `app`. */
  readonly actor?: string;
  readonly purpose?: Purpose;
  /** Name or digest. */
  readonly projector?: string;
  readonly model?: string;
}
interface AuditEntry extends AuditUse {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Vault time, milliseconds since 1970. */
  readonly time: number;
  readonly actor: string;
  readonly action: AuditAction;
  /** Hash of the entry before, 64 hexadecimal digits; zeros before the first. */
  readonly previous: string;
  readonly hash: string;
}
/** A part of the log that can be checked on its own. */
interface AuditLog {
  readonly format: 'e2p-audit';
  readonly version: 1;
  /** The entry before the first one here. */
  readonly anchor: ChainLink;
  /** The last entry, as the vault remembers it. */
  readonly head: ChainLink;
  /** Ascending; those that could be read. */
  readonly entries: readonly AuditEntry[];
}
/** Whether the chain of an audit log holds, or where it first breaks. */
type ChainReport = {
  readonly valid: true;
  readonly entries: number;
} | {
  readonly valid: false;
  /** Number of the first entry that is wrong. */
  readonly firstBad: number;
  readonly reason: 'missing or unreadable' | 'changed' | 'behind the end';
};
/** Follows the chain from the anchor to the head. */
declare function verifyAuditLog({ anchor, head, entries }: AuditLog): Promise<ChainReport>;
/** Something the person did. */
interface UserEvent {
  /** e.g. `click`. */
  readonly type: string;
  /** What it was about: the app's id of it. */
  readonly item: string;
  /** When it happened, milliseconds since 1970. Default: now. */
  readonly time?: number;
  /** How much of it, as the app counts: seconds of `dwell`, say; from −1e6 to 1e6. Default: 1. */
  readonly weight?: number;
}
/** An event as it lies in the vault. */
interface StoredEvent extends UserEvent {
  /** By which it is deleted. */
  readonly id: string;
  readonly time: number;
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
}
/** What the person did, encrypted; needs `learn-from-activity`. */
interface UserEvents {
  /** @returns its id. @throws E2PError `consent-required`, `invalid-argument` */
  add(event: UserEvent, use?: AuditUse): Promise<string>;
  /** In the order they were added. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly StoredEvent[]>;
  /**
   * What differs from the events that somebody knows: those he does not, in the order they were added, and the ids that are gone. As `list`,
   * without reading again what is known.
   * @throws E2PError `consent-required`, `vault-corrupt`
   */
  difference(known: Iterable<string>, use?: AuditUse): Promise<EventDifference>;
  /** One, or several at once. @returns whether there was one. */
  delete(id: string | readonly string[], use?: AuditUse): Promise<boolean>;
  /** Deletes all of them. @returns how many. */
  clear(use?: AuditUse): Promise<number>;
}
/** What has become of events since somebody looked. */
interface EventDifference {
  /** New since then. */
  readonly added: readonly StoredEvent[];
  /** Ids. */
  readonly removed: readonly string[];
}
/** Clicks that an event of a type counts as, for each unit of its `weight`; or made of that weight by a function. */
type ActivityTypes = Readonly<Record<string, number | ((weight: number) => number)>>;
/**
 * Where nothing else is said; events of other types say nothing. The weight of a `dwell` is in seconds: half a minute is a view, and it
 * takes twice as long to count one more.
 */
declare const ACTIVITY_TYPES: ActivityTypes;
/**
 * Clicks that an event counts as, its age left out.
 * @throws E2PError `invalid-argument` where that is no number from −1e7 to 1e7
 */
declare function activityWeight({ type, weight }: Pick<UserEvent, 'type' | 'weight'>, types?: ActivityTypes): number;
/**
 * Events as counts for `foldIn`: what each of them counts at a moment.
 */
declare function activityCounts(events: readonly (Pick<UserEvent, 'type' | 'weight'> & {
  readonly time: number;
})[], { types, halfLife, at }?: {
  readonly types?: ActivityTypes;
  /** Milliseconds after which an event counts half. Default: for ever the same. */
  readonly halfLife?: number;
  /** Milliseconds since 1970. Default: the time of the latest event. */
  readonly at?: number;
}): number[];
/** A question to many devices, the same for all. Names are told in clear: 1 to 64 letters, digits, `.`, `_`, `-`. */
interface PrivateQuestion {
  /** By which reports of it are told apart from others. */
  readonly id: string;
  /** What can be answered, 2 to 64 different names. */
  readonly answers: readonly string[];
  /** Of one answer: 0.1 to 4, in thousandths. The lower, the less a report says. */
  readonly epsilon: number;
  /** Days for which the same answer is given, 1 to 366. */
  readonly days: number;
}
/** What may be sent. */
interface PrivateReport {
  /** What it is. */
  readonly format: 'e2p-report';
  /** Of this format. */
  readonly version: 1;
  /** 128 random bits of this answer alone, so that one which was sent twice is counted once. */
  readonly id: string;
  /** Its id. */
  readonly question: string;
  /** How many answers there were to choose from, and at which ε: what an estimate needs. */
  readonly answers: number;
  /** Of this answer. */
  readonly epsilon: number;
  /** Maybe the true one. */
  readonly answer: string;
}
/** ε that reports have cost, and how much there is for the life of the vault. */
interface PrivacyBudget {
  /** By answers drawn so far. */
  readonly spent: number;
  /** 8. */
  readonly total: number;
}
/** Reports that say little of one person and much of many; need `share-aggregates`. */
interface UserAggregates {
  /**
   * @param value the true answer, one of the question's
   * @throws E2PError `consent-required`; `budget-spent` where a fresh answer would cost more than is left; `invalid-argument`
   */
  answer(question: PrivateQuestion, value: string, use?: AuditUse): Promise<PrivateReport>;
  /** Needs no consent. */
  budget(): Promise<PrivacyBudget>;
}
/** The person's audit log: read, verified, exported. */
interface UserAudit {
  /** Those that can be read, ascending. */
  entries(): Promise<readonly AuditEntry[]>;
  /** Follows the chain; a break is reported with the first bad entry. */
  verify(): Promise<ChainReport>;
  /** The log as JSON, to be checked elsewhere with `verifyAuditLog`. */
  export(): Promise<AuditLog>;
  /** For what works with the data outside of the vault: an engine, an app. */
  append(use: AuditUse & {
    readonly action: AuditAction;
  }): Promise<void>;
}
/** Items' vectors on the device. Nothing of it is personal; what is asked of it is. */
interface Catalogue extends AlsWeights {
  /** The embedding space of the users that belong to it. */
  readonly space: string;
  /** Numbers of a row. */
  readonly dim: number;
  /** Items in it. */
  readonly size: number;
  /** ItemsᵀItems [dim, dim] of its rows. */
  readonly gram: Float64Array;
  /** Rows of ids, undefined where it has no such item. */
  find(ids: readonly string[]): Promise<readonly (number | undefined)[]>;
  /**
   * [rows, dim], in the order that is asked for.
   * @throws E2PError `invalid-argument` for what is no row; `invalid-data`; `storage-failed` where the file has changed or is gone
   */
  rows(rows: readonly number[]): Promise<Float32Array>;
}
/**
 * Reads what is in a catalogue; its rows stay where they are.
 * @param file on this device: a `File` of OPFS, in Node what `fs.openAsBlob` gives
 * @throws E2PError `invalid-argument`; `invalid-data` naming what is wrong; `storage-failed`
 */
declare function openCatalogue(file: Blob): Promise<Catalogue>;
/** ε = 1 of a budget of 8, once a quarter: enough for two years. */
declare const DRIFT_QUESTION: PrivateQuestion;
/**
 * The true answer to {@link DRIFT_QUESTION}.
 * @param level of the embedding, against the people whom the projector was trained on
 * @param strength λ that is in force, as a share of the one that was asked for, 0 to 1. It is told in four steps, and only where the level
 * is `unusual`: `fine` leaves it as it is, `alien` takes it to 0.
 * @throws E2PError `invalid-argument`
 */
declare function driftAnswer(level: 'fine' | 'unusual' | 'alien', strength: number): string;
/** A number that is summed up over a person's days. */
interface Metric {
  /** The largest total of a person: what is above it counts as this. */
  readonly most: number;
  /** Totals are rounded to a multiple of it; `most` is at most 1,000 of them. Default 1. */
  readonly step?: number;
}
/** An experiment with two arms. Names are told in clear, so they say nothing of a person: 1 to 64 letters, digits, `.`, `_`, `-`. */
interface Experiment {
  readonly id: string;
  /** Share of people who take part, 0 to 1. Default 1. Raised, more people come in, and nobody changes arm. */
  readonly enrolled?: number;
  /**
   * Share of those who are treated, 0 to 1. Default 0.5. Raised, people move from control to treatment and never back; to ramp up raise
   * `enrolled` instead, which moves nobody.
   */
  readonly treatment?: number;
  /** Whole days from the first `arm()` that are counted, 1 to 90. */
  readonly days: number;
  /** By name, at most 8. */
  readonly metrics: Readonly<Record<string, Metric>>;
}
/** Which of the two a person is given; `outside`: takes no part, and is given what everybody has. */
type Arm = 'control' | 'treatment' | 'outside';
/** All that is told of a person: what stands in the experiment's declaration, an arm, and sums. */
interface ExperimentSummary {
  /** What it is. */
  readonly format: 'e2p-summary';
  /** Of this format. */
  readonly version: 1;
  /** 128 random bits of this summary alone, so that one which was sent twice is counted once. */
  readonly id: string;
  /** Id of the experiment. */
  readonly experiment: string;
  /** The first one, also where a share was changed since. */
  readonly arm: Exclude<Arm, 'outside'>;
  /** Share of people who were treated, when this person came in. */
  readonly share: number;
  /** Whether `expose` was called. */
  readonly exposed: boolean;
  /** Given another arm since: a share was changed. */
  readonly moved: boolean;
  /** Days that were counted. */
  readonly days: number;
  /** Sum of each metric, at most its `most`, rounded to its `step`. */
  readonly outcomes: Readonly<Record<string, number>>;
}
/** What is kept of an experiment. */
interface StoredExperiment extends Pick<ExperimentSummary, 'arm' | 'share' | 'exposed' | 'moved' | 'days'> {
  /** Of the experiment. */
  readonly id: string;
  /** Sums so far; emptied when the summary is made. */
  readonly totals: Readonly<Record<string, number>>;
  /** Once it is made. */
  readonly summary?: ExperimentSummary;
}
/** Experiments that the person takes part in; needs `learn-from-activity`. */
interface UserExperiments {
  /**
   * The arm that this person is in: always the same, for the same shares. From the first call on the days are counted.
   * @throws E2PError `consent-required`, and then the person gets what everybody has; `invalid-argument`
   */
  arm(experiment: Experiment, use?: AuditUse): Promise<Arm>;
  /** As {@link arm}, and notes that the person has met it. Call it in both arms, where they begin to differ. */
  expose(experiment: Experiment, use?: AuditUse): Promise<Arm>;
  /**
   * Adds to the sum of a metric.
   * @param value from 0; default 1
   * @returns whether it was counted: not before `arm`, outside, and after the last day
   * @throws E2PError `consent-required`, `invalid-argument`
   */
  record(experiment: Experiment, metric: string, value?: number, use?: AuditUse): Promise<boolean>;
  /**
   * What may be sent: the same summary at every call. undefined until the days are over, and for who takes no part.
   * @throws E2PError `consent-required` without `share-aggregates` and `learn-from-activity`
   */
  summary(experiment: Experiment, use?: AuditUse): Promise<ExperimentSummary | undefined>;
  /** Deletes what was counted; the person takes no part from then on, also where none was taken yet. Needs no consent. @returns whether there was something */
  leave(id: string, use?: AuditUse): Promise<boolean>;
}
declare const KINDS: readonly ['up', 'down', 'edit', 'choice'];
/** What a person said about an answer. */
interface Feedback {
  /** Thumbs up, thumbs down, a text of their own in place of the answer, or one of several. */
  readonly kind: (typeof KINDS)[number];
  /** What was asked; a text is one message of the user. */
  readonly prompt: string | readonly ChatMessage[];
  /** The answer that is liked, disliked, as it was edited, or chosen. */
  readonly answer: string;
  /** What was edited, or not chosen; a choice has at least one. */
  readonly others?: readonly string[];
}
/** As it lies in the vault. */
interface StoredFeedback extends Feedback {
  /** By which it is deleted. */
  readonly id: string;
  /** The messages that were asked. */
  readonly prompt: readonly ChatMessage[];
  /** Empty where there are none. */
  readonly others: readonly string[];
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
}
/** Between the tabs and workers of an origin. */
interface ChangeChannel {
  post(change: UserChange): void;
  /** Called for messages of others, never for one's own. */
  listen(listener: (message: unknown) => void): void;
  close(): void;
}
/** What the person said about answers, encrypted; needs `learn-from-feedback`. */
interface UserFeedback {
  /** @returns its id. @throws E2PError `consent-required`, `invalid-argument` */
  add(feedback: Feedback, use?: AuditUse): Promise<string>;
  /** In the order they were added. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly StoredFeedback[]>;
  /** @returns whether there was one. */
  delete(id: string, use?: AuditUse): Promise<boolean>;
  /** Deletes all of them. @returns how many. */
  clear(use?: AuditUse): Promise<number>;
  /**
   * Sets what `make` makes of the embedding that was given and the rows, as a new version that `embedding.undo` takes back; both grants are needed.
   * A withdrawal, a lock, `forget()`, a row that is deleted and another embedding end its signal, and are waited for: `make` must end then, and what it
   * gives is dropped. Without a row the embedding that was given is current again. `learnFromFeedback` of `e2p-web/train` has a `make` for a page.
   * @param make gives undefined to leave the embedding as it is; what it gives is overwritten.
   * @returns whether the embedding is another one now.
   * @throws E2PError `consent-required`, `no-user` without an embedding of the space, `user-replaced`, `vault-locked`; what `make` throws
   */
  learn(space: string, make: MakeEmbedding, use?: AuditUse): Promise<boolean>;
}
/** Learns; see `UserFeedback.learn`. */
type MakeEmbedding = (from: {
  /** The embedding that was given; overwritten afterwards. */
  readonly values: Float32Array;
  /** All of them, in the order they were added. */
  readonly rows: readonly Feedback[];
  /** Ended by what must not be learnt from any more. */
  readonly signal: AbortSignal;
}) => Promise<Float32Array | undefined>;
/** What was forgotten, and what is left, after a second look. */
interface ForgetReport {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Keys, records, buffers, and what attachments let go of. */
  readonly removed: readonly ForgottenItem[];
  /** What the records still held when they were opened anew, and attachments that failed to forget. */
  readonly remaining: readonly ForgottenItem[];
  /** Nothing remains. Weights and other files that are not personal are not part of this. */
  readonly isComplete: boolean;
}
/** An embedding as it lies in the vault, and when it was set. */
interface StoredEmbedding extends UserEmbedding {
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
  /**
   * From what it was learnt: `activity` (`embedFromActivity`), and it goes with the last event; or `feedback`, on the newest one before it that
   * was not.
   */
  readonly learntFrom?: 'activity' | 'feedback' | undefined;
  /** What was done to it when it was put in; absent where nothing was, and of what was imported. */
  readonly protection?: ProtectionStatement;
}
/** The person's embeddings, encrypted, one history for each space; needs `personalise`. */
interface UserEmbeddings {
  /**
   * With the purpose `learn-from-activity` that has to be granted too, and the embedding counts as learnt.
   * Protected as `openUser` was told for the space; the values as given are not kept.
   * @throws E2PError `consent-required`, `invalid-embedding`
   */
  set(embedding: EmbeddingInput, use?: AuditUse): Promise<void>;
  /**
   * Sets values that take a while to make, and overwrites those. What comes first while they are made has the last word: a decision on
   * `personalise`, another embedding of the space, its deletion.
   * @throws E2PError `consent-required` before anything is made, and as `set`; `user-replaced`; what `make` throws
   */
  setMade(space: string, make: () => Promise<Float32Array>, use?: AuditUse): Promise<void>;
  /**
   * The current embedding of a space, or undefined. `forget()` overwrites the array that is returned.
   * @throws E2PError `consent-required`, `vault-corrupt`
   */
  get(space: string, use?: AuditUse): Promise<UserEmbedding | undefined>;
  /** Newest first, the current one included. @throws E2PError `consent-required`, `vault-corrupt` */
  history(space: string, use?: AuditUse): Promise<readonly StoredEmbedding[]>;
  /** Drops the current embedding of a space: the one before it is current again, to the last bit. @returns false where there is none before it. */
  undo(space: string, use?: AuditUse): Promise<boolean>;
  /** Removes a space with its history. @returns how many embeddings that were. */
  delete(space: string, use?: AuditUse): Promise<number>;
}
/** A conversation that the app asked to keep. */
interface Transcript {
  readonly title?: string;
  readonly messages: readonly ChatMessage[];
}
/** A transcript as it lies in the vault. */
interface StoredTranscript extends Transcript {
  readonly id: string;
  /** Vault time of the last saving, milliseconds since 1970. */
  readonly storedAt: number;
}
/** Conversations, encrypted; nothing is saved unless the app asks. Needs `personalise`. */
interface UserTranscripts {
  /**
   * Saves a conversation, in place of another one where an id is given.
   * @returns its id.
   * @throws E2PError `consent-required`; `invalid-argument` for an id that does not exist, and where there are too many.
   */
  save(transcript: Transcript & {
    readonly id?: string;
  }, use?: AuditUse): Promise<string>;
  /** Oldest first, without the messages. @throws E2PError `consent-required`, `vault-corrupt` */
  list(use?: AuditUse): Promise<readonly Omit<StoredTranscript, 'messages'>[]>;
  /** @throws E2PError `consent-required`, `vault-corrupt` */
  read(id: string, use?: AuditUse): Promise<StoredTranscript | undefined>;
  /** @returns whether there was one. */
  delete(id: string, use?: AuditUse): Promise<boolean>;
}
declare const EXPORT_FORMAT = "e2p-user";
declare const EXPORT_VERSION = 1;
interface ExportedEmbedding {
  readonly space: string;
  /** [dim]; float32 numbers, which JSON carries exactly. */
  readonly values: readonly number[];
  /** All times: milliseconds since 1970. */
  readonly storedAt: number;
  /** Absent where it was given. */
  readonly learntFrom?: StoredEmbedding['learntFrom'] | undefined;
  /** What was done to it in this vault; an import drops it, since a file proves nothing. */
  readonly protection?: ProtectionStatement | undefined;
}
interface ExportedEvent extends UserEvent {
  readonly time: number;
  readonly storedAt: number;
}
interface ExportedTranscript extends Transcript {
  readonly storedAt: number;
}
/** A person's data in clear, as JSON has it. */
interface UserExport {
  readonly format: typeof EXPORT_FORMAT;
  readonly version: typeof EXPORT_VERSION;
  readonly exportedAt: number;
  readonly consent: Readonly<Partial<Record<Purpose, ConsentDecision>>>;
  /** Of a space the oldest first. */
  readonly embeddings: readonly ExportedEmbedding[];
  readonly events: readonly ExportedEvent[];
  /** What they said about answers. */
  readonly feedback: readonly Omit<StoredFeedback, 'id'>[];
  readonly transcripts: readonly ExportedTranscript[];
  /** Sums and summaries of experiments, and private reports: what has left this vault, if the app sent it. An import takes none of it. */
  readonly experiments: readonly StoredExperiment[];
  readonly reports: readonly PrivateReport[];
  readonly audit: AuditLog;
  /** Records that are damaged. */
  readonly unreadable: readonly {
    readonly kind: RecordKind;
    readonly count: number;
  }[];
}
/** Every call throws E2PError `vault-locked` while the vault is locked, and `destroyed` after `forget()` or `close()`. */
interface User {
  /** false: the browser refuses to store, and everything is gone with the page; `warning` says why. Show it. */
  readonly persistent: boolean;
  readonly warning: string | undefined;
  readonly consent: UserConsent;
  readonly embedding: UserEmbeddings;
  readonly events: UserEvents;
  /** What they said about answers. */
  readonly feedback: UserFeedback;
  readonly transcripts: UserTranscripts;
  readonly experiments: UserExperiments;
  readonly aggregates: UserAggregates;
  readonly audit: UserAudit;
  /** The second lock that the vault has, beside the device itself. */
  readonly lockKind: LockKind;
  readonly isLocked: boolean;
  /** Drops the keys from memory, and resolves when everything attached has let go of the person's data. */
  lock(): Promise<void>;
  /** @throws E2PError `vault-locked` for the wrong secret or none. */
  unlock(secret?: LockSecret): Promise<void>;
  /** Puts the open vault behind another lock, or behind none. Only the key is wrapped anew. */
  setLock(secret: LockSecret | undefined, use?: AuditUse): Promise<void>;
  /** Everything, as portable JSON in clear. Needs no consent. */
  export(use?: AuditUse): Promise<UserExport>;
  /**
   * Replaces embeddings, events, feedback and transcripts by those of an export, all or nothing; see `import-user.ts` for consent.
   * @param json an export, or its text.
   * @throws E2PError `invalid-import` naming the field.
   */
  import(json: unknown, use?: AuditUse): Promise<void>;
  /**
   * Destroys the keys, then every record, and overwrites embeddings in memory, here and in what is attached; then looks again.
   * Needs no consent and no secret. This handle is of no more use: `openUser()` begins anew.
   */
  forget(): Promise<ForgetReport>;
  /** Told after a change, also of another tab. @returns how to stop it. */
  subscribe(listener: (change: UserChange) => void): () => void;
  /** For what keeps the person's data outside of the vault. @returns how to detach it. */
  attach(attachment: UserAttachment): () => void;
  /** Drops the keys and the connection, and tells what is attached as `lock()` does; everything stays stored. */
  close(): Promise<void>;
  /** As `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
/** How what a person does becomes their embedding. */
interface ActivityOptions {
  /** Default: fold-in, with regularisation, alpha and Gram matrix of the catalogue. */
  readonly method?: 'fold-in' | 'mean';
  /** Clicks that an event counts as, by its type. Default: `ACTIVITY_TYPES`; other types say nothing. */
  readonly types?: ActivityTypes;
  /** Milliseconds after which an event counts half. Default: for ever the same. */
  readonly halfLife?: number;
  /** Milliseconds from a change until it is taken in, with those that came meanwhile; each makes a new version. Default 500. */
  readonly delay?: number;
  /** Told why an update failed; the next change tries again. */
  readonly onError?: (error: unknown) => void;
}
/** `disconnect` it, or it ends with the vault. */
interface ActivityConnection {
  /** `paused` while the consent is missing or the vault is locked: then nothing of the person is in its memory. */
  readonly state: 'learning' | 'paused' | 'ended';
  /** Events that were left out, since the catalogue has no such item. */
  readonly unknown: number;
  /** Resolves when what has happened until now is in the vault. @throws what the last update failed with */
  settled(): Promise<void>;
  /** Ends it and overwrites what it knows; the embedding stays. */
  disconnect(): Promise<void>;
}
/**
 * Needs the grants for `learn-from-activity`, to read events, and for `personalise`, to set the embedding. Resolves when the embedding
 * says what the log does; where a grant is missing it waits for it.
 * @throws E2PError `invalid-argument`; what reading the vault or the catalogue fails with
 */
declare function embedFromActivity(user: User, catalogue: Catalogue, given?: ActivityOptions): Promise<ActivityConnection>;
/** How a vector is to be read. */
interface ParseEmbeddingOptions {
  /** What it is checked against: `personalizer.space`. */
  readonly space: EmbeddingSpace;
  /** Of numbers in base64, little-endian. Default `float32`. */
  readonly dtype?: 'float32' | 'float16';
  /** Which row of a matrix, or entry of a result; refused where there are none. Default: the only one, or all where the projector reads sets of that many. */
  readonly row?: number;
  /** Which tensor of a safetensors file; refused for whatever else. Default: the only one, else `embeddings`. */
  readonly tensor?: string;
}
/**
 * A vector as a backend hands it over, as an embedding of the projector's space.
 * @param given numbers; a text (JSON or base64); bytes (`.npy`, safetensors, or such a text); `{space, values}`, whose values may be
 *   base64 too; a `SemanticEmbedder` result `{embeddings: [{values, embeddingSpace}]}` or one entry of it. A space that is named has to be
 *   the projector's
 * @throws E2PError `invalid-embedding`
 */
declare function parseEmbedding(given: unknown, options: ParseEmbeddingOptions): UserEmbedding;
/** Name and size of a space. */
interface MappedSpace {
  /** Name with version. */
  readonly id: string;
  /** Numbers of a vector. */
  readonly dim: number;
}
/** to = weight · from + bias */
interface SpaceMap {
  /** The space of the vectors that an app has now. */
  readonly from: MappedSpace;
  /** The one that the projector reads. */
  readonly to: MappedSpace;
  /** [to, from] */
  readonly weight: Float32Array;
  /** [to] */
  readonly bias: Float32Array;
  /**
   * Of anchors that the map was not fitted on, the share of variance that it misses: 0 = exact, 1 = no better than the mean user for
   * everybody.
   */
  readonly residual: number;
  /** Anchors that it was fitted on. */
  readonly anchors: number;
}
/**
 * A file that `e2p align` wrote.
 * @throws E2PError `invalid-data` naming the file and what is wrong
 */
declare function readSpaceMap(bytes: Uint8Array, fileName?: string): SpaceMap;
/** What {@link readSpaceMap} reads. */
declare function writeSpaceMap({ from, to, weight, bias, residual, anchors }: SpaceMap): Uint8Array;
/**
 * The embedding in the space that the projector reads, for `personalizer.user.set`; of a set each vector.
 * @throws E2PError `invalid-embedding` for another space than the map is for, a wrong length, or a number that is not finite, mapped or not
 */
declare function mapEmbedding(map: SpaceMap, embedding: EmbeddingInput): UserEmbedding;
export { EmbeddingProtection as $, PromptInput as $t, DRIFT_QUESTION as A, gramMatrix as At, ActivityTypes as B, CpuWeights as Bt, StoredFeedback as C, CountedEvent as Ct, Arm as D, FoldInOptions as Dt, StoredExperiment as E, Factors as Et, PrivacyBudget as F, CheckProgress as Ft, UserEvent as G, InputOptions as Gt, activityWeight as H, DescribableUserHandle as Ht, PrivateQuestion as I, CheckReport as It, AuditEntry as J, RankOptions as Jt, UserEvents as K, Session as Kt, PrivateReport as L, StorageBackend as Lt, Catalogue as M, TotalProgress as Mt, openCatalogue as N, StoredFolder as Nt, Experiment as O, factorize as Ot, UserAudit as P, StoredFolderFile as Pt, verifyAuditLog as Q, BatchRequest as Qt, UserAggregates as R, Verified as Rt, Feedback as S, ActivityMethod as St, ExperimentSummary as T, FactorizeOptions as Tt, EventDifference as U, UserHandle as Ut, activityCounts as V, Personalizer as Vt, StoredEvent as W, SessionOptions as Wt, AuditUse as X, Overflow as Xt, AuditLog as Y, RankedCandidate as Yt, ChainReport as Z, BatchOptions as Zt, UserEmbeddings as _, RegExpConstraint as _n, RetentionPolicy as _t, writeSpaceMap as a, PValueRange as an, epsilonOf as at, UserFeedback as b, ActivityEmbedding as bt, ActivityConnection as c, ForgottenItem as cn, ConsentState as ct, User as d, ModelInfo as dn, LockKind as dt, PromptMessage as en, ProtectionStatement as et, UserExport as f, GenerateOptions as fn, LockSecret as ft, StoredEmbedding as g, JsonSchemaConstraint as gn, RecordStore as gt, UserTranscripts as h, Constraint as hn, webAuthnPasskey as ht, readSpaceMap as i, DriftOptions as in, blur as it, driftAnswer as j, FileProgress as jt, Metric as k, foldIn as kt, ActivityOptions as l, UserAttachment as ln, UserConsent as lt, Transcript as m, ChoicesConstraint as mn, WebAuthnPasskeyOptions as mt, SpaceMap as n, BatchOutcome as nn, Population as nt, ParseEmbeddingOptions as o, UserFit as on, sigmaFor as ot, StoredTranscript as p, GenerationResult as pn, Passkey as pt, AuditAction as q, TextReadable as qt, mapEmbedding as r, DriftLevel as rn, PrivacyLoss as rt, parseEmbedding as s, SentenceEncoder as sn, ConsentDecision as st, MappedSpace as t, TextPart as tn, GaussianMechanism as tt, embedFromActivity as u, UserChange as un, Schedule as ut, ForgetReport as v, Exclusive as vt, UserExperiments as w, AlsWeights as wt, ChangeChannel as x, ActivityEmbeddingOptions as xt, MakeEmbedding as y, Purpose as yt, ACTIVITY_TYPES as z, HubOptions as zt };