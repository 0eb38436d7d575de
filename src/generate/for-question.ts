/** Soft tokens that follow what is asked: made anew for each turn, and overwritten once the turn has its own. */
import type { ChatMessage } from '../model/text-codec.ts';
import type { Conversation } from './conversation.ts';
import { overwrite } from './conversation.ts';
import type { SoftTokens } from './prompt.ts';

/** Characters of a question that are read; an encoder reads some hundred tokens. */
const MOST_READ = 4000;

/** What was asked last; undefined for nothing. */
export const questionIn = (messages: readonly ChatMessage[]): string | undefined =>
  messages
    .findLast(({ role }) => role === 'user')
    ?.content.slice(0, MOST_READ)
    .trim() || undefined;

/** The conversation's soft tokens for what is asked now; its own where nothing depends on that. */
export async function softFor(
  { soft, messages }: Pick<Conversation, 'soft' | 'messages'>,
  said: readonly ChatMessage[],
  signal: AbortSignal,
): Promise<SoftTokens | undefined> {
  const question = questionIn([...messages, ...said]);
  return question === undefined ? soft : (soft?.forQuestion?.(question, signal) ?? soft);
}

/**
 * Runs a turn with the soft tokens of its question. Those of the turn before stay the conversation's where it fails, as what it has read
 * does.
 * @param said absent: the run sees to its soft tokens itself
 */
export async function withQuestion<T>(
  conversation: Conversation,
  said: readonly ChatMessage[] | undefined,
  signal: AbortSignal,
  run: () => Promise<T>,
): Promise<T> {
  const before = conversation.soft;
  const own = said === undefined ? before : await softFor(conversation, said, signal);
  if (own === before) return run();
  conversation.soft = own;
  try {
    const result = await run();
    overwrite(before);
    return result;
  } catch (error) {
    conversation.soft = before;
    overwrite(own);
    throw error;
  }
}
