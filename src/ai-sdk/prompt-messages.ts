/** The SDK's prompt as messages of a session: text alone. */
import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { E2PError } from '../error.ts';
import type { PromptMessage, TextPart } from '../generate/prompt-input.ts';
import type { Warn } from './warnings.ts';

/**
 * Where the assistant speaks last, those are the answer's first words, as with other providers of the SDK.
 * @throws E2PError `invalid-argument` for files, tool calls and their results
 */
export function promptMessages(prompt: LanguageModelV4Prompt, warn: Warn): readonly PromptMessage[] {
  return prompt.map((message, i) => {
    const where = `message ${i + 1}`;
    if (message.role === 'tool') throw refused(where, 'the result of a tool');
    const { role } = message;
    const isLast = i === prompt.length - 1;
    const content = message.role === 'system' ? message.content : textParts(message.content, where, warn);
    if (role !== 'assistant') return { role, content };
    // Whether it is read again, the model's chat template decides.
    const reasoning = thoughtOf(message.content);
    if (!isLast) return { role, content, ...(reasoning !== '' && { reasoning }) };
    if (reasoning !== '') warn('reasoning', `${where} goes on, so its thought is left out`);
    return { role, content, prefix: true };
  });
}

function textParts(
  parts: Exclude<LanguageModelV4Message, { role: 'system' | 'tool' }>['content'],
  where: string,
  warn: Warn,
): readonly TextPart[] {
  return parts.flatMap((part) => {
    if (part.type === 'text') return { type: 'text' as const, value: part.text };
    if (part.type === 'reasoning-file') warn(part.type, `${where} has a part of it, which is left out`);
    else if (part.type !== 'reasoning') throw refused(where, `a part of type ${part.type}`);
    return [];
  });
}

const thoughtOf = (parts: Extract<LanguageModelV4Message, { role: 'assistant' }>['content']): string =>
  parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join('');

const refused = (where: string, what: string) =>
  new E2PError('invalid-argument', `${where} has ${what}, expected text: the model reads nothing else`);
