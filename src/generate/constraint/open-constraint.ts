/**
 * A constraint as the decode loop asks for it: at each step the tokens that may come next. A token may come only if some tokens behind it
 * complete the answer, so there is no dead end.
 */
import type { BaseModel } from '../../model/base-model.ts';
import { openChoices } from './choices.ts';
import type { Constraint } from './constraint.ts';
import { parseJsonSchema } from './json-schema.ts';
import { parseRegExp } from './parse-regexp.ts';
import { openPattern } from './pattern.ts';

/** An answer on its way through a constraint. */
export interface ConstraintWalk {
  /** Tokens that may come next, without those that end the answer. */
  readonly allowed: ArrayLike<number>;
  /** Whether the answer may end here; always where nothing is allowed. */
  readonly isComplete: boolean;
  /** Goes on by a token that is allowed. */
  advance(id: number): void;
}

/** @throws E2PError `invalid-argument` naming what the constraint has that can't be kept to; the signal's reason on an abort */
export async function openConstraint(
  model: BaseModel,
  constraint: Constraint,
  signal?: AbortSignal,
): Promise<ConstraintWalk> {
  if ('choices' in constraint) return openChoices(model, constraint.choices, signal);
  if ('jsonSchema' in constraint) {
    const { jsonSchema } = constraint;
    return openPattern(model, `schema ${JSON.stringify(jsonSchema)}`, () => parseJsonSchema(jsonSchema));
  }
  const { regexp } = constraint;
  const [source, flags] = typeof regexp === 'string' ? [regexp, 'u'] : [regexp.source, regexp.flags];
  return openPattern(model, `regexp ${flags} ${source}`, () => parseRegExp(source, flags));
}
