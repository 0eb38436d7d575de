/**
 * Training people in their own words, written as a table: one interest a line, its fields parted by '|':
 *   name | a line that does without the interest's main word | a line that may name it
 */
import { E2PError } from '../../../src/node.ts';
import type { Interest } from './interest.ts';

export interface TrainLine {
  readonly line: string;
  readonly interest: Interest;
}

/**
 * Two lines for each row, in the order of the table.
 * @throws E2PError `invalid-data` if a row names no interest, has not two lines, or an interest has no row.
 */
export function linesFrom(table: string, interests: readonly Interest[]): readonly TrainLine[] {
  const rows = table.trim().split('\n');
  const lines = rows.flatMap((row) => {
    const [name, ...pair] = row.split('|').map((field) => field.trim());
    const interest = interests.find((each) => each.name === name);
    if (!interest || pair.length !== 2 || pair.includes('')) {
      throw new E2PError('invalid-data', `train lines: found "${row}", expected interest | line | line`);
    }
    return pair.map((line) => ({ line, interest }));
  });
  const missing = interests.filter((each) => !lines.some(({ interest }) => interest === each));
  if (missing.length > 0) {
    throw new E2PError(
      'invalid-data',
      `train lines: no row for "${missing[0]!.name}", expected one for each`,
    );
  }
  return lines;
}
