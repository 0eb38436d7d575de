import { expect, it } from 'vitest';
import type { TextCodec } from '../model/text-codec.ts';
import { wordTokens } from './prepare-alignment.ts';

it('words of several tokens have no token that means them', () => {
  const vocabulary = new Map([
    [' tennis', [7]],
    [' bad', [3]],
    [' badminton', [3, 9]],
  ]);
  const codec = { encode: (text: string) => vocabulary.get(text) ?? [] } as unknown as TextCodec;
  expect(wordTokens(codec, 'badminton  tennis')).toEqual([7]);
  expect(wordTokens(codec, ' tennis tennis bad ')).toEqual([7, 3]);
});
