/** Structured output of the SDK as a constraint of the answer, which then keeps to it token by token. */
import type { LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Constraint } from '../generate/constraint/constraint.ts';
import type { Warn } from './warnings.ts';

/** `Output.choice` and `output: 'enum'` come as schemas too. */
export function formatConstraint(
  format: LanguageModelV4CallOptions['responseFormat'],
  warn: Warn,
): Constraint | undefined {
  if (format?.type !== 'json') return undefined;
  if (format.schema !== undefined) return { jsonSchema: format.schema };
  warn('responseFormat', 'without a schema the answer is not held to JSON');
  return undefined;
}
