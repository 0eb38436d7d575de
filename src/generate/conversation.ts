/** What the owner of all sessions keeps of each, and what can be said of it without the others. */
import type { E2PError } from '../error.ts';
import type { TemplateVariables } from '../model/chat-template.ts';
import type { ChatMessage } from '../model/text-codec.ts';
import type { ReadState } from './generate-text.ts';
import type { SoftTokens } from './prompt.ts';

/** What a session does where the conversation is longer than the model can read: fail, or drop its oldest turns. */
export type Overflow = 'fail' | 'drop-oldest';

export interface Conversation {
  /** The personalizer that it belongs to. */
  readonly owner: object;
  soft: SoftTokens | undefined;
  /** Of a newer version of the person's embedding, for the next turn, or the next token. */
  renewed: SoftTokens | undefined;
  /** λ that it was asked for, where it is the person's whom its owner has; undefined: nobody's. */
  readonly strength: number | undefined;
  readonly overflow: Overflow;
  /** Whether an answer under way goes on with a newer version. */
  readonly atOnce: boolean;
  /** Of the chat template. */
  readonly variables: TemplateVariables | undefined;
  /** Messages that it began with, and that are never dropped. */
  initial: number;
  messages: readonly ChatMessage[];
  state: ReadState | undefined;
  running: Running | undefined;
  /** Of its runs that failed or were ended. */
  wipedCaches: number;
  gone: { readonly error: E2PError; readonly wiped: Promise<unknown> } | undefined;
}

interface Running {
  readonly controller: AbortController;
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
  readonly settled: Promise<unknown>;
}

export const isPersonalised = ({ soft }: Pick<Conversation, 'soft'>): boolean =>
  soft !== undefined && soft.vectors.length > 0;

/** Where the turn behind the one at `from` begins: with the next message of the user. */
export function nextTurn(messages: readonly ChatMessage[], from: number): number {
  const next = messages.findIndex(({ role }, i) => i > from && role === 'user');
  return next === -1 ? messages.length : next;
}

export function overwrite(soft: SoftTokens | undefined): void {
  for (const vector of soft?.vectors ?? []) vector.fill(0);
}

/** The slots of a read run with the vectors of a clone in place of those of its original. */
export function exchanged(
  slots: ReadState['read']['soft'],
  from: SoftTokens | undefined,
  to: SoftTokens | undefined,
): ReadState['read']['soft'] {
  if (slots === undefined || from === undefined || to === undefined) return slots;
  return new Map([...slots].map(([at, vector]) => [at, to.vectors[from.vectors.indexOf(vector)]!]));
}
