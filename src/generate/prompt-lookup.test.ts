import { describe, expect, it } from 'vitest';
import { PromptLookup } from './prompt-lookup.ts';

describe('prompt lookup', () => {
  it('guesses what followed the same three tokens the last time', () => {
    const sequence = [1, 2, 3, 4, 5, 9, 1, 2, 3, 6, 7, 8, 1, 2];
    const lookup = new PromptLookup(sequence);
    expect(lookup.guess()).toEqual([]);
    sequence.push(3);
    expect(lookup.guess()).toEqual([6, 7, 8, 1]);
  });

  it('guesses nothing in a text that is shorter, or says nothing again', () => {
    expect(new PromptLookup([1, 1]).guess()).toEqual([]);
    expect(new PromptLookup([1, 2, 3, 4]).guess()).toEqual([]);
  });

  it('guesses more while it is right, and rests longer and longer while it is wrong', () => {
    const sequence = Array.from({ length: 40 }, (_, i) => i % 20);
    const lookup = new PromptLookup(sequence);
    expect(lookup.guess()).toHaveLength(4);
    lookup.told(4);
    expect(lookup.guess()).toHaveLength(8);
    lookup.told(0);
    expect(lookup.guess()).toEqual([]);
    sequence.push(0, 1);
    expect(lookup.guess()).toEqual([2, 3]);
    lookup.told(0);
    for (const [id, found] of [
      [2, 0],
      [3, 0],
      [4, 0],
      [5, 2],
    ] as const) {
      sequence.push(id);
      expect(lookup.guess()).toHaveLength(found);
    }
  });
});
