/**
 * Tells a story, or answers small talk, from one angle in one tone: angle wording × tone wording × facts. The
 * judges in `judge.ts` recover angle and tone from every text made here.
 */
import type { Angle } from './lexicon-angles.ts';
import { HEADLINES } from './lexicon-headlines.ts';
import { RECOMMENDATIONS } from './lexicon-recommendations.ts';
import { ACTIVITIES, GREETINGS, SMALL_TALK } from './lexicon-replies.ts';
import { TONE_WORDING, type Tone } from './lexicon-tones.ts';
import { capitalise, word } from './phrase.ts';
import type { Random } from './random.ts';
import type { Story } from './story.ts';

export interface Telling {
  readonly angle: Angle;
  readonly tone: Tone;
}

/** A headline for an article (no full stop), a one-sentence recommendation for a show. */
export function tellStory(story: Story, { angle, tone }: Telling, random: Random): string {
  const gaps = { ...story.names, fact: story.facts[angle] };
  const body = random.pick(story.kind === 'article' ? HEADLINES[angle] : RECOMMENDATIONS[angle]);
  return inTone(body, gaps, tone, story.kind === 'article' ? '' : '.', random);
}

/** A small-talk question and its answer in persona. */
export function smallTalk({ angle, tone }: Telling, random: Random): { prompt: string; target: string } {
  const talk = random.pick(SMALL_TALK);
  const when = random.pick(talk.when);
  const prompt = capitalise(random.pick(GREETINGS) + word(random.pick(talk.questions), { when }, random));
  const doing = word(random.pick(ACTIVITIES[angle]), {}, random);
  return { prompt, target: inTone(random.pick(talk.answers), { when, doing }, tone, '.', random) };
}

/** Which of opener, adverb and closer a text has; at least one, so that the tone can always be told. */
const TONE_PLACES = [
  { opener: true, adverb: false, closer: false },
  { opener: false, adverb: true, closer: false },
  { opener: false, adverb: false, closer: true },
  { opener: true, adverb: true, closer: false },
  { opener: false, adverb: true, closer: true },
];
const TONE_PLACE_WEIGHTS = [4, 2, 1, 2, 1];

function inTone(
  body: string,
  gaps: Readonly<Record<string, string>>,
  tone: Tone,
  stop: string,
  random: Random,
): string {
  const { openers, adverbs, closers } = TONE_WORDING[tone];
  const places = TONE_PLACES[random.weighted(TONE_PLACE_WEIGHTS)]!;
  const opener = places.opener ? `${random.pick(openers)} ` : '';
  const adverb = places.adverb && body.includes('~') ? random.pick(adverbs) : '';
  const closer = places.closer || !(opener || adverb) ? random.pick(closers) : '';
  const sentence = word(body, { ...gaps, adverb }, random);
  const text = opener + (opener.endsWith('! ') ? capitalise(sentence) : sentence) + closer;
  return capitalise(text) + (closer.endsWith('!') ? '' : stop);
}
