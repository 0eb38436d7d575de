import { describe, expect, it } from 'vitest';
import { DEV_INTERESTS } from './dev-interests.ts';
import { DEV_FREE_LINES, TEST_FREE_LINES } from './free-lines.ts';
import { interestsFrom } from './interest.ts';
import { LIFE_INTERESTS } from './interests-life.ts';
import { NATURE_INTERESTS } from './interests-nature.ts';
import { READING_INTERESTS } from './interests-reading.ts';
import { SCIENCE_INTERESTS } from './interests-science.ts';
import { TRAVEL_INTERESTS } from './interests-travel.ts';
import { names } from './judge.ts';
import { TEST_INTERESTS } from './test-interests.ts';
import { linesFrom, TRAIN_LINES_B, type TrainLine } from './train-lines-b.ts';

const interests = [
  NATURE_INTERESTS,
  SCIENCE_INTERESTS,
  READING_INTERESTS,
  TRAVEL_INTERESTS,
  LIFE_INTERESTS,
].flat();
const pairs = interests.map((each) => TRAIN_LINES_B.filter(({ interest }) => interest === each));
const told = ({ line, interest }: TrainLine): string => `${interest.name}: ${line}`;

describe('train lines', () => {
  it('are two for each interest, no line twice', () => {
    expect(pairs.every((lines) => lines.length === 2)).toBe(true);
    expect(new Set(TRAIN_LINES_B.map(({ line }) => line)).size).toBe(2 * interests.length);
  });

  it('are of 8 to 30 words', () => {
    const length = (line: string): number => line.split(/\s+/).length;
    expect(TRAIN_LINES_B.filter(({ line }) => length(line) < 8 || length(line) > 30).map(told)).toEqual([]);
  });

  it('do not name their interest in the first of the two', () => {
    const first = pairs.map((lines) => lines[0]!);
    expect(first.filter(({ line, interest }) => names(interest, line)).map(told)).toEqual([]);
  });

  it('name no interest of dev and test people', () => {
    const held = [...DEV_INTERESTS, ...TEST_INTERESTS];
    const foreign = TRAIN_LINES_B.flatMap((each) =>
      held.filter((interest) => names(interest, each.line)).map(({ name }) => `${name} in ${told(each)}`),
    );
    expect(foreign).toEqual([]);
  });

  it('share no five words in a row with a free line of dev or test', () => {
    const known = new Set([...DEV_FREE_LINES, ...TEST_FREE_LINES].flatMap(({ line }) => fiveWords(line)));
    const copies = TRAIN_LINES_B.filter(({ line }) => fiveWords(line).some((words) => known.has(words)));
    expect(copies.map(told)).toEqual([]);
  });

  it('are refused for an unknown name, a missing line, a missing interest', () => {
    const two = interestsFrom('kites | flying kites | kite\nmice | keeping mice | mice');
    const mice = 'mice | Three in my sleeve. | They squeak.';
    expect(linesFrom(`kites | Up it goes. | Wind!\n${mice}`, two)).toHaveLength(4);
    for (const table of [`kite | Up it goes. | Wind!\n${mice}`, `kites | Up it goes.\n${mice}`, mice]) {
      expect(() => linesFrom(table, two)).toThrow(/kite/);
    }
  });
});

function fiveWords(line: string): string[] {
  const words = line.toLowerCase().match(/[a-z']+/g) ?? [];
  return words.slice(4).map((_, index) => words.slice(index, index + 5).join(' '));
}
