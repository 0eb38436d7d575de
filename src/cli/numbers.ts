/** Numbers among command-line options. */
import { E2PError } from '../error.ts';

/** @throws E2PError `invalid-argument` naming the option. */
export function numberOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new E2PError('invalid-argument', `--${name} is ${JSON.stringify(text)}, expected a number`);
  }
  return value;
}
