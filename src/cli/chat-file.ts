/** A conversation as `e2p generate --chat` reads it: `[{"role", "content"}…]`, whose last message is the user's. A message about it repeats nothing of it. */
import { E2PError } from '../error.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import { createReader } from '../user/read-untrusted.ts';

export interface Chat {
  /** What was said before. */
  readonly before: readonly ChatMessage[];
  /** What is to be answered. */
  readonly prompt: string;
}

/** @throws E2PError `invalid-data` naming the file and the field */
export function readChat(bytes: Uint8Array, file: string): Chat {
  const { refuse, list, fields, oneOf, text } = createReader('invalid-data', file);
  const messages = list(parse(bytes, file), '', Number.MAX_SAFE_INTEGER).map((message, i): ChatMessage => {
    const { role, content } = fields(message, `[${i}]`, ['role', 'content']);
    return {
      role: oneOf(role, `[${i}].role`, ['system', 'user', 'assistant']),
      content: text(content, `[${i}].content`, Number.MAX_SAFE_INTEGER, 0),
    };
  });
  const last = messages.at(-1);
  if (last === undefined) return refuse('', 'a list of at least one message');
  if (last.role !== 'user')
    return refuse(`[${messages.length - 1}].role`, 'user: the last message is answered');
  return { before: messages.slice(0, -1), prompt: last.content };
}

function parse(bytes: Uint8Array, file: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own message quotes the text.
    throw new E2PError('invalid-data', `${file} is not JSON`);
  }
}
