/** Automata against the engine's own RegExp and JSON.parse: what they accept, and that what has begun can be completed. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../sampling.ts';
import { type Automaton, buildAutomaton, stepBy } from './automaton.ts';
import { ANY_CHARACTER, character, type Expression } from './expression.ts';
import { integerRange } from './integer-range.ts';
import { parseFound, parseRegExp } from './parse-regexp.ts';

const encoder = new TextEncoder();

function accepts(automaton: Automaton, text: string): boolean {
  let state = 0;
  for (const byte of encoder.encode(text)) {
    if (state >= 0) state = stepBy(automaton, state, byte);
  }
  return state >= 0 && automaton.accepting[state] === 1;
}

/** A walk by bytes drawn at random; it ends, at the latest, where nothing follows. */
function walk(automaton: Automaton, random: () => number): string {
  const bytes: number[] = [];
  for (let state = 0; ; ) {
    const next = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (b) => stepBy(automaton, state, b) >= 0,
    );
    expect(next.length > 0 || automaton.accepting[state] === 1).toBe(true);
    const mayEnd = automaton.accepting[state] === 1;
    if (next.length === 0 || (mayEnd && random() < 0.3)) break;
    const byte = next[Math.floor(random() * next.length)]!;
    bytes.push(byte);
    state = stepBy(automaton, state, byte);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
}

const automatonOf = ({ source, flags }: RegExp) => buildAutomaton(parseRegExp(source, flags));
const whole = ({ source, flags }: RegExp) => new RegExp(`^(?:${source})$`, flags);

const PATTERNS = [
  ...[/abc/, /a|b|/, /(?:ab)*c+d?/, /[a-c]{2,4}/, /\d{4}-\d{2}-\d{2}/, /x{0}/, /x{2,}y/],
  ...[/^(yes|no)$/, /^a|b$/, /(?<year>\d+)|n\/a/, /a+?b*?/, /[^a-z]{1,3}/u, /.{2}/u, /.{2}/s, /./],
  ...[/[\]\\^-]+/, /\p{Lu}\p{Ll}{1,5}/u, /\P{ASCII}/u, /straße/i, /[k-m]K/iu, /😀|👩‍🚀/u],
  ...[
    /[😀-😎]{1,2}/u,
    /\u{1F600}\x41\u0042\t/u,
    /\ud83d\ude00/u,
    /[\s\S]{1,2}/,
    /\w+\s\W\D\S/u,
    /a{,3}/,
    /]}/,
  ],
  ...[/(((a|b)c)+|d){2}/, /[\u4e00-\u9fff]{1,3}。/, /\//, /[-a]+/, /\cJ/, /[\d.]+%/],
];

const SAMPLES = [
  ...['', 'a', 'b', 'abc', 'c', 'abababccd', 'ab', 'abca', 'abcabc', '2024-01-31', '2024-1-31', 'xx', 'xxy'],
  ...[
    'yes',
    'no',
    'yesno',
    '1',
    'n/a',
    'aab',
    ']\\^-',
    'Zürich',
    'Ab',
    'é',
    '😀',
    '😀😎',
    'STRASSE',
    'STRAßE',
  ],
  ...[
    'straße',
    'lk',
    'lK',
    'LK',
    'l\u212a',
    '👩‍🚀',
    '\u{1F600}AB\t',
    '\n',
    'ab\n',
    'a{,3}',
    ']}',
    'acbc',
    'dd',
  ],
  ...['東京。', '/', '-a-', '12.5%', 'ab !c0', 'ab\u2028', 'x', 'xx東', 'dac'],
];

