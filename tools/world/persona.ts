/** A text persona: what an app could write about a reader into a system prompt. The control of the soft token. */
import { ANGLE_NAMES } from './lexicon-angles.ts';
import { PERSONAS } from './lexicon-prompts.ts';
import { TONE_WORDING } from './lexicon-tones.ts';
import { capitalise, word } from './phrase.ts';
import type { Random } from './random.ts';
import { type Reader, rankedAngles } from './reader.ts';

/** One line that names the top angle, sometimes the second, and the tone; from two words to a sentence. */
export function personaOf(reader: Reader, random: Random): string {
  const [top, next] = rankedAngles(reader);
  const first = random.pick(ANGLE_NAMES[top!]);
  const second = random.pick(ANGLE_NAMES[next!]);
  const tone = random.pick(TONE_WORDING[reader.tone].names);
  return capitalise(word(random.pick(PERSONAS), { first, second, tone }, random));
}
