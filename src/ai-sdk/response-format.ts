/** Structured output of the SDK as a constraint of the answer, which then keeps to it token by token. */
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Constraint } from '../generate/constraint/constraint.ts';
import type { Warn } from './warnings.ts';

type ResponseFormat = LanguageModelV4CallOptions['responseFormat'];

/** A schema outside of the engine's subset fails with the keyword that it has too many. */
export function formatConstraint(format: ResponseFormat, warn: Warn): Constraint | undefined {
  if (format?.type !== 'json') return undefined;
  const { schema } = format;
  if (schema === undefined) {
    warn('responseFormat', 'JSON without a schema: the answer is not held to it');
    return undefined;
  }
  const choices = choicesOf(schema as Schema);
  return choices === undefined ? { jsonSchema: schema } : { choices };
}

/** What is looked at of a JSON schema. */
interface Schema {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema | boolean>>;
}

/**
 * The answers that the SDK's `Output.choice` and `output: 'enum'` can have: `{"result": …}` with one of some texts.
 * @returns undefined for any other schema
 */
function choicesOf({ properties = {} }: Schema): readonly string[] | undefined {
  const { result, ...others } = properties;
  if (typeof result !== 'object' || Object.keys(others).length > 0) return undefined;
  if (result.type !== 'string' || result.enum === undefined) return undefined;
  return result.enum.map((text) => JSON.stringify({ result: text }));
}
