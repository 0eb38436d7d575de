/**
 * Reading JSON that nobody vouches for, from an app or from a file. An error names the field and what was expected, never what
 * was found: it may be personal.
 */
import { E2PError, type E2PErrorCode } from '../error.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Reader {
  refuse(where: string, expected: string): never;
  /** An object with no other fields than `known`. */
  fields(value: unknown, where: string, known: readonly string[]): Fields;
  list(value: unknown, where: string, limit: number): readonly unknown[];
  /** @param length most UTF-16 units; the text may be empty only where `least` is 0. */
  text(value: unknown, where: string, length: number, least?: 0 | 1): string;
  oneOf<T extends string>(value: unknown, where: string, choices: readonly T[]): T;
  finite(value: unknown, where: string): number;
  /** From −most to most. */
  within(value: unknown, where: string, most: number): number;
  /** Milliseconds since 1970, whole, as far as `Date` goes. */
  time(value: unknown, where: string): number;
}

/** The latest time of ECMAScript (ECMA-262, 21.4.1.1), in milliseconds. */
const LATEST = 8.64e15;

/** `subject` is what is being read, e.g. `the event`; it begins every message. */
export function createReader(code: E2PErrorCode, subject: string): Reader {
  const refuse = (where: string, expected: string): never => {
    throw new E2PError(code, `${subject}: ${where === '' ? 'it' : where} must be ${expected}`);
  };
  return {
    refuse,
    fields: (value, where, known) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return refuse(where, 'an object');
      const hasOthers = Object.keys(value).some((key) => !known.includes(key));
      return hasOthers
        ? refuse(where, `an object of ${known.join(', ')}, and nothing else`)
        : (value as Fields);
    },
    list: (value, where, limit) =>
      // A hole in a list would be passed over.
      Array.isArray(value) && value.length <= limit
        ? Array.from(value)
        : refuse(where, limit < Number.MAX_SAFE_INTEGER ? `a list of at most ${limit}` : 'a list'),
    text: (value, where, length, least = 1) =>
      typeof value === 'string' && value.length >= least && value.length <= length
        ? value
        : refuse(
            where,
            length < Number.MAX_SAFE_INTEGER ? `a text of ${least} to ${length} characters` : 'a text',
          ),
    oneOf: (value, where, choices) =>
      choices.find((choice) => choice === value) ?? refuse(where, `one of ${choices.join(', ')}`),
    finite: (value, where) =>
      typeof value === 'number' && Number.isFinite(value) ? value : refuse(where, 'a finite number'),
    within: (value, where, most) =>
      typeof value === 'number' && Math.abs(value) <= most
        ? value
        : refuse(where, `a number from ${-most} to ${most}`),
    time: (value, where) =>
      Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LATEST
        ? (value as number)
        : refuse(where, 'a time in whole milliseconds since 1970'),
  };
}
