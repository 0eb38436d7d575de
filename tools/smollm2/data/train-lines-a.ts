/** Lines of training people about sport, food, music and crafts. */
import type { TrainLine } from './train-lines.ts';
import { CRAFT_LINES } from './train-lines-crafts.ts';
import { FOOD_LINES } from './train-lines-food.ts';
import { MUSIC_LINES } from './train-lines-music.ts';
import { SPORT_LINES } from './train-lines-sport.ts';

export const TRAIN_LINES_A: readonly TrainLine[] = [SPORT_LINES, FOOD_LINES, MUSIC_LINES, CRAFT_LINES].flat();
