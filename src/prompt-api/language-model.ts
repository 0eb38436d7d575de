/**
 * `LanguageModel` of the web platform's Prompt API (https://webmachinelearning.github.io/prompt-api), over sessions of this library: calls
 * are queued, the oldest turns are dropped where the context is full, errors are the specification's. Text alone, no tools.
 */
import { E2PError } from '../error.ts';
import type { GenerateOptions } from '../generate/answer.ts';
import type { Personalizer, SessionOptions } from '../generate/personalizer.ts';
import type { PromptMessage } from '../generate/prompt-input.ts';
import type { Session as OwnSession } from '../generate/session.ts';
import { type TextReadable, textReadable } from '../generate/text-readable.ts';
import { canonicalPrompt } from './canonical-prompt.ts';
import { abortError, notSupported, quotaExceeded, toDomError } from './dom-errors.ts';
import {
  PARAMS,
  readSampling,
  type Sampling,
  type SamplingChoice,
  type SamplingMode,
} from './sampling-mode.ts';

/** As in the specification; `available`: stored on this device, or loaded. */
export type Availability = 'unavailable' | 'downloadable' | 'downloading' | 'available';

/** A kind of input or output; `text` is the only type that is taken, languages are not looked at. */
export interface Expected {
  readonly type: string;
  readonly languages?: readonly string[];
}

/** What a model has to be able to do, and how it samples. */
export interface LanguageModelOptions extends SamplingChoice {
  readonly expectedInputs?: readonly Expected[];
  readonly expectedOutputs?: readonly Expected[];
  readonly tools?: readonly unknown[];
}

/** Of `LanguageModel.create`. */
export interface LanguageModelCreateOptions extends LanguageModelOptions {
  readonly initialPrompts?: readonly PromptMessage[];
  readonly signal?: AbortSignal;
  /** Gets a target of `downloadprogress` events, whose `loaded` goes from 0 to 1. */
  readonly monitor?: (monitor: EventTarget) => void;
  /** Ours: λ of the person's soft tokens, as of `createSession`. */
  readonly strength?: number;
  /** Ours: variables of the model's chat template, as of `createSession`. */
  readonly templateVariables?: SessionOptions['templateVariables'];
}

/** A text of the user, or messages. */
export type LanguageModelPrompt = string | readonly PromptMessage[];

/** Of calls that only read. */
export interface LanguageModelCallOptions {
  readonly signal?: AbortSignal;
}

/** Of calls that write. */
export interface LanguageModelPromptOptions extends LanguageModelCallOptions {
  /** A regular expression that the whole answer matches, or a JSON Schema. It is never written into the prompt. */
  readonly responseConstraint?: object;
  readonly omitResponseConstraintInput?: boolean;
}

/** A session. Errors are the specification's, the library's own their `cause`. */
export interface LanguageModel extends EventTarget {
  /** In tokens, soft tokens included. */
  readonly contextUsage: number;
  readonly contextWindow: number;
  /** null where it was made with `temperature` or `topK`. */
  readonly samplingMode: SamplingMode | null;
  readonly temperature: number;
  readonly topK: number;
  /** As a listener of `contextoverflow`: the oldest turns were dropped. */
  oncontextoverflow: ((event: Event) => void) | null;
  /** The whole answer. @throws DOMException `QuotaExceededError`, `NotSupportedError`, `AbortError` */
  prompt(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): Promise<string>;
  /** The answer in pieces. */
  promptStreaming(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): TextReadable;
  /** Reads ahead without an answer. */
  append(input: LanguageModelPrompt, options?: LanguageModelCallOptions): Promise<undefined>;
  /** Tokens that the input would take; nothing is read. */
  measureContextUsage(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): Promise<number>;
  /** A second session from here on. */
  clone(options?: LanguageModelCallOptions): Promise<LanguageModel>;
  /** Calls that run fail with `AbortError`. */
  destroy(): void;
}

