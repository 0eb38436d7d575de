/** "Validate and canonicalize a prompt" (https://webmachinelearning.github.io/prompt-api/#language-model-options), for text alone. */
import type { PromptMessage, TextPart } from '../generate/prompt-input.ts';
import { notSupported, syntaxError } from './dom-errors.ts';

const ROLES: readonly unknown[] = ['system', 'user', 'assistant'];
const OTHER_TYPES: readonly unknown[] = ['image', 'audio', 'tool-call', 'tool-response'];

/**
 * @param hasInput something was said before, so that no system message may follow
 * @throws TypeError; DOMException `SyntaxError` for a prefix out of place, `NotSupportedError` for what is no text
 */
export function canonicalPrompt(input: unknown, hasInput: boolean): readonly PromptMessage[] {
  // As Web IDL has it: a sequence where it can be looped over, else a text.
  const isList = typeof input === 'object' && input !== null && Symbol.iterator in input;
  const list: readonly unknown[] = isList
    ? [...(input as Iterable<unknown>)]
    : [{ role: 'user', content: `${input}` }];
  return list.map((message, i) => {
    const { role, content, prefix = false } = (message ?? {}) as Record<string, unknown>;
    if (!ROLES.includes(role)) throw new TypeError(`message ${i + 1} has no role of ${ROLES.join(', ')}`);
    if (content === undefined) throw new TypeError(`message ${i + 1} has no content`);
    if (prefix && (role !== 'assistant' || i < list.length - 1)) {
      throw syntaxError("a prefix may only stand in the last message, and be the assistant's");
    }
    if (role === 'system' && (hasInput || i > 0))
      throw new TypeError('a system message may only be the first');
    return {
      role: role as PromptMessage['role'],
      content: Array.isArray(content) ? content.map(textPart) : `${content}`,
      ...(prefix === true && { prefix }),
    };
  });
}

function textPart(part: unknown): TextPart {
  const { type, value } = (part ?? {}) as Record<string, unknown>;
  if (OTHER_TYPES.includes(type)) throw notSupported(`content of type ${type}: this model reads text alone`);
  if (type !== 'text' || typeof value !== 'string')
    throw new TypeError('a part of type text has a text as its value');
  return { type, value };
}
