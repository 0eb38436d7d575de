/**
 * Exact judges of angle and tone for any text, generated or written: a text has an angle if it holds markers of
 * exactly one. Mixed or unmarked text is `undefined`, so a model can't score by saying everything at once.
 */
import { ANGLE_MARKERS, ANGLES, type Angle } from './lexicon-angles.ts';
import { TONE_WORDING, TONES, type Tone } from './lexicon-tones.ts';
import type { Story } from './story.ts';

const angleOfWord = new Map(ANGLES.flatMap((angle) => ANGLE_MARKERS[angle].map((marker) => [marker, angle])));
const toneOfWord = new Map(
  TONES.flatMap((tone) => TONE_WORDING[tone].markers.map((marker) => [marker, tone])),
);

export function angleOf(text: string): Angle | undefined {
  return theOnly(markersIn(text, angleOfWord));
}

export function toneOf(text: string): Tone | undefined {
  return theOnly(markersIn(text, toneOfWord));
}

/** The angles whose fact from this story stands in the text, letter for letter: [] where it was made up. */
export function factsIn(text: string, story: Story): Angle[] {
  return ANGLES.filter((angle) => text.toLowerCase().includes(story.facts[angle].toLowerCase()));
}

function markersIn<T>(text: string, markers: ReadonlyMap<string, T>): ReadonlySet<T> {
  const words = text.toLowerCase().match(/[a-z]+/g) ?? [];
  return new Set(words.flatMap((single) => markers.get(single) ?? []));
}

function theOnly<T>(found: ReadonlySet<T>): T | undefined {
  return found.size === 1 ? [...found][0] : undefined;
}
