/** An answer as the parts that the SDK knows: what was thought, then the text, then how it ended. */
import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
  SharedV4Warning,
} from '@ai-sdk/provider';
import type { GenerateOptions, GenerationResult } from '../generate/answer.ts';
import { readable } from '../generate/text-readable.ts';

export const contentOf = ({ text, reasoning }: GenerationResult): LanguageModelV4Content[] => [
  ...(reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
  { type: 'text', text },
];

/** An answer that fails ends with the error and `finish`; an aborted one breaks the stream off. */
export function answerParts(
  modelId: string,
  warnings: SharedV4Warning[],
  options: GenerateOptions,
  answer: (options: GenerateOptions) => Promise<GenerationResult>,
): ReadableStream<LanguageModelV4StreamPart> {
  return readable(async (signal, push: (part: LanguageModelV4StreamPart) => void) => {
    push({ type: 'stream-start', warnings });
    push({ type: 'response-metadata', modelId });
    let current: 'reasoning' | 'text' | undefined;
    const turnTo = (kind: typeof current) => {
      if (kind === current) return;
      if (current !== undefined) push({ type: `${current}-end`, id: current });
      if (kind !== undefined) push({ type: `${kind}-start`, id: kind });
      current = kind;
    };
    const to = (kind: 'reasoning' | 'text') => (delta: string) => {
      turnTo(kind);
      push({ type: `${kind}-delta`, id: kind, delta });
    };
    try {
      const onReasoning = to('reasoning');
      const result = await answer({ ...options, signal, onText: to('text'), onReasoning });
      turnTo('text');
      turnTo(undefined);
      push({ type: 'finish', ...outcome(result) });
    } catch (error) {
      if (signal.aborted) throw error;
      push({ type: 'error', error });
      push({ type: 'finish', ...FAILED });
    }
  }, options.signal);
}

const FINISH = { end: 'stop', stop: 'stop', length: 'length' } as const;

const FAILED: { readonly finishReason: LanguageModelV4FinishReason; readonly usage: LanguageModelV4Usage } = {
  finishReason: { unified: 'error', raw: undefined },
  usage: {
    inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: undefined, text: undefined, reasoning: undefined },
  },
};

export function outcome(result: GenerationResult): {
  readonly finishReason: LanguageModelV4FinishReason;
  readonly usage: LanguageModelV4Usage;
  readonly providerMetadata: SharedV4ProviderMetadata;
} {
  const { finishReason, promptTokens, cachedTokens, tokenIds, softTokens } = result;
  const { timeToFirstTokenMs, tokensPerSecond } = result;
  const [written, thought] = [tokenIds.length, result.reasoningTokens];
  return {
    finishReason: { unified: FINISH[finishReason], raw: finishReason },
    usage: {
      inputTokens: {
        ...{ total: promptTokens, noCache: promptTokens - cachedTokens, cacheRead: cachedTokens },
        cacheWrite: undefined,
      },
      outputTokens: { total: written, text: written - thought, reasoning: thought },
    },
    providerMetadata: { e2p: { softTokens, timeToFirstTokenMs, tokensPerSecond } },
  };
}