/** What stands for the browser's global `LanguageModel`. */
export interface LanguageModelClass {
  readonly prototype: LanguageModel;
  /** Whether a session can be made, and whether that downloads. */
  availability(options?: LanguageModelOptions): Promise<Availability>;
  /** Defaults and bounds of `temperature` and `topK`. */
  params(): Promise<typeof PARAMS>;
  /** A session; the first one loads the model. @throws DOMException `NotSupportedError`, `QuotaExceededError` */
  create(options?: LanguageModelCreateOptions): Promise<LanguageModel>;
}

/** Where sessions come from. */
export interface ModelSource {
  availability(): Promise<Availability>;
  /** @param onProgress from 0 to 1 */
  open(
    signal: AbortSignal | undefined,
    onProgress: (loaded: number) => void,
  ): Promise<Pick<Personalizer, 'createSession'>>;
}

/** One model, as the platform's global `LanguageModel` has one. */
export function defineLanguageModel(source: ModelSource): LanguageModelClass {
  return class Session extends EventTarget implements LanguageModel {
    oncontextoverflow: ((event: Event) => void) | null = null;
    readonly #session: OwnSession;
    readonly #sampling: Sampling;
    /** Calls, one after the other. */
    #queue: Promise<unknown> = Promise.resolve();

    /** `create` makes them. */
    constructor(session: OwnSession, sampling: Sampling) {
      super();
      this.#session = session;
      this.#sampling = sampling;
      session.addEventListener('contextoverflow', () => {
        const event = new Event('contextoverflow');
        this.dispatchEvent(event);
        this.oncontextoverflow?.(event);
      });
    }

    static async availability(options: LanguageModelOptions = {}): Promise<Availability> {
      return isSupported(options) ? source.availability() : 'unavailable';
    }

    static async params() {
      return PARAMS;
    }

    static async create(options: LanguageModelCreateOptions = {}): Promise<LanguageModel> {
      const { signal, monitor, strength, templateVariables } = options;
      signal?.throwIfAborted();
      if (!isSupported(options))
        throw notSupported('this model reads and writes text alone, and calls no tools');
      const sampling = readSampling(options);
      const initialPrompts = canonicalPrompt(options.initialPrompts ?? [], false);
      const target = new EventTarget();
      monitor?.(target);
      const tell = (loaded: number) => target.dispatchEvent(new ProgressOf(loaded));
      return asSpecified(signal, async () => {
        const personalizer = await source.open(signal, tell);
        const session = await personalizer.createSession({
          ...{ initialPrompts, overflow: 'drop-oldest' },
          ...(strength !== undefined && { strength }),
          ...(templateVariables !== undefined && { templateVariables }),
        });
        const { contextUsage, contextWindow } = session;
        if (signal?.aborted || contextUsage > contextWindow) await session.destroy();
        if (contextUsage > contextWindow) throw quotaExceeded(contextUsage, contextWindow);
        const model = new Session(session, sampling);
        // Aborted later, it is destroyed: the specification's way to do so from outside.
        signal?.addEventListener('abort', () => model.destroy(), { once: true });
        return model;
      });
    }

    get contextUsage(): number {
      return this.#session.contextUsage;
    }

    get contextWindow(): number {
      return this.#session.contextWindow;
    }

    get samplingMode(): SamplingMode | null {
      return this.#sampling.samplingMode;
    }

    get temperature(): number {
      return this.#sampling.options.temperature ?? PARAMS.defaultTemperature;
    }

    get topK(): number {
      return this.#sampling.options.topK ?? PARAMS.defaultTopK;
    }

    async prompt(input: LanguageModelPrompt, options: LanguageModelPromptOptions = {}): Promise<string> {
      const chosen = { ...this.#sampling.options, ...readConstraint(options) };
      const { signal } = options;
      return this.#inTurn(input, options, (messages) =>
        this.#answer(messages, { ...chosen, ...(signal && { signal }) }),
      );
    }

    promptStreaming(input: LanguageModelPrompt, options: LanguageModelPromptOptions = {}): TextReadable {
      const chosen = { ...this.#sampling.options, ...readConstraint(options) };
      const { signal: given } = options;
      return textReadable(
        ({ signal, onText }) =>
          this.#inTurn(input, { signal: signal! }, (messages) =>
            this.#answer(messages, { ...chosen, signal: signal!, onText: onText! }),
          ),
        given ? { signal: given } : {},
      );
    }

    async append(input: LanguageModelPrompt, options: LanguageModelCallOptions = {}): Promise<undefined> {
      await this.#inTurn(input, options, (messages) => this.#session.append(messages, options));
      return undefined;
    }

    async measureContextUsage(
      input: LanguageModelPrompt,
      options: LanguageModelPromptOptions = {},
    ): Promise<number> {
      readConstraint(options);
      const messages = canonicalPrompt(input, this.contextUsage > 0);
      const { signal } = options;
      return asSpecified(signal, () => this.#session.measureContextUsage(messages, signal && { signal }));
    }

    async clone(options: LanguageModelCallOptions = {}): Promise<LanguageModel> {
      return asSpecified(options.signal, async () => {
        const clone = new Session(await this.#session.clone(options), this.#sampling);
        return clone;
      });
    }

    destroy(): void {
      void this.#session.destroy().catch(() => undefined);
    }

    async #answer(messages: readonly PromptMessage[], options: GenerateOptions): Promise<string> {
      try {
        return await this.#session.prompt(messages, options);
      } catch (error) {
        const isConstraint = options.constraint !== undefined && error instanceof E2PError;
        if (isConstraint && error.code === 'invalid-argument') throw notSupported(error.message);
        throw error;
      }
    }

    async #inTurn<T>(
      input: LanguageModelPrompt,
      { signal }: LanguageModelCallOptions,
      work: (messages: readonly PromptMessage[]) => Promise<T>,
    ): Promise<T> {
      signal?.throwIfAborted();
      const before = this.#queue;
      const run = asSpecified(signal, async () => {
        await before;
        signal?.throwIfAborted();
        const messages = canonicalPrompt(input, this.contextUsage > 0);
        try {
          return await work(messages);
        } catch (error) {
          if (!(error instanceof E2PError) || error.code !== 'context-overflow') throw error;
          const requested = await this.#session.measureContextUsage(messages);
          throw quotaExceeded(requested, this.contextWindow - this.contextUsage);
        }
      });
      this.#queue = run.catch(() => undefined);
      // Waiting behind others, a call is rejected as soon as it is aborted.
      return signal === undefined ? run : Promise.race([run, rejectedBy(signal)]);
    }
  };
}

