/** Lines of training people about all interests, two of each. */
import { LIFE_INTERESTS } from './interests-life.ts';
import { NATURE_INTERESTS } from './interests-nature.ts';
import { READING_INTERESTS } from './interests-reading.ts';
import { SCIENCE_INTERESTS } from './interests-science.ts';
import { TRAVEL_INTERESTS } from './interests-travel.ts';
import { linesFrom, type TrainLine } from './train-line.ts';
import { CRAFT_LINES } from './train-lines-crafts.ts';
import { FOOD_LINES } from './train-lines-food.ts';
import { LIFE_LINES } from './train-lines-life.ts';
import { MUSIC_LINES } from './train-lines-music.ts';
import { NATURE_LINES } from './train-lines-nature.ts';
import { READING_LINES } from './train-lines-reading.ts';
import { SCIENCE_LINES } from './train-lines-science.ts';
import { SPORT_LINES } from './train-lines-sport.ts';
import { TRAVEL_LINES } from './train-lines-travel.ts';

export const TRAIN_LINES: readonly TrainLine[] = [
  ...[SPORT_LINES, FOOD_LINES, MUSIC_LINES, CRAFT_LINES].flat(),
  ...linesFrom(NATURE_LINES, NATURE_INTERESTS),
  ...linesFrom(SCIENCE_LINES, SCIENCE_INTERESTS),
  ...linesFrom(READING_LINES, READING_INTERESTS),
  ...linesFrom(TRAVEL_LINES, TRAVEL_INTERESTS),
  ...linesFrom(LIFE_LINES, LIFE_INTERESTS),
];
