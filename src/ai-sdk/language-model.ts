/**
 * `LanguageModelV4` of the AI SDK over a personalizer. Every call says the whole conversation, so each has a session of its own, for the
 * user that is set when it begins, and ends it.
 */
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';
import type { GenerateOptions, GenerationResult } from '../generate/answer.ts';
import type { Personalizer } from '../generate/personalizer.ts';
import { textReadable } from '../generate/text-readable.ts';
import { readCallOptions } from './call-options.ts';
import { promptMessages } from './prompt-messages.ts';
import { collectWarnings } from './warnings.ts';

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
        ...{ content: [{ type: 'text', text: result.text }], warnings, response: { modelId } },
        ...outcome(result),
      };
    },
    doStream: async (call) => {
      const { warnings, options, answer } = prepare(personalizer, call);
      let last: readonly LanguageModelV4StreamPart[] = [];
      const texts = textReadable(async (more) => {
        try {
          last = [
            { type: 'text-end', id: TEXT_ID },
            { type: 'finish', ...outcome(await answer(more)) },
          ];
        } catch (error) {
          if (more.signal?.aborted) throw error;
          last = [
            { type: 'error', error },
            { type: 'finish', ...FAILED },
          ];
        }
      }, options);
      return { stream: texts.pipeThrough(streamParts(modelId, warnings, () => last)) };
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

const TEXT_ID = 'answer';

/** @param last asked when no more text comes */
function streamParts(
  modelId: string,
  warnings: SharedV4Warning[],
  last: () => readonly LanguageModelV4StreamPart[],
): TransformStream<string, LanguageModelV4StreamPart> {
  return new TransformStream({
    start: (parts) => {
      parts.enqueue({ type: 'stream-start', warnings });
      parts.enqueue({ type: 'response-metadata', modelId });
      parts.enqueue({ type: 'text-start', id: TEXT_ID });
    },
    transform: (delta, parts) => parts.enqueue({ type: 'text-delta', id: TEXT_ID, delta }),
    flush: (parts) => {
      for (const part of last()) parts.enqueue(part);
    },
  });
}

const FINISH = { end: 'stop', stop: 'stop', length: 'length' } as const;

const FAILED: { readonly finishReason: LanguageModelV4FinishReason; readonly usage: LanguageModelV4Usage } = {
  finishReason: { unified: 'error', raw: undefined },
  usage: {
    inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  },
};

function outcome(result: GenerationResult): {
  readonly finishReason: LanguageModelV4FinishReason;
  readonly usage: LanguageModelV4Usage;
  readonly providerMetadata: SharedV4ProviderMetadata;
} {
  const { finishReason, promptTokens, cachedTokens, tokenIds, softTokens } = result;
  const { timeToFirstTokenMs, tokensPerSecond } = result;
  const written = tokenIds.length;
  return {
    finishReason: { unified: FINISH[finishReason], raw: finishReason },
    usage: {
      inputTokens: {
        ...{ total: promptTokens, noCache: promptTokens - cachedTokens, cacheRead: cachedTokens },
        cacheWrite: undefined,
      },
      outputTokens: { total: written, text: written, reasoning: 0 },
    },
    providerMetadata: { e2p: { softTokens, timeToFirstTokenMs, tokensPerSecond } },
  };
}