class ProgressOf extends Event {
  readonly lengthComputable = true;
  readonly total = 1;
  readonly loaded: number;

  constructor(loaded: number) {
    super('downloadprogress');
    this.loaded = loaded;
  }
}

/** @throws TypeError for what is neither, and for an omission of what is not there */
function readConstraint({
  responseConstraint: given,
  omitResponseConstraintInput: omits = false,
}: LanguageModelPromptOptions): Pick<GenerateOptions, 'constraint'> {
  if (given === undefined || given === null) {
    if (omits) throw new TypeError('omitResponseConstraintInput stands without a responseConstraint');
    return {};
  }
  if (typeof given !== 'object')
    throw new TypeError('responseConstraint is neither a RegExp nor a JSON Schema');
  return { constraint: given instanceof RegExp ? { regexp: given } : { jsonSchema: given } };
}

const isText = ({ type }: Expected): boolean => type === 'text';

const isSupported = ({
  expectedInputs = [],
  expectedOutputs = [],
  tools = [],
}: LanguageModelOptions): boolean =>
  tools.length === 0 && expectedInputs.every(isText) && expectedOutputs.every(isText);

const rejectedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** An abort rejects with the signal's reason, an ended session with `AbortError`, all else with the specification's errors. */
async function asSpecified<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  try {
    const done = await work();
    signal?.throwIfAborted();
    return done;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof E2PError && error.code === 'destroyed')
      throw abortError('the session was destroyed');
    throw toDomError(error);
  }
}
