/**
 * What an answer has to be, as an app says it, and as the decode loop asks for it: at each step the tokens that may come next. A token may
 * come only if some tokens behind it complete the answer, so there is no dead end.
 */
import type { BaseModel } from '../../model/base-model.ts';
import { createReader } from '../../user/read-untrusted.ts';
import { openChoices } from './choices.ts';

/** The answer is one of these texts, character by character. A list of 1,000 texts or more is prepared once and then kept. */
export interface ChoicesConstraint {
  readonly choices: readonly string[];
}

export type Constraint = ChoicesConstraint;

/** An answer on its way through a constraint. */
export interface ConstraintWalk {
  /** Tokens that may come next, without those that end the answer. */
  readonly allowed: ArrayLike<number>;
  /** Whether the answer may end here; always where nothing is allowed. */
  readonly isComplete: boolean;
  /** Goes on by a token that is allowed. */
  advance(id: number): void;
}

const KINDS = ['choices'] as const;

/** @throws E2PError `invalid-argument` naming the field */
export function readConstraint(given: Constraint): Constraint {
  const reader = createReader('invalid-argument', 'the constraint');
  const fields = reader.fields(given, '', KINDS);
  const [kind, ...others] = KINDS.filter((name) => fields[name] !== undefined);
  if (kind === undefined || others.length > 0) reader.refuse('', `an object with one of ${KINDS.join(', ')}`);
  return { choices: readTexts(given.choices, 'choices') };
}

/** @throws E2PError `invalid-argument` naming the list */
export function readTexts(given: readonly string[], name: string): readonly string[] {
  const reader = createReader('invalid-argument', name);
  const texts = reader.list(given, '', Number.MAX_SAFE_INTEGER);
  if (texts.length === 0 || !texts.every((text) => typeof text === 'string' && text !== '')) {
    reader.refuse('', 'a list of texts, none of them empty');
  }
  return texts as readonly string[];
}

/** @throws E2PError `invalid-argument` naming what the constraint has that can't be kept to; the signal's reason on an abort */
export function openConstraint(
  model: BaseModel,
  constraint: Constraint,
  signal?: AbortSignal,
): Promise<ConstraintWalk> {
  return openChoices(model, constraint.choices, signal);
}
