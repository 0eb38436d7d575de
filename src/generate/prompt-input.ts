/**
 * What is said to a session: a text, or messages as the web platform's Prompt API takes them
 * (https://webmachinelearning.github.io/prompt-api, "validate and canonicalize a prompt"), read once into plain messages.
 */
import { readArgument } from '../error.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import { createReader, type Reader } from '../user/read-untrusted.ts';

/** A part of a message; text is the only kind. */
export interface TextPart {
  readonly type: 'text';
  readonly value: string;
}

/** A turn of a conversation, in the form of the web platform's Prompt API. */
export interface PromptMessage {
  readonly role: ChatMessage['role'];
  /** Parts are joined with nothing between them. */
  readonly content: string | readonly TextPart[];
  /** Of the last message, by the assistant: the answer's first words, which it goes on from. */
  readonly prefix?: boolean;
  /** Of the assistant: what it thought before. The chat template decides whether it is read again; most leave it out. */
  readonly reasoning?: string;
}

/** A text is what the user says. */
export type PromptInput = string | readonly PromptMessage[];

/** Read. */
export interface Said {
  readonly messages: readonly ChatMessage[];
  /** The answer's first words. */
  readonly prefix: string | undefined;
}

const ROLES = ['system', 'user', 'assistant'] as const;
const ANY_LENGTH = Number.MAX_SAFE_INTEGER;

/** @throws E2PError `invalid-argument` naming the message and its field */
export function readInput(input: PromptInput, subject = 'the prompt'): Said {
  if (typeof input === 'string') {
    return { messages: [{ role: 'user', content: input }], prefix: undefined };
  }
  const reader = createReader('invalid-argument', subject);
  return readArgument(subject, () => {
    if (!Array.isArray(input)) reader.refuse('', 'a text or a list of messages');
    const list = reader.list(input, '', ANY_LENGTH);
    const messages = list.map((message, i) => {
      const where = `message ${i + 1}`;
      const fields = reader.fields(message, where, ['role', 'content', 'prefix', 'reasoning']);
      const role = reader.oneOf(fields.role, `the role of ${where}`, ROLES);
      if (fields.prefix !== undefined && typeof fields.prefix !== 'boolean') {
        reader.refuse(`the prefix of ${where}`, 'true or false');
      }
      if (fields.prefix === true && (role !== 'assistant' || i < list.length - 1)) {
        reader.refuse(`the prefix of ${where}`, 'of the last message, by the assistant');
      }
      const isPrefix = fields.prefix === true;
      if (fields.reasoning !== undefined && (role !== 'assistant' || isPrefix)) {
        reader.refuse(`the reasoning of ${where}`, 'left out: only an answer that is whole has one');
      }
      const content = readContent(reader, fields.content, `the content of ${where}`);
      if (fields.reasoning === undefined) return { role, content, isPrefix };
      const reasoning = reader.text(fields.reasoning, `the reasoning of ${where}`, ANY_LENGTH, 0);
      return { role, content, reasoning, isPrefix };
    });
    const said = messages.filter(({ isPrefix }) => !isPrefix).map(({ isPrefix: _, ...message }) => message);
    return { messages: said, prefix: messages.find(({ isPrefix }) => isPrefix)?.content };
  });
}

function readContent(reader: Reader, content: unknown, where: string): string {
  if (!Array.isArray(content)) return reader.text(content, where, ANY_LENGTH, 0);
  const parts = reader.list(content, where, ANY_LENGTH).map((part) => {
    const { type, value } = reader.fields(part, `a part of ${where}`, ['type', 'value']);
    reader.oneOf(type, `the type of a part of ${where}`, ['text']);
    return reader.text(value, `the value of a part of ${where}`, ANY_LENGTH, 0);
  });
  return parts.join('');
}
