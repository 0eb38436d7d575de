/**
 * What readers click. Every item of the catalogue was published from one angle in one tone; a reader's clicks are
 * drawn without replacement from softmax(match + popularity) over the whole catalogue (Gumbel top-k).
 */
import { ANGLES, type Angle } from './lexicon-angles.ts';
import { TONES, type Tone } from './lexicon-tones.ts';
import type { Random } from './random.ts';
import type { Reader } from './reader.ts';
import { drawStory, type Story } from './story.ts';
import { tellStory } from './telling.ts';

export interface CatalogueItem {
  readonly index: number;
  readonly story: Story;
  readonly angle: Angle;
  readonly tone: Tone;
  /** The published headline or teaser. */
  readonly text: string;
  /** Log scale: how much everybody clicks it. */
  readonly popularity: number;
}

/**
 * Strength of each part of a match, in nats; the rest of a click is chance. About a third of a reader's clicks are on
 * the top angle (an eighth by chance) and 37 % in their tone (a quarter by chance).
 */
const ANGLE_PULL = 2.5;
const TONE_PULL = 0.8;
const TOPIC_PULL = 2;
const POPULARITY_SPREAD = 0.8;

/** Angles and tones in turn, so that every pair has its share of the catalogue. */
export function publish(index: number, random: Random): CatalogueItem {
  const angle = ANGLES[index % ANGLES.length]!;
  const tone = TONES[Math.floor(index / ANGLES.length) % TONES.length]!;
  const story = drawStory(random.next() < 0.7 ? 'article' : 'show', 'pretrain', random);
  const text = tellStory(story, { angle, tone }, random);
  return {
    index,
    story,
    angle,
    tone,
    text,
    popularity: POPULARITY_SPREAD * -Math.log(-Math.log(uniform(random))),
  };
}

/** Indices of the clicked items, in the order of the catalogue. */
export function drawClicks(
  reader: Reader,
  catalogue: readonly CatalogueItem[],
  [fewest, most]: readonly [number, number],
  random: Random,
): number[] {
  const count = Math.min(fewest + random.below(most - fewest + 1), catalogue.length);
  const score = new Float64Array(catalogue.length);
  for (const { index, angle, tone, story, popularity } of catalogue) {
    const match =
      ANGLE_PULL * Math.sqrt(reader.interests[angle]) +
      TONE_PULL * (tone === reader.tone ? 1 : 0) +
      TOPIC_PULL * reader.topics[story.topic];
    score[index] = match + popularity - Math.log(-Math.log(uniform(random)));
  }
  const threshold = score.toSorted()[catalogue.length - count]!;
  return catalogue.filter(({ index }) => score[index]! >= threshold).map(({ index }) => index);
}

/** In (0, 1): safe under a logarithm. */
function uniform(random: Random): number {
  return (random.next() * 2 ** 32 + 0.5) / (2 ** 32 + 1);
}
