/**
 * Exact judges of an answer: does it name an interest, is it a refusal, is it a loop, and, the strictest, is it
 * about the interest in words of its own. They see words only: a poor answer may pass, a fine paraphrase may not.
 */
import type { Interest } from './interest.ts';

/** Answers open with their subject: a single mention has to come this early to be one. */
const OPENING_WORDS = 25;
/** As many words in a row as a line of the person are a copy of it. */
const COPIED_WORDS = 5;
const LOOP_WORDS = 4;
const LOOP_TIMES = 3;

/** True if a word of the text begins with one of the interest's stems, or is one, where the stem has '='. */
export function names(interest: Interest, text: string): boolean {
  return mentions(interest, plain(text)).length > 0;
}

/** True if the text declines to answer, speaks of itself as a machine, or only asks for more information. */
export function refuses(text: string): boolean {
  const said = plain(text);
  return REFUSALS.some((refusal) => refusal.test(said));
}

/** True if a sentence, a line or four words in a row come three times or more. */
export function loops(text: string): boolean {
  const sentences = text.split(/(?<=[.!?])\s+|\n+/).map((sentence) => wordsOf(plain(sentence)));
  const whole = sentences.filter((words) => words.length >= 2).map((words) => words.join(' '));
  return repeated(whole) || repeated(runs(wordsOf(plain(text)), LOOP_WORDS));
}

/**
 * True if the text names the interest, neither refuses nor loops, and names it in words of its own: at least one
 * mention stands outside every copy of a line of the person, and either it is not the only mention or it comes
 * within the first 25 words.
 * @param lines what the person wrote, as it was given to the model
 */
export function isAbout(interest: Interest, text: string, lines: readonly string[]): boolean {
  if (refuses(text) || loops(text)) return false;
  const said = plain(text);
  const found = mentions(interest, said).map((index) => wordsOf(said.slice(0, index)).length);
  const copied = copies(wordsOf(said), lines);
  const own = found.filter((word) => !copied.has(word));
  return own.length > 0 && (found.length > 1 || own[0]! < OPENING_WORDS);
}

/** Where stems of the interest stand in plain text: indices of characters, ascending. */
function mentions(interest: Interest, said: string): number[] {
  return [...said.matchAll(patternOf(interest))].map((match) => match.index);
}

const patterns = new WeakMap<Interest, RegExp>();

function patternOf(interest: Interest): RegExp {
  const known = patterns.get(interest);
  if (known) return known;
  const stems = interest.stems.map((stem) => {
    const letters = plain(stem).replace(/[.&+*?()]/g, '\\$&');
    return stem.startsWith('=') ? `${letters.slice(1)}(?![a-z0-9])` : letters;
  });
  const pattern = new RegExp(`(?<![a-z0-9])(?:${stems.join('|')})`, 'g');
  patterns.set(interest, pattern);
  return pattern;
}

/** The positions of words that stand in a run of five that one of the lines has too. */
function copies(words: readonly string[], lines: readonly string[]): ReadonlySet<number> {
  const known = new Set(lines.flatMap((line) => runs(wordsOf(plain(line)), COPIED_WORDS)));
  const starts = runs(words, COPIED_WORDS).flatMap((run, start) => (known.has(run) ? [start] : []));
  return new Set(starts.flatMap((start) => Array.from({ length: COPIED_WORDS }, (_, i) => start + i)));
}

function runs(words: readonly string[], length: number): string[] {
  return words.slice(length - 1).map((_, start) => words.slice(start, start + length).join(' '));
}

function repeated(parts: readonly string[]): boolean {
  const counts = new Map<string, number>();
  for (const part of parts) counts.set(part, (counts.get(part) ?? 0) + 1);
  return [...counts.values()].some((count) => count >= LOOP_TIMES);
}

function wordsOf(said: string): string[] {
  return said.match(/[a-z0-9']+/g) ?? [];
}

/** Lower case, without accents, hyphens as spaces: "Board-games" and "board games" are the same words. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[-‐‑–—]/g, ' ')
    .replace(/[‘’]/g, "'");
}

const REFUSALS: readonly RegExp[] = [
  /^[^a-z]*sorry\b/,
  /\bi(?:'m| am) (?:\w+ )?sorry\b/,
  /\bmy apologies\b|\bi apologi[sz]e\b/,
  /\bas an? (?:ai|artificial|language model|digital|virtual|computer)\b/,
  /\bi(?:'m| am) (?:just |only |merely )?an? (?:ai|artificial|language model|digital|virtual|computer|text based)\b/,
  /\bi (?:can't|cannot|can not|could not|couldn't|won't|will not) (?:\w+ )?(?:assist|help(?! but\b| \w+ing\b)|provide|answer|give|create|write|suggest|fulfil|comply|access|tell you|generate|plan|do that|do this|recommend(?!.{0,60}\benough\b))/,
  /\bi(?:'m| am) (?:unable|not able|not capable|not allowed|not programmed|not designed)\b/,
  /\bi (?:don't|do not) (?:actually )?(?:have|possess) (?:any )?(?:personal|access|the ability|the capability|enough information|information|preferences|feelings|emotions|a body|physical)/,
  /\b(?:please|could you|can you|you could|if you) (?:please )?(?:provide|give|share|tell)(?: me)?(?: with)? (?:\w+ )?(?:more|further|additional) (?:information|details?|context|specifics)/,
];
