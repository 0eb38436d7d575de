/** A reader of the default world whose interests move, day by day, towards those of somebody else, more often than not towards what everybody turns to. */
import { type CatalogueItem, drawClicks } from '../../tools/world/clicks.ts';
import { ANGLES } from '../../tools/world/lexicon-angles.ts';
import type { Random } from '../../tools/world/random.ts';
import { drawReader, type Reader, topAngle } from '../../tools/world/reader.ts';
import { LAST_DAY } from '../drift-results.ts';

const CLICKS_A_DAY = 3;
/** Clicks that an embedding is folded in from, the latest: 40 days. */
export const WINDOW = 120;
/** What more and more people turn to, and how many of those whose interests move. */
const TREND = ANGLES.slice(0, 3);
const FOLLOW = 0.6;

export interface Life {
  readonly reader: Reader;
  readerAt(day: number): Reader;
  /** The latest, by item. */
  clicksUntil(day: number): readonly number[];
}

export function lifeOf(reader: Reader, catalogue: readonly CatalogueItem[], random: Random): Life {
  const follows = random.next() < FOLLOW;
  let later = drawReader(reader.index, reader.split, random);
  while (TREND.includes(topAngle(later)) !== follows) later = drawReader(reader.index, reader.split, random);
  // A tone changes on a day.
  const turns = LAST_DAY * random.next();
  const readerAt = (day: number): Reader => {
    const share = Math.max(0, day) / LAST_DAY;
    const between = <K extends string>(a: Readonly<Record<K, number>>, b: Readonly<Record<K, number>>) =>
      Object.fromEntries(
        Object.keys(a).map((key) => [key, (1 - share) * a[key as K] + share * b[key as K]]),
      ) as Record<K, number>;
    return {
      ...reader,
      interests: between(reader.interests, later.interests),
      topics: between(reader.topics, later.topics),
      tone: day < turns ? reader.tone : later.tone,
    };
  };
  const firstDay = 1 - WINDOW / CLICKS_A_DAY;
  const clicks = Array.from({ length: LAST_DAY - firstDay + 1 }, (_, i) =>
    drawClicks(readerAt(firstDay + i), catalogue, [CLICKS_A_DAY, CLICKS_A_DAY], random),
  ).flat();
  return {
    ...{ reader, readerAt },
    clicksUntil: (day) => clicks.slice(day * CLICKS_A_DAY, day * CLICKS_A_DAY + WINDOW),
  };
}
