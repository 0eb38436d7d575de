/** Whole numbers of a range as an {@link Expression} of their decimal digits: no leading zeros, no −0. */
import { character, choice, type Expression, literal, repeat, sequence } from './expression.ts';

/** @param from, to safe integers; a range without numbers is an expression without texts */
export function integerRange(from: number, to: number): Expression {
  const options: Expression[] = [];
  if (from < 0) options.push(sequence(literal('-'), naturals(Math.max(1, -to), -from)));
  if (to >= 0) options.push(naturals(Math.max(0, from), to));
  return choice(...options);
}

export const digits = (least: number, most: number): Expression => repeat(digit('0', '9'), least, most);

const digit = (from: string, to: string): Expression => character([[from.charCodeAt(0), to.charCodeAt(0)]]);

function naturals(from: number, to: number): Expression {
  const options: Expression[] = [];
  for (let length = 1; length <= String(to).length; length++) {
    const least = Math.max(from, length === 1 ? 0 : 10 ** (length - 1));
    const most = Math.min(to, 10 ** length - 1);
    if (least <= most) options.push(between(String(least), String(most)));
  }
  return choice(...options);
}

/** Of equal lengths. */
function between(from: string, to: string): Expression {
  if (/^0*$/.test(from) && /^9*$/.test(to)) return digits(from.length, from.length);
  const [first, last] = [from[0]!, to[0]!];
  const rest = from.length - 1;
  if (first === last) return sequence(literal(first), between(from.slice(1), to.slice(1)));
  const options = [
    sequence(literal(first), between(from.slice(1), '9'.repeat(rest))),
    sequence(literal(last), between('0'.repeat(rest), to.slice(1))),
  ];
  const [next, before] = [String(Number(first) + 1), String(Number(last) - 1)];
  if (next <= before) options.push(sequence(digit(next, before), digits(rest, rest)));
  return choice(...options);
}
