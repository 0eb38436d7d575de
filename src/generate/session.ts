/**
 * A conversation with one model for one person. Modelled on the web platform's Prompt API: `prompt`, `promptStreaming`, `append`, `clone`,
 * `destroy`, AbortSignals. The person's soft token stands in its KV cache, which is why a session never changes hands; with a newer
 * embedding of the same person it is read anew at the next turn, or at once (option `newVersion`).
 */
import { readArgument } from '../error.ts';
import { createReader } from '../user/read-untrusted.ts';
import type { GenerateOptions, GenerationResult } from './answer.ts';
import { readConstraint, readTexts } from './constraint/constraint.ts';
import { type PromptInput, readInput, type Said } from './prompt-input.ts';
import type { RankedCandidate, RankOptions } from './rank.ts';
import { type TextReadable, textReadable } from './text-readable.ts';

/** Of calls that only read. */
export interface InputOptions {
  readonly signal?: AbortSignal;
}

/** Event `contextoverflow`: the oldest turns were dropped, so that what was said last fits (option `overflow`). */
export interface Session extends EventTarget {
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
  rank(
    input: PromptInput,
    candidates: readonly string[],
    options?: RankOptions,
  ): Promise<readonly RankedCandidate[]>;
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

export interface SessionStatus {
  readonly personalised: boolean;
  readonly strength: number | undefined;
  readonly contextUsage: number;
  readonly contextWindow: number;
}

export interface OpenedSession {
  readonly id: number;
  readonly status: SessionStatus;
}

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** The oldest turns were dropped. */
  readonly onOverflow?: (() => void) | undefined;
}

export interface AnswerOptions
  extends Omit<GenerateOptions, 'signal' | 'onText' | 'onReasoning'>,
    ReadOptions {
  readonly onText?: ((text: string) => void) | undefined;
  readonly onReasoning?: ((text: string) => void) | undefined;
}

/** Where sessions are, by their numbers: here, or in a worker. */
export interface SessionPort {
  generate(
    id: number,
    said: Said,
    options: AnswerOptions,
  ): Promise<{ readonly result: GenerationResult; readonly status: SessionStatus }>;
  append(id: number, said: Said, options: ReadOptions): Promise<SessionStatus>;
  rank(
    id: number,
    said: Said,
    candidates: readonly string[],
    options: ReadOptions,
  ): Promise<readonly RankedCandidate[]>;
  measure(id: number, said: Said): Promise<number>;
  clone(id: number): Promise<OpenedSession>;
  destroy(id: number): Promise<void>;
}

/** Sessions that an app has let go of without a word are freed all the same. */
const dropped = new FinalizationRegistry<{ readonly port: SessionPort; readonly id: number }>(
  ({ port, id }) => void port.destroy(id).catch(() => undefined),
);
/** While it answers, somebody waits for it, whether they hold it or not. */
const answering = new Set<Session>();

/** What an app holds; the session itself is the port's. */
export class SessionHandle extends EventTarget implements Session {
  oncontextoverflow: Session['oncontextoverflow'] = null;
  readonly #port: SessionPort;
  readonly #id: number;
  #status: SessionStatus;

  constructor(port: SessionPort, { id, status }: OpenedSession) {
    super();
    this.#port = port;
    this.#id = id;
    this.#status = status;
    dropped.register(this, { port, id });
    this.addEventListener('contextoverflow', (event) => this.oncontextoverflow?.(event));
  }

  get personalised(): boolean {
    return this.#status.personalised;
  }

  get strength(): number | undefined {
    return this.#status.strength;
  }

  get contextUsage(): number {
    return this.#status.contextUsage;
  }

  get contextWindow(): number {
    return this.#status.contextWindow;
  }

