import { describe, expect, it } from 'vitest';
import { DEV_INTERESTS } from './dev-interests.ts';
import { type Interest, interestsFrom } from './interest.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { names } from './judge.ts';
import { TEST_INTERESTS } from './test-interests.ts';

const all = [...TRAIN_INTERESTS, ...DEV_INTERESTS, ...TEST_INTERESTS];
const wordsOf = (interest: Interest): string[] => [interest.name, interest.about, ...interest.phrases];
const stemsOf = (interest: Interest): string[] => interest.stems.map((stem) => stem.replace(/^=/, ''));

/** Each text of `others` in which a stem of `interests` stands, as "interest: text". */
function leaks(interests: readonly Interest[], others: readonly Interest[], textsOf = wordsOf): string[] {
  return interests.flatMap((interest) =>
    others.flatMap((other) =>
      textsOf(other)
        .filter((text) => names(interest, text))
        .map((text) => `${interest.name}: ${text}`),
    ),
  );
}

describe('interests', () => {
  it('are as many as the study needs', () => {
    expect(TRAIN_INTERESTS.length).toBeGreaterThanOrEqual(360);
    expect([DEV_INTERESTS.length, TEST_INTERESTS.length]).toEqual([28, 44]);
  });

  it('no stem of a test or dev interest stands in a training interest', () => {
    const everything = (interest: Interest): string[] => [...wordsOf(interest), ...stemsOf(interest)];
    expect(leaks(TEST_INTERESTS, TRAIN_INTERESTS, everything)).toEqual([]);
    expect(leaks(DEV_INTERESTS, TRAIN_INTERESTS, everything)).toEqual([]);
    expect(leaks(TEST_INTERESTS, DEV_INTERESTS, everything)).toEqual([]);
    expect(leaks(DEV_INTERESTS, TEST_INTERESTS, everything)).toEqual([]);
  });

  it('no stem of a training interest stands in the words of a dev or test interest', () => {
    expect(leaks(TRAIN_INTERESTS, [...DEV_INTERESTS, ...TEST_INTERESTS])).toEqual([]);
  });

  it('have unique names and phrases, three to five phrases each', () => {
    const names = all.map(({ name }) => name);
    const phrases = all.flatMap((interest) => interest.phrases);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(phrases).size).toBe(phrases.length);
    expect(all.filter((interest) => interest.phrases.length < 3 || interest.phrases.length > 5)).toEqual([]);
  });

  it('are named by their own subject and by two phrases or more; stems are lower case', () => {
    expect(all.filter((interest) => !names(interest, interest.about)).map(({ name }) => name)).toEqual([]);
    const named = all.filter(
      (interest) => interest.phrases.filter((phrase) => names(interest, phrase)).length >= 2,
    );
    expect(named).toHaveLength(all.length);
    expect(all.flatMap(stemsOf).filter((stem) => stem !== stem.toLowerCase())).toEqual([]);
  });

  it('a row with too few fields is refused with the row', () => {
    expect(() => interestsFrom('chess | playing chess')).toThrow(
      /found "chess \| playing chess", expected name/,
    );
  });
});
