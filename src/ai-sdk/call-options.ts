/** The options of a call as those of a session and of one generation; what has no counterpart is a warning. */
import type { JSONValue, LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { GenerateOptions } from '../generate/answer.ts';
import type { SessionOptions } from '../generate/personalizer.ts';
import { createReader } from '../user/read-untrusted.ts';
import { formatConstraint } from './response-format.ts';
import type { Warn } from './warnings.ts';

/** `providerOptions: { e2p: … }` of a call. */
export type E2PProviderOptions = {
  /** λ of the person's soft tokens: 0 = the average user, 1 = as trained (default). */
  strength?: number;
  /** false: the bare model. Default: personalised where a user is set. */
  personalise?: boolean;
  minP?: number;
  repetitionPenalty?: number;
  /** Variables of the model's chat template, e.g. `{ enable_thinking: false }`. */
  templateVariables?: { [name: string]: JSONValue };
};

const OWN = ['strength', 'personalise', 'minP', 'repetitionPenalty', 'templateVariables'] as const;

/** @throws E2PError `invalid-argument` for provider options that are none of ours */
export function readCallOptions(
  call: LanguageModelV4CallOptions,
  warn: Warn,
): { readonly session: SessionOptions; readonly generate: GenerateOptions } {
  warnOfUnsupported(call, warn);
  const reader = createReader('invalid-argument', 'providerOptions.e2p');
  const own: Omit<E2PProviderOptions, 'templateVariables'> & Pick<SessionOptions, 'templateVariables'> =
    reader.fields(call.providerOptions?.e2p ?? {}, '', OWN);
  const { maxOutputTokens: maxTokens, temperature, topK, topP, seed, abortSignal: signal } = call;
  const { strength, personalise, minP, repetitionPenalty, templateVariables } = own;
  const constraint = formatConstraint(call.responseFormat, warn);
  const stop = call.stopSequences?.length ? call.stopSequences : undefined;
  if (stop !== undefined && constraint !== undefined)
    warn('stopSequences', 'an answer that is held to a format ends with it');
  return {
    session: defined({ strength, personalise, templateVariables }),
    generate: defined({
      ...{ maxTokens, temperature, topK, topP, minP, repetitionPenalty, seed, signal, constraint },
      stop: constraint === undefined ? stop : undefined,
    }),
  };
}

function warnOfUnsupported(call: LanguageModelV4CallOptions, warn: Warn): void {
  const { frequencyPenalty, presencePenalty, reasoning = 'provider-default' } = call;
  if (frequencyPenalty) warn('frequencyPenalty', 'providerOptions.e2p.repetitionPenalty comes nearest');
  if (presencePenalty) warn('presencePenalty', 'providerOptions.e2p.repetitionPenalty comes nearest');
  if (call.tools?.length) warn('tools', 'the model calls none');
  if (reasoning !== 'provider-default' && reasoning !== 'none')
    warn(
      'reasoning',
      'it has no levels here; providerOptions.e2p.templateVariables reaches the chat template',
    );
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

const defined = <T extends object>(options: T): Defined<T> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Defined<T>;
