/** Soft tokens of a newer version of the person: a conversation goes on with them from its next turn on, or at once, in the answer under way. */
import { type Conversation, exchanged, overwrite } from './conversation.ts';
import type { TokenRun } from './decoder.ts';

/** A newer version that an answer under way may go on with. */
export interface Newer {
  /** For the slots of the prompt. */
  readonly soft: TokenRun['soft'];
  /** They were read, and what was read with the version before is no longer needed. */
  readonly taken: () => void;
  /** They were not read: the version before stays until the answer has ended. */
  readonly failed: () => void;
}

/** What was read with the version before is overwritten, the soft tokens too; the messages stay. */
export function takeRenewed(conversation: Conversation): void {
  const { renewed } = conversation;
  if (renewed === undefined || conversation.gone !== undefined) return;
  conversation.renewed = undefined;
  replace(conversation, renewed);
}

/**
 * Where the conversation asks for it at once; undefined where there is none, or it does not fit the slots of the prompt: then it is the next turn's.
 * @param slots of the prompt, with vectors of the conversation's soft tokens
 * @param letGo of what else the answer has of the version before
 */
export function newerOf(
  conversation: Conversation,
  slots: TokenRun['soft'],
  letGo: () => void,
): Newer | undefined {
  const { atOnce, renewed, soft, gone } = conversation;
  if (!atOnce || renewed === undefined || renewed.forQuestion !== undefined || gone !== undefined) return;
  if (soft === undefined || soft.vectors.length !== renewed.vectors.length) return;
  // A version that comes while this one is read overwrites it.
  const own = { ...renewed, vectors: renewed.vectors.map((vector) => vector.slice()) };
  return {
    soft: exchanged(slots, soft, own),
    taken: () => {
      replace(conversation, own);
      letGo();
      if (conversation.renewed !== renewed) return;
      overwrite(renewed);
      conversation.renewed = undefined;
    },
    failed: () => overwrite(own),
  };
}

function replace(conversation: Conversation, soft: Conversation['soft']): void {
  const { soft: before, state } = conversation;
  Object.assign(conversation, { soft, state: undefined });
  overwrite(before);
  if (state?.cache.wipe()) conversation.wipedCaches++;
}
