/** What a session is asked for, read once. */
import { E2PError, readArgument } from '../error.ts';
import type { TemplateVariables } from '../model/chat-template.ts';
import { createReader } from '../user/read-untrusted.ts';
import type { Overflow } from './conversation.ts';
import { type PromptMessage, readInput } from './prompt-input.ts';

import { readTemplateVariables } from './template-variables.ts';

/** What a session begins with; fixed for its life. */
export interface SessionOptions {
  /** What was said before the first prompt, e.g. a system message. */
  readonly initialPrompts?: readonly PromptMessage[];
  /** λ: 0 = the population's mean user, 1 = the user as trained, beyond 1 = exaggerated. Default 1. */
  readonly strength?: number;
  /** false: the bare model, no soft token. Default: personalised where a user is set. */
  readonly personalise?: boolean;
  /**
   * Where the conversation is longer than the model can read: `fail` with `context-overflow` (default), or `drop-oldest` turns, with the
   * event `contextoverflow`; `initialPrompts`, BOS and soft tokens stay.
   */
  readonly overflow?: Overflow;
  /**
   * When a newer version of the same person's embedding is taken up: at the `next-turn` (default), or `at-once`: an answer under way goes on from
   * its next token behind a new reading of the conversation and of what it has said. Where that fails, or the soft tokens follow the question or
   * are not as many, it is the next turn all the same.
   */
  readonly newVersion?: 'next-turn' | 'at-once';
  /**
   * Variables that the model's chat template reads, by name, e.g. `{ enable_thinking: false }` for Qwen3; in every turn. One that the
   * template does not have is refused.
   */
  readonly templateVariables?: TemplateVariables;
}

const KNOWN = ['initialPrompts', 'strength', 'personalise', 'overflow', 'newVersion', 'templateVariables'];

/** @throws E2PError `invalid-argument` naming the option */
export function readSessionOptions(given: SessionOptions) {
  const options = readArgument('the options of a session', () => ({ ...given }));
  const reader = createReader('invalid-argument', 'the options of a session');
  reader.fields(options, '', KNOWN);
  const { overflow = 'fail', personalise, strength, initialPrompts = [], templateVariables } = options;
  const { newVersion = 'next-turn' } = options;
  reader.oneOf(newVersion, 'newVersion', ['next-turn', 'at-once']);
  reader.oneOf(overflow, 'overflow', ['fail', 'drop-oldest']);
  if (personalise !== undefined && typeof personalise !== 'boolean')
    reader.refuse('personalise', 'true or false');
  const { messages, prefix } = readInput(initialPrompts, 'initialPrompts');
  if (prefix !== undefined)
    throw new E2PError('invalid-argument', 'initialPrompts: a prefix belongs to a prompt');
  const variables = templateVariables && readTemplateVariables(templateVariables);
  return { overflow, atOnce: newVersion === 'at-once', personalise, strength, messages, variables };
}
