/**
 * Training interests in people's own words, two free lines each, like those of free-lines.ts: a projector that only
 * read "I love {}" does not understand them. This half: nature, science, reading, travel and life.
 */
import { E2PError } from '../../../src/error.ts';
import type { Interest } from './interest.ts';
import { LIFE_INTERESTS } from './interests-life.ts';
import { NATURE_INTERESTS } from './interests-nature.ts';
import { READING_INTERESTS } from './interests-reading.ts';
import { SCIENCE_INTERESTS } from './interests-science.ts';
import { TRAVEL_INTERESTS } from './interests-travel.ts';
import { LIFE_LINES } from './train-lines-life.ts';
import { NATURE_LINES } from './train-lines-nature.ts';
import { READING_LINES } from './train-lines-reading.ts';
import { SCIENCE_LINES } from './train-lines-science.ts';
import { TRAVEL_LINES } from './train-lines-travel.ts';

export interface TrainLine {
  readonly line: string;
  readonly interest: Interest;
}

/** The two lines of every interest. The first does not name it, the second may. */
export const TRAIN_LINES_B: readonly TrainLine[] = [
  linesFrom(NATURE_LINES, NATURE_INTERESTS),
  linesFrom(SCIENCE_LINES, SCIENCE_INTERESTS),
  linesFrom(READING_LINES, READING_INTERESTS),
  linesFrom(TRAVEL_LINES, TRAVEL_INTERESTS),
  linesFrom(LIFE_LINES, LIFE_INTERESTS),
].flat();

/**
 * @param table one interest a line: name | line one | line two
 * @throws E2PError `invalid-data` with the name, if it is not an interest or does not have two lines; or with the
 *   interest that is missing
 */
export function linesFrom(table: string, interests: readonly Interest[]): readonly TrainLine[] {
  const rows = table
    .trim()
    .split('\n')
    .map((row) => row.split('|').map((field) => field.trim()));
  const missing = interests.find(({ name }) => rows.every((row) => row[0] !== name));
  if (missing)
    throw new E2PError('invalid-data', `train lines: found none of "${missing.name}", expected two`);
  return rows.flatMap(([name, ...lines]) => {
    const interest = interests.find((each) => each.name === name);
    if (!interest || lines.length !== 2 || lines.includes('')) {
      throw new E2PError(
        'invalid-data',
        `train lines: found "${name}" with ${lines.length} lines, expected an interest with two`,
      );
    }
    return lines.map((line) => ({ line, interest }));
  });
}
