/**
 * ECMAScript's regular expressions as an {@link Expression}: what describes a set of texts, so without look-around, back references and word
 * boundaries. Which characters a class, an escape or a letter stands for is asked of the engine's own RegExp, so it is the same by
 * definition, flags i, s, u and Unicode properties included.
 */
import { E2PError } from '../../error.ts';
import {
  ANY_CHARACTER,
  type CodePoints,
  character,
  choice,
  type Expression,
  intersection,
  literal,
  repeat,
  sequence,
} from './expression.ts';

interface Alternative {
  readonly expression: Expression;
  readonly isAtStart: boolean;
  readonly isAtEnd: boolean;
}

/** Whole texts that match. @throws E2PError `invalid-argument` naming what is not supported */
export function parseRegExp(source: string, flags: string): Expression {
  return choice(...parse(source, flags).map(({ expression }) => expression));
}

/** Texts in which a match is found, as `pattern` of JSON Schema has it. */
export function parseFound(source: string): Expression {
  const anything = repeat(character(ANY_CHARACTER), 0, Number.POSITIVE_INFINITY);
  const nothing = sequence();
  return choice(
    ...parse(source, 'u').map(({ expression, isAtStart, isAtEnd }) =>
      sequence(isAtStart ? nothing : anything, expression, isAtEnd ? nothing : anything),
    ),
  );
}

const refuse = (what: string): never => {
  throw new E2PError(
    'invalid-argument',
    `the constraint: its regular expression has ${what}, which is not supported`,
  );
};

function parse(source: string, flags: string): readonly Alternative[] {
  for (const flag of flags) if (!'dgisuy'.includes(flag)) refuse(`the flag ${flag}`);
  try {
    new RegExp(source, flags);
  } catch {
    throw new E2PError(
      'invalid-argument',
      'the constraint: its regular expression is none, expected a valid one',
    );
  }
  const isUnicode = flags.includes('u');
  const charactersOf = createClassReader(flags);
  let at = 0;
  const has = (text: string): boolean => source.startsWith(text, at);
  const take = (text: string): boolean => {
    if (!has(text)) return false;
    at += text.length;
    return true;
  };
  const match = (pattern: RegExp): RegExpExecArray | null => pattern.exec(source.slice(at));

  function alternatives(isInside: boolean): Alternative[] {
    const all = [alternative(isInside)];
    while (take('|')) all.push(alternative(isInside));
    return all;
  }

  function alternative(isInside: boolean): Alternative {
    const isAtStart = take('^');
    const parts: Expression[] = [];
    let isAtEnd = false;
    while (at < source.length && !has('|') && !has(')')) {
      if (isAtEnd || has('^')) refuse('an anchor elsewhere than around an alternative');
      isAtEnd = take('$');
      if (!isAtEnd) parts.push(quantified());
    }
    if (isInside && (isAtStart || isAtEnd)) refuse('an anchor inside a group');
    return { expression: sequence(...parts), isAtStart, isAtEnd };
  }

  function quantified(): Expression {
    const item = atom();
    const found = match(/^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/);
    if (found === null) return item;
    at += found[0].length;
    const [all, least, comma, most] = found;
    if (all.startsWith('*')) return repeat(item, 0, Number.POSITIVE_INFINITY);
    if (all.startsWith('+')) return repeat(item, 1, Number.POSITIVE_INFINITY);
    if (all.startsWith('?')) return repeat(item, 0, 1);
    const atMost = comma === '' ? least : most === '' ? Number.POSITIVE_INFINITY : most;
    return repeat(item, Number(least), Number(atMost));
  }

  function atom(): Expression {
    if (take('(')) {
      const [group] = match(/^\?(?::|<[^=!][^>]*>)/) ?? [''];
      at += group.length;
      if (group === '' && has('?')) refuse('a look-around or a group with modifiers');
      const inside = alternatives(true).map(({ expression }) => expression);
      at++;
      return choice(...inside);
    }
    const [text] = match(/^\[(?:\\[\s\S]|[^\]\\])*\]/) ??
      match(isUnicode ? UNICODE_ESCAPE : ESCAPE) ?? [
        isUnicode ? String.fromCodePoint(source.codePointAt(at)!) : source[at]!,
      ];
    at += text.length;
    if (/^\\[bB]$/.test(text)) refuse('a word boundary');
    if (/^\\(?:[1-9]|0\d|k)/.test(text)) refuse('a back reference or an octal escape');
    if (!/^[[\\.]/.test(text) && !flags.includes('i')) return literal(checked(text));
    return character(charactersOf(text));
  }

  const checked = (text: string): string =>
    intersection(ANY_CHARACTER, [[text.codePointAt(0)!, text.codePointAt(0)!]]).length > 0
      ? text
      : refuse('half a character; beyond U+FFFF it takes the flag u');

  return alternatives(false);
}

const ESCAPE = /^\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[A-Za-z]|0\d|[\s\S])/;
const UNICODE_ESCAPE =
  /^\\(?:x[\da-fA-F]{2}|u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]+\}|[pP]\{[^}]*\}|c[A-Za-z]|[\s\S])/u;

/** Code points that the engine is asked about at once; a surrogate stands in no such block with a character. */
const BLOCK = 2048;

/** Characters that a class, an escape or a letter matches. Without the flag u those are UTF-16 units, so none beyond U+FFFF. */
function createClassReader(flags: string): (atom: string) => CodePoints {
  const known = new Map<string, CodePoints>();
  const limit = flags.includes('u') ? 0x110000 : 0x10000;
  const blocks: { readonly first: number; readonly text: string }[] = [];
  const read = (atom: string): CodePoints => {
    if (blocks.length === 0) {
      for (let first = 0; first < limit; first += BLOCK) {
        if (first === 0xd800) continue;
        const text = String.fromCodePoint(...Array.from({ length: BLOCK }, (_, i) => first + i));
        blocks.push({ first, text });
      }
    }
    const pattern = new RegExp(`(?:${atom})+`, `g${flags.replaceAll(/[dgy]/g, '')}`);
    const ranges: [number, number][] = [];
    for (const { first, text } of blocks) {
      const units = text.length / BLOCK;
      for (const { 0: run, index } of text.matchAll(pattern)) {
        const from = first + index / units;
        const to = from + run.length / units - 1;
        const last = ranges.at(-1);
        if (last?.[1] === from - 1) last[1] = to;
        else ranges.push([from, to]);
      }
    }
    const found = intersection(ranges, ANY_CHARACTER);
    return found.length > 0 ? found : refuse('a part that no character matches');
  };
  return (atom) => {
    const characters = known.get(atom) ?? read(atom);
    known.set(atom, characters);
    return characters;
  };
}
