/**
 * A conversation with one model for one person. Modelled on the web platform's Prompt API: `prompt`,
 * `promptStreaming`, `clone`, `destroy`, AbortSignals. The soft token is fixed when the session is created and
 * stands in its KV cache, which is why a session never changes hands.
 */
import { E2PError } from '../error.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import type { TokenRun } from './decoder.ts';
import type { Engine } from './engine.ts';
import {
  type GenerateOptions,
  type GenerationResult,
  generateText,
  type ReadState,
} from './generate-text.ts';
import { buildInput, type SoftTokens } from './prompt.ts';

export interface Session {
  /** The answer as one text. */
  prompt(input: string, options?: GenerateOptions): Promise<string>;
  /** The answer in pieces as they come. Leaving the loop early aborts the generation. */
  promptStreaming(input: string, options?: GenerateOptions): AsyncIterable<string>;
  /** The answer with token ids and timings. */
  generate(input: string, options?: GenerateOptions): Promise<GenerationResult>;
  /** Another session that has heard the same so far; both go on independently. */
  clone(): Promise<Session>;
  /** Frees the KV cache and forgets the conversation. Later calls fail with `destroyed`. */
  destroy(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export class LocalSession implements Session {
  readonly #engine: Engine;
  readonly #soft: SoftTokens | undefined;
  #messages: readonly ChatMessage[];
  #state: ReadState | undefined;
  #running: AbortController | undefined;
  #gone: E2PError | undefined;

  constructor(engine: Engine, soft: SoftTokens | undefined, messages: readonly ChatMessage[]) {
    this.#engine = engine;
    this.#soft = soft;
    this.#messages = messages;
  }

  get personalised(): boolean {
    return this.#soft !== undefined && this.#soft.vectors.length > 0;
  }

  async generate(input: string, options: GenerateOptions = {}): Promise<GenerationResult> {
    this.#check();
    if (this.#running !== undefined) {
      throw new E2PError('invalid-argument', 'the session is still answering; wait, or clone it first');
    }
    const running = new AbortController();
    this.#running = running;
    const signal = options.signal ? AbortSignal.any([options.signal, running.signal]) : running.signal;
    try {
      const { model } = this.#engine;
      const messages = [...this.#messages, { role: 'user', content: input } as const];
      const prompt = buildInput(model, messages, this.#soft);
      const { result, state } = await generateText(this.#engine, prompt, { ...options, signal }, this.#state);
      if (running.signal.aborted) {
        state.cache.release();
        throw running.signal.reason;
      }
      this.#state?.cache.release();
      this.#state = state;
      this.#messages = [...messages, { role: 'assistant', content: result.text }];
      return result;
    } finally {
      this.#running = undefined;
    }
  }

  async prompt(input: string, options?: GenerateOptions): Promise<string> {
    return (await this.generate(input, options)).text;
  }

  promptStreaming(input: string, options?: GenerateOptions): AsyncIterable<string> {
    return streamText((more) => this.generate(input, more), options);
  }

  async clone(): Promise<LocalSession> {
    this.#check();
    const soft = this.#soft && { ...this.#soft, vectors: this.#soft.vectors.map((v) => v.slice()) };
    const copy = new LocalSession(this.#engine, soft, this.#messages);
    if (this.#state !== undefined) {
      const { decoder, cache, read } = this.#state;
      copy.#state = {
        decoder,
        cache: cache.retain(),
        read: { ids: read.ids, soft: sameSlots(read.soft, this.#soft, soft) },
      };
    }
    return copy;
  }

  async destroy(): Promise<void> {
    this.end(new E2PError('destroyed', 'the session was destroyed'));
  }

  /**
   * Ends the session; later calls fail with the given error. What it knew is overwritten.
   * @returns how many KV caches that freed
   */
  end(reason: E2PError): number {
    if (this.#gone !== undefined) return 0;
    this.#gone = reason;
    this.#running?.abort(reason);
    const wiped = this.#state?.cache.wipe(this.#state.decoder.runtime) ?? false;
    this.#state = undefined;
    this.#messages = [];
    for (const vector of this.#soft?.vectors ?? []) vector.fill(0);
    return Number(wiped);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }

  #check(): void {
    if (this.#gone !== undefined) throw this.#gone;
  }
}

/** The slots of a read run with the vectors of a clone in place of those of its original. */
function sameSlots(
  slots: TokenRun['soft'],
  from: SoftTokens | undefined,
  to: SoftTokens | undefined,
): TokenRun['soft'] {
  if (slots === undefined || from === undefined || to === undefined) return slots;
  return new Map([...slots].map(([at, vector]) => [at, to.vectors[from.vectors.indexOf(vector)]!]));
}

/** A generation with an `onText` callback, as an async iterable that can be left early. */
export async function* streamText(
  generate: (options: GenerateOptions) => Promise<GenerationResult>,
  options: GenerateOptions = {},
): AsyncGenerator<string, void, undefined> {
  const pieces: string[] = [];
  let wake = () => {};
  let done = false;
  const left = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
  const finished = generate({
    ...options,
    signal,
    onText: (text) => {
      options.onText?.(text);
      pieces.push(text);
      wake();
    },
  }).finally(() => {
    done = true;
    wake();
  });
  // The error is thrown to the reader below; until then it must not count as unhandled.
  finished.catch(() => {});
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) yield piece;
      else if (done) break;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    await finished;
  } finally {
    // A reader that leaves early finds the session ready for the next prompt.
    left.abort();
    await finished.catch(() => {});
  }
}
