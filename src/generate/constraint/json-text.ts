/** Strings of JSON (RFC 8259, section 7) as expressions. A character has one spelling: itself, or where it must be escaped the shortest. */
import {
  ANY_CHARACTER,
  type CodePoints,
  character,
  choice,
  type Expression,
  intersection,
  literal,
  mapCharacters,
  repeat,
  sequence,
} from './expression.ts';
import { parseFound } from './parse-regexp.ts';

/** What may stand in a string as it is. */
const BARE: CodePoints = [
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, 0x10ffff],
];
const ESCAPED: CodePoints = [
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
];

/** A value as `JSON.stringify` writes it. U+FEFF at the begin of a piece of text would be lost as a byte order mark. */
export const constant = (value: unknown): Expression =>
  literal(JSON.stringify(value).replaceAll('\ufeff', '\\ufeff'));

/** @param least, most characters */
export const stringOf = (least: number, most: number): Expression =>
  quoted(repeat(spelled(ANY_CHARACTER), least, most));

/** A string in which the regular expression finds a match. */
export const stringThatHas = (pattern: string): Expression =>
  quoted(mapCharacters(parseFound(pattern), spelled));

const quoted = (inside: Expression): Expression => sequence(literal('"'), inside, literal('"'));

function spelled(of: CodePoints): Expression {
  const escapes = intersection(of, ESCAPED).flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => {
      const text = JSON.stringify(String.fromCodePoint(from + i));
      return literal(text.slice(1, -1));
    }),
  );
  return choice(character(intersection(of, BARE)), ...escapes);
}
