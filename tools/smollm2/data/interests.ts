/** All training interests. Those of dev and test people stand in files of their own and share nothing with these. */
import type { Interest } from './interest.ts';
import { CRAFT_INTERESTS } from './interests-crafts.ts';
import { FOOD_INTERESTS } from './interests-food.ts';
import { LIFE_INTERESTS } from './interests-life.ts';
import { MUSIC_INTERESTS } from './interests-music.ts';
import { NATURE_INTERESTS } from './interests-nature.ts';
import { READING_INTERESTS } from './interests-reading.ts';
import { SCIENCE_INTERESTS } from './interests-science.ts';
import { SPORT_INTERESTS } from './interests-sport.ts';
import { TRAVEL_INTERESTS } from './interests-travel.ts';

export const TRAIN_INTERESTS: readonly Interest[] = [
  SPORT_INTERESTS,
  FOOD_INTERESTS,
  MUSIC_INTERESTS,
  CRAFT_INTERESTS,
  NATURE_INTERESTS,
  SCIENCE_INTERESTS,
  READING_INTERESTS,
  TRAVEL_INTERESTS,
  LIFE_INTERESTS,
].flat();
