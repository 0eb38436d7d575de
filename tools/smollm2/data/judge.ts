/** Exact judges of what an answer is about: a stem of the interest stands in it, or does not. */
import type { Interest } from './interest.ts';

/** True if a word of the text begins with one of the interest's stems, or is one, where the stem has '='. */
export function names(interest: Interest, text: string): boolean {
  return mentions(interest, text).length > 0;
}

/** Where the stems stand: indices of characters in `plain(text)`, ascending. */
function mentions(interest: Interest, text: string): number[] {
  return [...plain(text).matchAll(pattern(interest))].map((found) => found.index);
}

const patterns = new WeakMap<Interest, RegExp>();

function pattern(interest: Interest): RegExp {
  const made = patterns.get(interest);
  if (made) return made;
  const stems = interest.stems.map((stem) =>
    stem.startsWith('=') ? `${plain(stem.slice(1))}(?![a-z0-9])` : plain(stem),
  );
  const made2 = new RegExp(`(?<![a-z0-9])(?:${stems.join('|')})`, 'g');
  patterns.set(interest, made2);
  return made2;
}

/** Lower case, without accents, hyphens as spaces: "Board-games" and "board games" are the same words. */
function plain(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[-‐‑–]/g, ' ')
    .replace(/[‘’]/g, "'");
}