describe('an automaton of a regular expression', () => {
  it.each(PATTERNS)('accepts what %s matches whole, and nothing else', (pattern) => {
    const automaton = automatonOf(pattern);
    for (const text of SAMPLES) {
      // Without the flag u, RegExp sees two halves where a character is beyond U+FFFF.
      if (!pattern.flags.includes('u') && /[\ud800-\udfff]/.test(text)) continue;
      expect([text, accepts(automaton, text)]).toEqual([text, whole(pattern).test(text)]);
    }
  });

  it.each(PATTERNS)('leads on from wherever it has come, and only to matches of %s', (pattern) => {
    const automaton = automatonOf(pattern);
    const random = seededRandom(7);
    for (let i = 0; i < 30; i++) {
      const text = walk(automaton, random);
      expect([text, whole(pattern).test(text)]).toEqual([text, true]);
    }
  });

  it('of a pattern to be found accepts texts around it', () => {
    for (const pattern of [/b+/u, /^b/u, /b$/u, /^b|c$/u, /^$/u]) {
      const automaton = buildAutomaton(parseFound(pattern.source));
      for (const text of ['', 'b', 'ab', 'ba', 'aba', 'ac', 'ca', 'é😀b😀']) {
        expect([text, accepts(automaton, text)]).toEqual([text, pattern.test(text)]);
      }
    }
  });

  it('knows no half characters and no byte order mark', () => {
    const automaton = automatonOf(/[\s\S]*/u);
    expect(accepts(automaton, 'a\u{10FFFF}\ue000\ufefe')).toBe(true);
    expect(accepts(automaton, '\ufeff')).toBe(false);
    expect(stepBy(automaton, 0, 0xff)).toBe(-1);
    expect(stepBy(automaton, stepBy(automaton, 0, 0xed), 0xa0)).toBe(-1);
    expect(stepBy(automaton, stepBy(automaton, 0, 0xc3), 0x41)).toBe(-1);
  });

  it('of every character has the bytes of every character', () => {
    const automaton = buildAutomaton(character(ANY_CHARACTER));
    for (let c = 0; c < 0x110000; c += c < 0x900 ? 1 : 97) {
      if ((c >= 0xd800 && c <= 0xdfff) || c === 0xfeff) continue;
      if (!accepts(automaton, String.fromCodePoint(c))) expect.fail(`U+${c.toString(16)}`);
    }
  });

  it.each([
    ['(?=a)b', 'u', 'a look-around'],
    ['(?<!a)b', '', 'a look-around'],
    ['(a)\\1', '', 'a back reference'],
    ['(?<n>a)\\k<n>', 'u', 'a back reference'],
    ['a\\b', '', 'a word boundary'],
    ['a^b', '', 'an anchor elsewhere'],
    ['a(b$)', '', 'an anchor inside a group'],
    ['a', 'm', 'the flag m'],
    ['[a&&b]', 'v', 'the flag v'],
    ['[]', '', 'a part that no character matches'],
    ['[\ud83d]', '', 'a part that no character matches'],
    ['\ud83d', '', 'half a character'],
    ['(', 'u', 'expected a valid one'],
  ])('refuses %s with the flags %s: %s', (source, flags, message) => {
    expect(() => buildAutomaton(parseRegExp(source, flags))).toThrow(message);
  });

  it('refuses what is too large or has no text', () => {
    expect(() => automatonOf(/(?:[ab]*a[ab]{20})/)).toThrow('more than 50000 states');
    expect(() => automatonOf(/(?:.{1000}){1000}/)).toThrow('more than 50000 states');
    expect(() => buildAutomaton({ kind: 'choice', options: [] })).toThrow('satisfied by no text');
  });
});

describe('whole numbers of a range', () => {
  const numbers = (expression: Expression, least: number, most: number) => {
    const automaton = buildAutomaton(expression);
    const all = Array.from({ length: most - least + 1 }, (_, i) => least + i);
    return all.filter((n) => accepts(automaton, String(n)));
  };

  it.each([
    [0, 0],
    [0, 9],
    [7, 123],
    [99, 101],
    [-5, 5],
    [-120, -17],
    [-1, 1000],
    [1995, 2026],
  ])('from %i to %i are these and no others', (from, to) => {
    const found = numbers(integerRange(from, to), -2000, 3000);
    expect([found[0], found.at(-1), found.length]).toEqual([from, to, to - from + 1]);
  });

  it('have one spelling', () => {
    const automaton = buildAutomaton(integerRange(-999, 999));
    for (const text of ['-0', '00', '007', '+1', '1.0', '', '-'])
      expect(accepts(automaton, text)).toBe(false);
    expect(() => buildAutomaton(integerRange(5, 4))).toThrow('satisfied by no text');
  });
});
