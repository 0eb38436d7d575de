/**
 * `e2p-web/prompt-api`: a `LanguageModel` in the shape of the web platform's Prompt API, on any browser and model, with soft tokens. An app
 * written for the browser's own swaps it in by one line: `const LanguageModel = createLanguageModel({ model, projector })`.
 */
/// <reference lib="esnext.disposable" />
import { Vt as Personalizer, Wt as SessionOptions, en as PromptMessage, qt as TextReadable } from "./common-surface.js";
import { n as PersonalizerOptions } from "./client.js";
/** Temperatures of our choice; `balanced` is the model's own. */
declare const TEMPERATURES: {
  readonly 'most-predictable': 0;
  readonly predictable: 0.3;
  readonly 'slightly-predictable': 0.5;
  readonly balanced: undefined;
  readonly 'slightly-creative': 0.9;
  readonly creative: 1.1;
  readonly 'most-creative': 1.4;
};
/** From the likeliest token each time to much chance; names of the specification. */
type SamplingMode = keyof typeof TEMPERATURES;
declare const PARAMS: {
  readonly defaultTopK: 0;
  readonly maxTopK: 256;
  readonly defaultTemperature: 1;
  readonly maxTemperature: 2;
};
interface SamplingChoice {
  readonly samplingMode?: SamplingMode;
  readonly temperature?: number;
  readonly topK?: number;
}
/** As in the specification; `available`: stored on this device, or loaded. */
type Availability = 'unavailable' | 'downloadable' | 'downloading' | 'available';
/** A kind of input or output; `text` is the only type that is taken, languages are not looked at. */
interface Expected {
  readonly type: string;
  readonly languages?: readonly string[];
}
/** What a model has to be able to do, and how it samples. */
interface LanguageModelOptions extends SamplingChoice {
  readonly expectedInputs?: readonly Expected[];
  readonly expectedOutputs?: readonly Expected[];
  readonly tools?: readonly unknown[];
}
/** Of `LanguageModel.create`. */
interface LanguageModelCreateOptions extends LanguageModelOptions {
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
type LanguageModelPrompt = string | readonly PromptMessage[];
/** Of calls that only read. */
interface LanguageModelCallOptions {
  readonly signal?: AbortSignal;
}
/** Of calls that write. */
interface LanguageModelPromptOptions extends LanguageModelCallOptions {
  /** A regular expression that the whole answer matches, or a JSON Schema. It is never written into the prompt. */
  readonly responseConstraint?: object;
  readonly omitResponseConstraintInput?: boolean;
}
/** A session. Errors are the specification's, the library's own their `cause`. */
interface LanguageModel extends EventTarget {
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
interface LanguageModelClass {
  readonly prototype: LanguageModel;
  /** Whether a session can be made, and whether that downloads. */
  availability(options?: LanguageModelOptions): Promise<Availability>;
  /** Defaults and bounds of `temperature` and `topK`. */
  params(): Promise<typeof PARAMS>;
  /** A session; the first one loads the model. @throws DOMException `NotSupportedError`, `QuotaExceededError` */
  create(options?: LanguageModelCreateOptions): Promise<LanguageModel>;
}
/**
 * A class that stands for the browser's `LanguageModel`.
 * @param source a personalizer, whose user new sessions are for; or what one is made of, at the first `create()`, once for all sessions
 */
export declare function createLanguageModel(source: Personalizer | PersonalizerOptions): LanguageModelClass;
export type { Availability, LanguageModel, LanguageModelCallOptions, LanguageModelClass, LanguageModelCreateOptions, LanguageModelOptions, LanguageModelPrompt, LanguageModelPromptOptions, SamplingMode, TextReadable };