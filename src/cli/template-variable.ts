/** `--template-variable name=value`. */
import { E2PError } from '../error.ts';
import type { JsonValue } from '../model/chat-template.ts';

/** The value is JSON where it reads as such, else a text. @throws E2PError `invalid-argument` naming the option */
export function templateVariable(text: string, option: string): readonly [name: string, value: JsonValue] {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new E2PError('invalid-argument', `--${option} has no name and value, expected name=value`);
  }
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
}
