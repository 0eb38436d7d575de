/**
 * Variables of an app for a model's chat template, e.g. `enable_thinking` (`chat_template_kwargs` of vLLM, further arguments of
 * `apply_chat_template` in Transformers). Their values are JSON; names that a template gets from this library or from Jinja are taken.
 */
import { E2PError } from '../error.ts';
import { type JsonValue, SPECIAL_TOKENS, type TemplateVariables } from '../model/chat-template.ts';
import type { TextCodec } from '../model/text-codec.ts';
import { createReader } from '../user/read-untrusted.ts';

const TAKEN: readonly string[] = [
  ...['messages', 'add_generation_prompt', ...SPECIAL_TOKENS],
  ...['true', 'false', 'none', 'True', 'False', 'None', 'range', 'namespace', 'raise_exception'],
  ...['strftime_now', 'loop', 'self'],
];

/** Deepest nesting of a value: a stack has its end. */
const DEEPEST = 20;

/**
 * @param option what the caller calls them
 * @throws E2PError `invalid-argument` naming the variable
 */
export function readTemplateVariables(given: unknown, option = 'templateVariables'): TemplateVariables {
  const reader = createReader('invalid-argument', option);
  if (!isPlainObject(given)) return reader.refuse('', 'an object of variables by their names');
  for (const [name, value] of Object.entries(given)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) reader.refuse('each name', 'letters, digits and _');
    if (TAKEN.includes(name)) reader.refuse(name, 'left out: the template gets it from elsewhere');
    if (!isJson(value, DEEPEST)) reader.refuse(name, `a JSON value, nested at most ${DEEPEST} deep`);
  }
  return given as TemplateVariables;
}

/** @throws E2PError `invalid-argument` for a variable that the template never reads: it would have no effect */
export function checkTemplateReads(
  codec: TextCodec,
  variables: TemplateVariables,
  option = 'templateVariables',
): void {
  const unread = Object.keys(variables).find((name) => !codec.templateReads(name));
  if (unread === undefined) return;
  const found = codec.hasTemplate ? `has no ${unread}` : 'does not exist';
  throw new E2PError(
    'invalid-argument',
    `${option}: the chat template of the model ${found}, expected variables that it reads`,
  );
}

/** The variables with each text changed, names inside values too. */
export function mapTexts(variables: TemplateVariables, change: (text: string) => string): TemplateVariables {
  const changed = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return change(value);
    if (Array.isArray(value)) return value.map(changed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [change(name), changed(inner)]));
  };
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, changed(value)]));
}

function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (depth === 0 || !(Array.isArray(value) || isPlainObject(value))) return false;
  return Object.values(value).every((inner) => isJson(inner, depth - 1));
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
