import { describe, expect, it } from 'vitest';
import { angleOf, factsIn, toneOf } from './judge.ts';
import { ANGLE_MARKERS, ANGLES } from './lexicon-angles.ts';
import * as facts from './lexicon-facts.ts';
import { HEADLINES } from './lexicon-headlines.ts';
import { RECOMMENDATIONS } from './lexicon-recommendations.ts';
import { ACTIVITIES, SMALL_TALK } from './lexicon-replies.ts';
import { TONE_WORDING, TONES } from './lexicon-tones.ts';
import { expansions } from './phrase.ts';
import { seededRandom } from './random.ts';
import { drawStory } from './story.ts';

const strings = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object'
      ? Object.values(value ?? {}).flatMap(strings)
      : [];

describe('the lexicon', () => {
  it.each(ANGLES)('%s: every wording has its marker, no other angle and no tone', (angle) => {
    for (const template of [...HEADLINES[angle], ...RECOMMENDATIONS[angle], ...ACTIVITIES[angle]]) {
      for (const wording of expansions(template)) {
        expect([wording, angleOf(wording), toneOf(wording)]).toEqual([wording, angle, undefined]);
      }
    }
  });

  it.each(TONES)('%s: every opener, adverb and closer has its marker and no angle', (tone) => {
    const { openers, adverbs, closers } = TONE_WORDING[tone];
    for (const text of [...openers, ...adverbs, ...closers]) {
      expect([text, toneOf(text), angleOf(text)]).toEqual([text, tone, undefined]);
    }
  });

  it('has facts and answers that say nothing about angle or tone', () => {
    const markers = new Set(
      [...Object.values(ANGLE_MARKERS), ...TONES.map((tone) => TONE_WORDING[tone].markers)].flat(),
    );
    const neutral = [...strings(facts), ...SMALL_TALK.flatMap(({ answers, when }) => [...answers, ...when])];
    const words = neutral.flatMap((text) => text.toLowerCase().match(/[a-z]+/g) ?? []);
    expect(words.filter((word) => markers.has(word))).toEqual([]);
  });

  it('has a hundred wordings and more of a headline for every angle', () => {
    for (const angle of ANGLES) {
      expect(HEADLINES[angle].length).toBeGreaterThanOrEqual(12);
      const count = HEADLINES[angle].flatMap(expansions).length * TONE_WORDING.plain.openers.length;
      expect(count).toBeGreaterThan(100);
    }
  });
});

describe('angleOf and toneOf', () => {
  it('are undefined for a text with none, and for a mixture', () => {
    expect(angleOf('The night train is late again.')).toBeUndefined();
    expect(toneOf('The night train is late again.')).toBeUndefined();
    expect(angleOf('Doctors ask what it costs')).toBeUndefined();
    expect(toneOf('Memo: it was simply late')).toBeUndefined();
    expect(angleOf('')).toBeUndefined();
  });

  it('look at whole words, whatever their case', () => {
    expect(angleOf('BANKS lend it')).toBe('money');
    expect(angleOf('The embankment')).toBeUndefined();
    expect(toneOf('Whee! A lamp')).toBe('playful');
  });
});

describe('factsIn', () => {
  it('names the facts of the story that a text repeats', () => {
    const story = drawStory('article', 'test', seededRandom(1));
    expect(factsIn(`See ${story.facts.nature} at ${story.facts.local}`, story)).toEqual(['local', 'nature']);
    expect(factsIn('Something else', story)).toEqual([]);
  });
});
