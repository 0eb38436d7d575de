/**
 * A conversation with one model for one person. Modelled on the web platform's Prompt API: `prompt`,
 * `promptStreaming`, `clone`, `destroy`, AbortSignals. The soft token is fixed when the session is created and
 * stands in its KV cache, which is why a session never changes hands.
 */
import { readArgument } from '../error.ts';
import { createReader } from '../user/read-untrusted.ts';
import type { GenerateOptions, GenerationResult } from './generate-text.ts';

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

/** Where sessions are, by their numbers: here, or in a worker. */
export interface SessionPort {
  generate(id: number, input: string, options: GenerateOptions): Promise<GenerationResult>;
  clone(id: number): Promise<number>;
  destroy(id: number): Promise<void>;
}

/** Sessions that an app has let go of without a word are freed all the same. */
const dropped = new FinalizationRegistry<{ readonly port: SessionPort; readonly id: number }>(
  ({ port, id }) => void port.destroy(id).catch(() => undefined),
);
/** While it answers, somebody waits for it, whether they hold it or not. */
const answering = new Set<Session>();

/** What an app holds; the session itself is the port's. */
export class SessionHandle implements Session {
  readonly #port: SessionPort;
  readonly #id: number;

  constructor(port: SessionPort, id: number) {
    this.#port = port;
    this.#id = id;
    dropped.register(this, { port, id });
  }

  async generate(input: string, given?: GenerateOptions): Promise<GenerationResult> {
    const options = readOptions(given);
    if (typeof input !== 'string') createReader('invalid-argument', 'the prompt').refuse('', 'a text');
    answering.add(this);
    try {
      return await this.#port.generate(this.#id, input, options);
    } finally {
      answering.delete(this);
    }
  }

  async prompt(input: string, options?: GenerateOptions): Promise<string> {
    return (await this.generate(input, options)).text;
  }

  promptStreaming(input: string, options?: GenerateOptions): AsyncIterable<string> {
    return streamText((more) => this.generate(input, more), readOptions(options));
  }

  async clone(): Promise<Session> {
    return new SessionHandle(this.#port, await this.#port.clone(this.#id));
  }

  destroy(): Promise<void> {
    return this.#port.destroy(this.#id);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }
}

const NUMBERS = [
  ...(['maxTokens', 'seed', 'temperature', 'topK', 'topP', 'minP', 'repetitionPenalty'] as const),
];

/** @throws E2PError `invalid-argument` naming the option */
function readOptions(given: GenerateOptions | undefined): GenerateOptions {
  const options = readArgument('the options of a generation', () => ({ ...given }));
  const { signal, stop, onText } = options;
  const reader = createReader('invalid-argument', 'the options of a generation');
  if (signal !== undefined && !(signal instanceof AbortSignal)) reader.refuse('signal', 'an AbortSignal');
  if (onText !== undefined && typeof onText !== 'function') reader.refuse('onText', 'a function');
  if (stop !== undefined) {
    for (const each of reader.list(stop, 'stop', Number.MAX_SAFE_INTEGER)) {
      if (typeof each !== 'string') reader.refuse('stop', 'a list of texts');
    }
  }
  for (const name of NUMBERS) {
    if (options[name] !== undefined && typeof options[name] !== 'number') reader.refuse(name, 'a number');
  }
  return options;
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
  // The error is thrown to the reader below, who gets no text that came before it and was not yet read.
  finished.catch(() => pieces.splice(0));
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
