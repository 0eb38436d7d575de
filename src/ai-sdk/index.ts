/**
 * `e2p-web/ai-sdk`: a personalizer as a language model of the Vercel AI SDK (https://ai-sdk.dev, version 7), for `generateText`,
 * `streamText` and whatever is built on them. An app swaps it in by one line: `const model = createE2P(personalizer)`.
 */
export type { E2PProviderOptions } from './call-options.ts';
export { createE2P, type E2PLanguageModel } from './language-model.ts';
