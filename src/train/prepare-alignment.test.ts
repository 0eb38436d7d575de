import { expect, it } from 'vitest';
import type { TextCodec } from '../model/text-codec.ts';
import { anchorAt, oneToken, wordTargets } from './prepare-alignment.ts';

it('a text points at words that are one token, and at phrases that are anchors', () => {
  const vocabulary = new Map([
    [' tennis', [7]],
    [' bad', [3]],
    [' badminton', [3, 9]],
    [' bad tennis', [3, 7]],
  ]);
  const codec = { encode: (text: string) => vocabulary.get(text) ?? [] } as unknown as TextCodec;
  const point = (words: string | string[], find = oneToken) => wordTargets(codec, words, find);
  // No token means a word of several.
  expect(point('badminton  tennis')).toEqual([7]);
  expect(point(' tennis tennis bad ')).toEqual([7, 3]);
  expect(point(['bad tennis'])).toEqual([3, 7]);
  const anchors = anchorAt({ ids: [7, 3], phrases: [[3, 9]] });
  expect(point('badminton tennis', anchors)).toEqual([2, 0]);
  expect(point(['bad tennis', 'badminton'], anchors)).toEqual([1, 0, 2]);
  const phrases = anchorAt({ ids: [7, 3], phrases: [[3, 7]] });
  expect(point(['bad tennis'], phrases)).toEqual([2]);
  // Words of a text are no phrase because they stand side by side.
  expect(point('bad tennis', phrases)).toEqual([1, 0]);
});