  async generate(input: PromptInput, given?: GenerateOptions): Promise<GenerationResult> {
    const options = readOptions(given);
    const said = readInput(input);
    return this.#waitedFor(async (onOverflow) => {
      const { result, status } = await this.#port.generate(this.#id, said, { ...options, onOverflow });
      this.#status = status;
      return result;
    });
  }

  async prompt(input: PromptInput, options?: GenerateOptions): Promise<string> {
    return (await this.generate(input, options)).text;
  }

  promptStreaming(input: PromptInput, options?: GenerateOptions): TextReadable {
    return textReadable((more) => this.generate(input, more), readOptions(options));
  }

  async rank(
    input: PromptInput,
    candidates: readonly string[],
    given?: RankOptions,
  ): Promise<readonly RankedCandidate[]> {
    const { signal } = readOptions(given, ['signal']);
    const said = readInput(input);
    const texts = readTexts(candidates, 'candidates');
    return this.#waitedFor(() => this.#port.rank(this.#id, said, texts, { signal }));
  }

  async append(input: PromptInput, given?: InputOptions): Promise<void> {
    const { signal } = readOptions(given, ['signal']);
    const said = readInput(input);
    await this.#waitedFor(async (onOverflow) => {
      this.#status = await this.#port.append(this.#id, said, { signal, onOverflow });
    });
  }

  async measureContextUsage(input: PromptInput, given?: InputOptions): Promise<number> {
    const { signal } = readOptions(given, ['signal']);
    const said = readInput(input);
    signal?.throwIfAborted();
    const usage = await this.#port.measure(this.#id, said);
    signal?.throwIfAborted();
    return usage;
  }

  async clone(given?: InputOptions): Promise<Session> {
    const { signal } = readOptions(given, ['signal']);
    signal?.throwIfAborted();
    const clone = new SessionHandle(this.#port, await this.#port.clone(this.#id));
    if (signal?.aborted) {
      await clone.destroy();
      throw signal.reason;
    }
    return clone;
  }

  destroy(): Promise<void> {
    return this.#port.destroy(this.#id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }

  async #waitedFor<T>(work: (onOverflow: () => void) => Promise<T>): Promise<T> {
    answering.add(this);
    try {
      return await work(() => this.dispatchEvent(new Event('contextoverflow')));
    } finally {
      answering.delete(this);
    }
  }
}

const NUMBERS = [
  ...(['maxTokens', 'seed', 'temperature', 'topK', 'topP', 'minP', 'repetitionPenalty'] as const),
];
/** Of many answers at once. */
export const BATCH_OPTIONS = [...NUMBERS, 'stop', 'constraint', 'signal'];
const OPTIONS = [...BATCH_OPTIONS, 'onText', 'onReasoning', 'promptLookup'];

/** @throws E2PError `invalid-argument` naming the option */
export function readOptions(
  given: GenerateOptions | undefined,
  known: readonly string[] = OPTIONS,
): GenerateOptions {
  const options = readArgument('the options of a generation', () => ({ ...given }));
  const { signal, stop } = options;
  const reader = createReader('invalid-argument', 'the options of a generation');
  reader.fields(options, '', known);
  if (signal !== undefined && !(signal instanceof AbortSignal)) reader.refuse('signal', 'an AbortSignal');
  for (const name of ['onText', 'onReasoning'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') reader.refuse(name, 'a function');
  }
  if (options.promptLookup !== undefined && typeof options.promptLookup !== 'boolean') {
    reader.refuse('promptLookup', 'true or false');
  }
  if (stop !== undefined && typeof stop !== 'string') {
    for (const each of reader.list(stop, 'stop', Number.MAX_SAFE_INTEGER)) {
      if (typeof each !== 'string') reader.refuse('stop', 'a text or a list of texts');
    }
  }
  for (const name of NUMBERS) {
    if (options[name] !== undefined && typeof options[name] !== 'number') reader.refuse(name, 'a number');
  }
  if (options.constraint === undefined) return options;
  if (stop !== undefined) reader.refuse('stop', 'left out where there is a constraint');
  return { ...options, constraint: readConstraint(options.constraint) };
}
