/// <reference lib="esnext.disposable" />
import { o as SentenceEncoderContract, p as ChatMessage } from "./projector.js";
import { r as DeviceChoice } from "./file-source.js";
import { n as EmbeddingSpace, t as EmbeddingInput } from "./user-embedding.js";
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
  /** Longest answer, in tokens; default 256. */
  readonly maxTokens?: number;
  /** Texts, or one, that end the answer; they are not part of it. */
  readonly stop?: string | readonly string[];
  /** What the answer has to be; where `maxTokens` cuts it, it is the beginning of that. Not together with `stop`. */
  readonly constraint?: Constraint;
  /** Makes sampling repeatable; without it every answer is another. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Each piece of text as soon as it can be shown. */
  readonly onText?: (text: string) => void;
}
/** An answer with what it cost: tokens, milliseconds, tokens a second. */
interface GenerationResult {
  readonly text: string;
  /** The generated ids, without the one that ended the answer. */
  readonly tokenIds: readonly number[];
  /**
   * `end`: the model ended, or the constraint has nothing more to come; `stop`: a stop string; `length`: maxTokens or the context was
   * used up.
   */
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
/**
 * How something that works with a person's data (an engine, a cache) hears that it must let go. `withdraw()`, `forget()` and
 * `lock()` wait for it, so that they are done only when the data is gone there too.
 */
/**
 * What changed: a consent decision; an embedding was set, deleted or expired; the vault was locked or unlocked; everything was
 * forgotten.
 */
type UserChange = 'consent' | 'embedding' | 'lock' | 'forget';
/** One line of a forget report: so many of what, and where. No content. */
interface ForgottenItem {
  /** e.g. `embedding`, `session`, `KV cache`. */
  readonly what: string;
  readonly where: 'memory' | 'gpu' | 'storage';
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
}
/** A text is what the user says. */
type PromptInput = string | readonly PromptMessage[];
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
type TextReadable = ReadableStream<string> & AsyncIterable<string>;
/** Of calls that only read. */
interface InputOptions {
  readonly signal?: AbortSignal;
}
/** Event `contextoverflow`: the oldest turns were dropped, so that what was said last fits (option `overflow`). */
interface Session extends EventTarget {
  /** Whether soft tokens of a person stand in it. */
  readonly personalised: boolean;
  /** Tokens of the conversation so far, soft tokens included. */
  readonly contextUsage: number;
  /** Tokens that the model can read, prompt and answer together. */
  readonly contextWindow: number;
  /** Called when the oldest turns were dropped to make room (`overflow: 'drop-oldest'`). */
  oncontextoverflow: ((event: Event) => void) | null;
  /** The answer as one text; behind a `prefix`, what follows it. */
  prompt(input: PromptInput, options?: GenerateOptions): Promise<string>;
  /** The answer in pieces as they come. Cancelling, or leaving a loop early, aborts the generation. */
  promptStreaming(input: PromptInput, options?: GenerateOptions): TextReadable;
  /** The answer with token ids and timings. */
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
/** What a session does where the conversation is longer than the model can read: fail, or drop its oldest turns. */
type Overflow = 'fail' | 'drop-oldest';
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
}
/** The user of a personalizer. The embedding goes in and never comes out. */
interface UserHandle {
  /**
   * Sets the user for sessions created from now on; sessions of the user before end.
   * @throws E2PError `invalid-embedding`
   */
  set(embedding: EmbeddingInput): Promise<void>;
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
/** Which model was loaded, and in which precision. */
interface ModelInfo {
  readonly name: string;
  readonly dtype: string;
  /** Tokens, prompt and answer together. */
  readonly contextLength: number;
  readonly hiddenSize: number;
  /** Why its texts are not to be trusted, where a check at load found so. */
  readonly warning?: string;
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
export { JsonSchemaConstraint as C, Constraint as S, UserAttachment as _, UserHandle as a, GenerationResult as b, Session as c, RankedCandidate as d, PromptInput as f, ForgottenItem as g, SentenceEncoder as h, SessionOptions as i, TextReadable as l, TextPart as m, ModelInfo as n, Overflow as o, PromptMessage as p, Personalizer as r, InputOptions as s, DescribableUserHandle as t, RankOptions as u, UserChange as v, RegExpConstraint as w, ChoicesConstraint as x, GenerateOptions as y };