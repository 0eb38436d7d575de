/** What an answer has to be, as an app says it. The page checks its form and posts it; the engine takes it apart (`open-constraint.ts`). */
import { readArgument } from '../../error.ts';
import { createReader } from '../../user/read-untrusted.ts';

/** The answer is one of these texts, character by character. A list of 1,000 texts or more is prepared once and then kept. */
export interface ChoicesConstraint {
  readonly choices: readonly string[];
}

/** The answer as a whole matches, as if `^(?:…)$` stood there. A text is read with the flag u. */
export interface RegExpConstraint {
  readonly regexp: RegExp | string;
}

/** The answer is JSON that this schema validates. docs/generation.md says which keywords there are; others are refused. */
export interface JsonSchemaConstraint {
  readonly jsonSchema: object;
}

/** What an answer is held to, one of three kinds; `docs/generation.md` says what each supports. */
export type Constraint = ChoicesConstraint | RegExpConstraint | JsonSchemaConstraint;

const KINDS = ['choices', 'regexp', 'jsonSchema'] as const;

/**
 * In a form that can be posted.
 * @throws E2PError `invalid-argument` naming the field
 */
export function readConstraint(given: Constraint): Constraint {
  const reader = createReader('invalid-argument', 'the constraint');
  const { choices, regexp, jsonSchema } = reader.fields(given, '', KINDS) as Partial<
    ChoicesConstraint & RegExpConstraint & JsonSchemaConstraint
  >;
  if ([choices, regexp, jsonSchema].filter((kind) => kind !== undefined).length !== 1) {
    reader.refuse('', `an object with one of ${KINDS.join(', ')}`);
  }
  if (choices !== undefined) return { choices: readTexts(choices, 'choices') };
  if (regexp !== undefined) {
    if (typeof regexp === 'string' || regexp instanceof RegExp) return { regexp };
    return reader.refuse('regexp', 'a RegExp or a text');
  }
  if (typeof jsonSchema !== 'object' || jsonSchema === null) return reader.refuse('jsonSchema', 'an object');
  return { jsonSchema: readArgument('jsonSchema', () => JSON.parse(JSON.stringify(jsonSchema))) };
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
