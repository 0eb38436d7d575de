import { describe, expect, it } from 'vitest';
import { DEV_INTERESTS } from './dev-interests.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { names } from './judge.ts';
import { TEST_INTERESTS } from './test-interests.ts';
import {
  DEV_FILLERS,
  DEV_FRAMES,
  fill,
  TEST_FILLERS,
  TEST_FRAMES,
  TRAIN_CORES,
  TRAIN_ENDINGS,
  TRAIN_FILLERS,
  TRAIN_FRAMES,
  TRAIN_OPENINGS,
} from './wordings.ts';

const frames = [...TRAIN_FRAMES, ...DEV_FRAMES, ...TEST_FRAMES];
const fillers = [...TRAIN_FILLERS, ...DEV_FILLERS, ...TEST_FILLERS];

describe('wordings', () => {
  it('are as many as the study needs, none twice', () => {
    expect(TRAIN_FRAMES.length).toBeGreaterThanOrEqual(60);
    expect(TRAIN_FILLERS.length).toBeGreaterThanOrEqual(60);
    expect([DEV_FRAMES, TEST_FRAMES, DEV_FILLERS, TEST_FILLERS].map(({ length }) => length)).toEqual([
      10, 14, 10, 16,
    ]);
    expect(new Set([...frames, ...fillers]).size).toBe(frames.length + fillers.length);
  });

  it('a frame has one place for a phrase, a filler none', () => {
    expect([...frames, ...TRAIN_CORES].filter((frame) => frame.split('{}').length !== 2)).toEqual([]);
    expect(fillers.filter((filler) => filler.includes('{}'))).toEqual([]);
  });

  it('name no interest by themselves', () => {
    const interests = [...TRAIN_INTERESTS, ...DEV_INTERESTS, ...TEST_INTERESTS];
    const parts = [...TRAIN_OPENINGS, ...TRAIN_CORES, ...TRAIN_ENDINGS];
    const named = [...frames, ...fillers, ...parts].flatMap((line) =>
      interests.filter((interest) => names(interest, line)).map(({ name }) => `${name}: ${line}`),
    );
    expect(named).toEqual([]);
  });

  it('a phrase that opens a sentence gets a capital, in a list of keywords it does not', () => {
    expect(fill('{} is my life.', 'playing chess')).toBe('Playing chess is my life.');
    expect(fill('{}', 'playing chess')).toBe('playing chess');
    expect(fill('I love {}.', 'playing chess')).toBe('I love playing chess.');
  });

  it('a dev or test frame shares no four words in a row with a training frame', () => {
    const trained = [...TRAIN_FRAMES, ...TRAIN_OPENINGS, ...TRAIN_CORES, ...TRAIN_ENDINGS];
    const seen = new Set(trained.flatMap(fourWords));
    const shared = [...DEV_FRAMES, ...TEST_FRAMES].flatMap(fourWords).filter((words) => seen.has(words));
    expect(shared).toEqual([]);
  });
});

function fourWords(line: string): string[] {
  const words = line.toLowerCase().match(/[a-z']+|\{\}/g) ?? [];
  return words.slice(3).map((_, index) => words.slice(index, index + 4).join(' '));
}
