/**
 * `e2p-web/ai-sdk`: a personalizer as a language model of the Vercel AI SDK (https://ai-sdk.dev, version 7), for `generateText`,
 * `streamText` and whatever is built on them. An app swaps it in by one line: `const model = createE2P(personalizer)`.
 */
/// <reference lib="esnext.disposable" />
import { Vt as Personalizer } from "./common-surface.js";
import { JSONValue, LanguageModelV4 } from "@ai-sdk/provider";
/** `providerOptions: { e2p: … }` of a call. */
type E2PProviderOptions = {
  /** λ of the person's soft tokens: 0 = the average user, 1 = as trained (default). */
  strength?: number;
  /** false: the bare model. Default: personalised where a user is set. */
  personalise?: boolean;
  minP?: number;
  repetitionPenalty?: number;
  /** Variables of the model's chat template, e.g. `{ enable_thinking: false }`. */
  templateVariables?: {
    [name: string]: JSONValue;
  };
};
/** What the AI SDK takes as `model`. */
type E2PLanguageModel = LanguageModelV4;
/**
 * @param personalizer of `e2p-web` or `e2p-web/node`; it stays the caller's
 * @returns what `generateText`, `streamText` and the rest of the SDK take as `model`
 */
export declare function createE2P(personalizer: Pick<Personalizer, 'createSession' | 'model'>): E2PLanguageModel;
export type { E2PLanguageModel, E2PProviderOptions };