import { describe, expect, it } from 'vitest';
import { DEV_INTERESTS } from './dev-interests.ts';
import { DEV_FREE_LINES, type FreeLine, TEST_FREE_LINES } from './free-lines.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { names } from './judge.ts';
import { DEV_NAMED_LINES, TEST_NAMED_LINES } from './named-lines.ts';
import { TEST_INTERESTS } from './test-interests.ts';
import { DEV_FRAMES, TEST_FRAMES, TRAIN_FRAMES } from './wordings.ts';

const told = [...DEV_FREE_LINES, ...TEST_FREE_LINES];
const named = [...DEV_NAMED_LINES, ...TEST_NAMED_LINES];
const all = [...told, ...named];

describe('free lines', () => {
  it('name their interest where they should', () => {
    expect(named.filter(({ line, interest }) => !names(interest, line))).toEqual([]);
  });

  it('are of 5 to 30 words, those that tell by a detail of 10 at least', () => {
    expect(named.filter(({ line }) => line.split(/\s+/).length < 5)).toEqual([]);
    const lengths = told.map(({ line }) => line.split(/\s+/).length);
    expect([Math.min(...lengths) >= 10, Math.max(...lengths) <= 30]).toEqual([true, true]);
  });

  it('are about an interest each, no interest twice', () => {
    for (const lines of [told, named]) {
      expect(new Set(lines.map(({ interest }) => interest)).size).toBe(lines.length);
    }
  });

  it('share no four words in a row with a frame or with a phrase', () => {
    const phrases = [...TRAIN_INTERESTS, ...DEV_INTERESTS, ...TEST_INTERESTS].flatMap((each) => each.phrases);
    const known = new Set([...TRAIN_FRAMES, ...DEV_FRAMES, ...TEST_FRAMES, ...phrases].flatMap(fourWords));
    expect(all.flatMap(({ line }) => fourWords(line)).filter((words) => known.has(words))).toEqual([]);
  });

  it('name no unseen interest but their own', () => {
    const foreign = (lines: readonly FreeLine[], interests: typeof DEV_INTERESTS): string[] =>
      lines.flatMap(({ line, interest }) =>
        interests
          .filter((each) => each !== interest && names(each, line))
          .map(({ name }) => `${name}: ${line}`),
      );
    expect(foreign(all, [...DEV_INTERESTS, ...TEST_INTERESTS])).toEqual([]);
  });
});

function fourWords(line: string): string[] {
  const words = line.toLowerCase().match(/[a-z']+/g) ?? [];
  return words.slice(3).map((_, index) => words.slice(index, index + 4).join(' '));
}
