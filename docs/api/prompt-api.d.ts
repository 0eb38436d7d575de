/**
 * `e2p-web/prompt-api`: a `LanguageModel` in the shape of the web platform's Prompt API, on any browser and model, with soft tokens. An app
 * written for the browser's own swaps it in by one line: `const LanguageModel = createLanguageModel({ model, projector })`.
 */
/// <reference lib="esnext.disposable" />
import { l as TextReadable, p as PromptMessage, r as Personalizer } from "./personalizer.js";
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
type Availability = 'unavailable' | 'downloadable' | 'downloading' | 'available';
interface Expected {
  readonly type: string;
  readonly languages?: readonly string[];
}
interface LanguageModelOptions extends SamplingChoice {
  readonly expectedInputs?: readonly Expected[];
  readonly expectedOutputs?: readonly Expected[];
  readonly tools?: readonly unknown[];
}
interface LanguageModelCreateOptions extends LanguageModelOptions {
  readonly initialPrompts?: readonly PromptMessage[];
  readonly signal?: AbortSignal;
  /** Gets a target of `downloadprogress` events, whose `loaded` goes from 0 to 1. */
  readonly monitor?: (monitor: EventTarget) => void;
  /** Ours: λ of the person's soft tokens, as of `createSession`. */
  readonly strength?: number;
}
type LanguageModelPrompt = string | readonly PromptMessage[];
interface LanguageModelCallOptions {
  readonly signal?: AbortSignal;
}
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
  oncontextoverflow: ((event: Event) => void) | null;
  prompt(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): Promise<string>;
  promptStreaming(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): TextReadable;
  append(input: LanguageModelPrompt, options?: LanguageModelCallOptions): Promise<undefined>;
  measureContextUsage(input: LanguageModelPrompt, options?: LanguageModelPromptOptions): Promise<number>;
  clone(options?: LanguageModelCallOptions): Promise<LanguageModel>;
  destroy(): void;
}
/** What stands for the browser's global `LanguageModel`. */
interface LanguageModelClass {
  readonly prototype: LanguageModel;
  availability(options?: LanguageModelOptions): Promise<Availability>;
  params(): Promise<typeof PARAMS>;
  create(options?: LanguageModelCreateOptions): Promise<LanguageModel>;
}
/**
 * @param source a personalizer, whose user new sessions are for; or what one is made of, at the first `create()`, once for all sessions
 */
export declare function createLanguageModel(source: Personalizer | PersonalizerOptions): LanguageModelClass;
export type { Availability, LanguageModel, LanguageModelCallOptions, LanguageModelClass, LanguageModelCreateOptions, LanguageModelOptions, LanguageModelPrompt, LanguageModelPromptOptions, SamplingMode, TextReadable };