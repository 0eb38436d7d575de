/**
 * One answer as it comes: which token is next, what of it is thought and what is text, when it ends. It knows no graph and no cache; whoever
 * runs the model (`generate-text.ts`, `generate-batch.ts`) hands it the logits.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import type { Highest } from '../runtime/gpu-highest.ts';
import type { Constraint } from './constraint/constraint.ts';
import { type ConstraintWalk, openConstraint } from './constraint/open-constraint.ts';
import type { TokenRun } from './decoder.ts';
import { scratch } from './distribution.ts';
import {
  checkSampling,
  choose,
  needsFew,
  type SamplingOptions,
  scoresAmong,
  scoresOf,
  seededRandom,
} from './sampling.ts';
import { TextStream } from './text-stream.ts';
import { Thought } from './thought.ts';

/** How an answer is drawn and when it ends. Defaults are the model's own `generation_config.json`. */
export interface GenerateOptions extends Partial<SamplingOptions> {
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
export interface GenerationResult {
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

export const DEFAULT_MAX_TOKENS = 256;

export class Answer {
  /** Prompt and answer so far. */
  readonly sequence: number[];
  readonly #model: BaseModel;
  readonly #prompt: TokenRun;
  readonly #options: GenerateOptions;
  readonly #sampling: SamplingOptions;
  readonly #random: () => number;
  readonly #walk: ConstraintWalk | undefined;
  readonly #stream: TextStream;
  readonly #thought: Thought;
  /** Without soft tokens. */
  readonly #history: number[];
  readonly #generated: number[] = [];
  readonly #scratch = scratch();
  readonly #started = performance.now();
  #firstTokenAt = this.#started;
  #text = '';
  #finishReason: GenerationResult['finishReason'] = 'length';

  private constructor(
    model: BaseModel,
    prompt: TokenRun,
    options: GenerateOptions,
    walk: ConstraintWalk | undefined,
    isBegun: boolean,
  ) {
    this.#model = model;
    this.#prompt = prompt;
    this.#options = options;
    this.#sampling = { ...model.config.sampling, ...definedOnly(options) };
    this.#random = options.seed === undefined ? Math.random : seededRandom(options.seed);
    this.#walk = walk;
    this.#stream = new TextStream((ids) => model.codec.decode(ids), [options.stop ?? []].flat());
    this.#thought = new Thought(model.codec, prompt.ids, isBegun, options.onReasoning);
    this.sequence = [...prompt.ids];
    this.#history = prompt.ids.filter((_, i) => !prompt.soft?.has(i));
  }

  /**
   * @param isBegun the prompt has the answer's first words
   * @throws E2PError `invalid-argument` naming the option
   */
  static async open(
    model: BaseModel,
    prompt: TokenRun,
    options: GenerateOptions,
    isBegun = false,
  ): Promise<Answer> {
    const walk = await Answer.check(model, options);
    return new Answer(model, prompt, options, walk, isBegun);
  }

  /** @throws E2PError `invalid-argument` naming the option */
  static async check(model: BaseModel, options: GenerateOptions): Promise<ConstraintWalk | undefined> {
    checkMaxTokens(options.maxTokens);
    checkSampling({ ...model.config.sampling, ...definedOnly(options) });
    return options.constraint && (await openConstraint(model, options.constraint, options.signal));
  }

  /** The next token where there is no other: it need not be predicted. */
  get forced(): number | undefined {
    const walk = this.#walk;
    if (walk === undefined || walk.isComplete || walk.allowed.length !== 1) return undefined;
    return this.#thought.isOpen || this.#thought.opening !== undefined ? undefined : walk.allowed[0];
  }

  /** Tokens that it may still get. */
  get left(): number {
    const { maxTokens = DEFAULT_MAX_TOKENS } = this.#options;
    return Math.min(
      maxTokens - this.#generated.length,
      this.#model.config.contextLength - this.sequence.length,
    );
  }

