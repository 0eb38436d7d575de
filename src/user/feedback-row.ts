/** What a person said about an answer, as an app may give it and as it lies in the vault: a private text, read strictly. */
import type { ChatMessage } from '../model/text-codec.ts';
import { createReader, type Reader } from './read-untrusted.ts';

/** Bounds (CWE-770): rows kept, of which the oldest go first; messages of a prompt, characters of a text, candidates beside the one. */
export const FEEDBACK_LIMITS = { count: 500, messages: 100, text: 8_000, others: 8 } as const;
const KINDS = ['up', 'down', 'edit', 'choice'] as const;
const ROLES = ['system', 'user', 'assistant'] as const;

/** What a person said about an answer. */
export interface Feedback {
  /** Thumbs up, thumbs down, a text of their own in place of the answer, or one of several. */
  readonly kind: (typeof KINDS)[number];
  /** What was asked; a text is one message of the user. */
  readonly prompt: string | readonly ChatMessage[];
  /** The answer that is liked, disliked, as it was edited, or chosen. */
  readonly answer: string;
  /** What was edited, or not chosen; a choice has at least one. */
  readonly others?: readonly string[];
}

/** As it lies in the vault. */
export interface StoredFeedback extends Feedback {
  /** By which it is deleted. */
  readonly id: string;
  /** The messages that were asked. */
  readonly prompt: readonly ChatMessage[];
  /** Empty where there are none. */
  readonly others: readonly string[];
  /** Vault time, milliseconds since 1970. */
  readonly storedAt: number;
}

/** A row without what the vault adds. */
export type FeedbackRow = Omit<StoredFeedback, 'id' | 'storedAt'>;

/** @throws E2PError naming the field, never its text. `where` is its place in a file. */
export function readFeedback(reader: Reader, value: unknown, where = ''): FeedbackRow {
  const { kind, prompt, answer, others } = reader.fields(value, where, [
    'kind',
    'prompt',
    'answer',
    'others',
  ]);
  const field = (name: string) => (where === '' ? name : `${where}.${name}`);
  const text = (given: unknown, name: string, least?: 0) =>
    reader.text(given, field(name), FEEDBACK_LIMITS.text, least);
  const messages =
    typeof prompt === 'string'
      ? [{ role: 'user' as const, content: text(prompt, 'prompt') }]
      : reader.list(prompt, field('prompt'), FEEDBACK_LIMITS.messages).map((message, i) => {
          const at = `prompt[${i}]`;
          const { role, content } = reader.fields(message, field(at), ['role', 'content']);
          return {
            role: reader.oneOf(role, field(`${at}.role`), ROLES),
            content: text(content, `${at}.content`, 0),
          };
        });
  if (messages.length === 0) reader.refuse(field('prompt'), 'at least one message');
  const row = {
    kind: reader.oneOf(kind, field('kind'), KINDS),
    prompt: messages,
    answer: text(answer, 'answer'),
    others: reader
      .list(others ?? [], field('others'), FEEDBACK_LIMITS.others)
      .map((other, i) => text(other, `others[${i}]`)),
  };
  const takesOthers = row.kind === 'choice' || row.kind === 'edit';
  if (row.kind === 'choice' && row.others.length === 0)
    reader.refuse(field('others'), 'at least one candidate');
  if (!takesOthers && row.others.length > 0)
    reader.refuse(field('others'), 'absent but for an edit or a choice');
  return row;
}

/** Several, as a training reads them. @throws E2PError `invalid-argument` naming the row and the field */
export function readFeedbackRows(rows: unknown, name: string): FeedbackRow[] {
  const reader = createReader('invalid-argument', 'learning from feedback');
  return reader
    .list(rows, name, FEEDBACK_LIMITS.count)
    .map((row, i) => readFeedback(reader, row, `${name}[${i}]`));
}
