/**
 * `LanguageModelV4` of the AI SDK over a personalizer. Every call says the whole conversation, so each has a session of its own, for the
 * user that is set when it begins, and ends it.
 */
import type { LanguageModelV4, LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider';
import type { GenerateOptions, GenerationResult } from '../generate/answer.ts';
import type { Personalizer } from '../generate/personalizer.ts';
import { answerParts, contentOf, outcome } from './answer-parts.ts';
import { readCallOptions } from './call-options.ts';
import { promptMessages } from './prompt-messages.ts';
import { collectWarnings } from './warnings.ts';

/** What the AI SDK takes as `model`. */
export type E2PLanguageModel = LanguageModelV4;

/**
 * @param personalizer of `e2p-web` or `e2p-web/node`; it stays the caller's
 * @returns what `generateText`, `streamText` and the rest of the SDK take as `model`
 */
export function createE2P(personalizer: Pick<Personalizer, 'createSession' | 'model'>): E2PLanguageModel {
  const modelId = personalizer.model.name;
  return {
    specificationVersion: 'v4',
    provider: 'e2p',
    modelId,
    // The SDK downloads files of other addresses before it asks: none is fetched that is refused anyway.
    supportedUrls: { '*/*': [/.*/] },
    doGenerate: async (call) => {
      const { warnings, options, answer } = prepare(personalizer, call);
      const result = await answer(options);
      return {
        ...{ content: contentOf(result), warnings, response: { modelId } },
        ...outcome(result),
      };
    },
    doStream: async (call) => {
      const { warnings, options, answer } = prepare(personalizer, call);
      return { stream: answerParts(modelId, warnings, options, answer) };
    },
  };
}

/** @throws E2PError `invalid-argument` for what the model can't read */
function prepare(
  personalizer: Pick<Personalizer, 'createSession'>,
  call: LanguageModelV4CallOptions,
): {
  readonly warnings: SharedV4Warning[];
  readonly options: GenerateOptions;
  readonly answer: (options: GenerateOptions) => Promise<GenerationResult>;
} {
  const { warnings, warn } = collectWarnings();
  const { session: sessionOptions, generate: options } = readCallOptions(call, warn);
  const messages = promptMessages(call.prompt, warn);
  const answer = async (more: GenerateOptions) => {
    more.signal?.throwIfAborted();
    const session = await personalizer.createSession(sessionOptions);
    try {
      return await session.generate(messages, more);
    } finally {
      await session.destroy();
    }
  };
  return { warnings, options, answer };
}