  /** Whether the highest logits are enough to draw the next token as from all. */
  get needsFew(): boolean {
    return this.#walk === undefined && needsFew(this.#sampling);
  }

  /** Draws the next token. @param logits [V] behind the sequence, or the highest of them where those are enough */
  choose(logits: Float32Array | Highest): number {
    const scores =
      'ids' in logits
        ? scoresAmong(logits)
        : scoresOf(this.#permitted(logits), this.#sampling, this.#history, this.#among(logits));
    return choose(scores, this.#sampling, this.#random, this.#scratch);
  }

  /** The sequence grows by a token, or ends with it. @returns whether the answer goes on */
  add(id: number): boolean {
    if (this.#generated.length === 0) this.#firstTokenAt = performance.now();
    const { eosTokenIds } = this.#model.config;
    if (eosTokenIds.includes(id)) return this.#finish('end');
    for (const ids of [this.#generated, this.#history, this.sequence]) ids.push(id);
    if (!this.#thought.take(id)) {
      this.#walk?.advance(id);
      this.#show(this.#stream.push(id));
      if (this.#stream.stopped) return this.#finish('stop');
      if (this.#walk?.allowed.length === 0) return this.#finish('end');
    }
    return this.left > 0;
  }

  /** Once, behind the last token. */
  end(cachedTokens: number): GenerationResult {
    this.#thought.end();
    this.#show(this.#stream.end());
    const seconds = (performance.now() - this.#firstTokenAt) / 1000;
    const { length } = this.#generated;
    return {
      text: this.#text,
      ...(this.#thought.text !== '' && { reasoning: this.#thought.text }),
      tokenIds: this.#generated,
      reasoningTokens: this.#thought.tokens,
      finishReason: this.#finishReason,
      promptTokens: this.#prompt.ids.length,
      softTokens: this.#prompt.soft?.size ?? 0,
      cachedTokens,
      timeToFirstTokenMs: this.#firstTokenAt - this.#started,
      tokensPerSecond: length > 1 && seconds > 0 ? (length - 1) / seconds : 0,
    };
  }

  /** A thought must not end the answer that a constraint asks for. */
  #permitted(logits: Float32Array): Float32Array {
    if (this.#walk === undefined || !this.#thought.isOpen) return logits;
    const permitted = logits.slice();
    for (const id of this.#ends(logits)) permitted[id] = Number.NEGATIVE_INFINITY;
    return permitted;
  }

  /** The ids that may come next; undefined: all. */
  #among(logits: Float32Array): ArrayLike<number> | undefined {
    const walk = this.#walk;
    if (walk === undefined || this.#thought.isOpen) return undefined;
    const { opening } = this.#thought;
    const more = [
      ...(walk.isComplete ? this.#ends(logits) : []),
      ...(opening === undefined ? [] : [opening]),
    ];
    return more.length === 0 ? walk.allowed : [...Array.from(walk.allowed), ...more];
  }

  #ends(logits: Float32Array): readonly number[] {
    return this.#model.config.eosTokenIds.filter((id) => id < logits.length);
  }

  #finish(reason: GenerationResult['finishReason']): false {
    this.#finishReason = reason;
    return false;
  }

  #show(piece: string): void {
    // Models put white space between a thought and the answer; a constraint has none that it does not ask for.
    const trims = this.#text === '' && this.#thought.tokens > 0 && this.#walk === undefined;
    const text = trims ? piece.trimStart() : piece;
    this.#text += text;
    if (text !== '') this.#options.onText?.(text);
  }
}

function checkMaxTokens(value = DEFAULT_MAX_TOKENS): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new E2PError('invalid-argument', `maxTokens is ${value}, expected a whole number from 1`);
}

function definedOnly(options: GenerateOptions): Partial<SamplingOptions> {
  const names = ['temperature', 'topK', 'topP', 'minP', 'repetitionPenalty'] as const;
  return Object.fromEntries(names.filter((n) => options[n] !== undefined).map((n) => [n, options[n]]));
}
