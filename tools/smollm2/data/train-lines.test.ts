import { describe, expect, it } from 'vitest';
import { DEV_INTERESTS } from './dev-interests.ts';
import { DEV_FREE_LINES, TEST_FREE_LINES } from './free-lines.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { SPORT_INTERESTS } from './interests-sport.ts';
import { names } from './judge.ts';
import { TEST_INTERESTS } from './test-interests.ts';
import { linesFrom } from './train-line.ts';
import { TRAIN_LINES } from './train-lines.ts';

const lines = TRAIN_LINES.map(({ line }) => line);
const interests = TRAIN_INTERESTS;

describe('lines of training people', () => {
  it('are two for every interest, all different', () => {
    const ofEach = interests.map((each) => TRAIN_LINES.filter(({ interest }) => interest === each).length);
    expect(ofEach.filter((count) => count !== 2)).toEqual([]);
    expect(new Set(lines).size).toBe(2 * interests.length);
  });

  it('are of 8 to 30 words', () => {
    const length = (line: string): number => line.split(/\s+/).length;
    expect(lines.filter((line) => length(line) < 8 || length(line) > 30)).toEqual([]);
  });

  it('tell the interest without its words first', () => {
    const first = TRAIN_LINES.filter((_, index) => index % 2 === 0);
    expect(first.filter(({ line, interest }) => names(interest, line)).map(({ line }) => line)).toEqual([]);
  });

  it('name no interest of dev or test people', () => {
    const heldOut = [...DEV_INTERESTS, ...TEST_INTERESTS];
    const leaks = heldOut.flatMap((each) => lines.filter((line) => names(each, line)));
    expect(leaks).toEqual([]);
  });

  it('share no five words in a row with a line of dev or test people', () => {
    const known = new Set([...DEV_FREE_LINES, ...TEST_FREE_LINES].flatMap(({ line }) => fiveWords(line)));
    expect(lines.flatMap(fiveWords).filter((run) => known.has(run))).toEqual([]);
  });
});

describe('linesFrom', () => {
  const [hiking, running] = SPORT_INTERESTS as readonly [never, never];

  it('refuses a name it does not know, a row without two lines, and an interest without a row', () => {
    expect(() => linesFrom('humming | one | two', [hiking])).toThrow(/found "humming \| one \| two"/);
    expect(() => linesFrom('hiking | one', [hiking])).toThrow(/expected interest \| line \| line/);
    expect(() => linesFrom('hiking | one |', [hiking])).toThrow(/expected interest \| line \| line/);
    expect(() => linesFrom('hiking | one | two', [hiking, running])).toThrow(/no row for "running"/);
  });
});

function fiveWords(line: string): string[] {
  const words = line.toLowerCase().match(/[a-z0-9']+/g) ?? [];
  return words.slice(4).map((_, index) => words.slice(index, index + 5).join(' '));
}
