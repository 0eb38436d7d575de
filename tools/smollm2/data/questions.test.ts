import { describe, expect, it } from 'vitest';
import { DEV_INTERESTS } from './dev-interests.ts';
import { TRAIN_INTERESTS } from './interests.ts';
import { names } from './judge.ts';
import { DEV_QUESTIONS, QUESTION_KINDS, TEST_QUESTIONS, TRAIN_QUESTIONS } from './questions.ts';
import { TEST_INTERESTS } from './test-interests.ts';

const all = [...TRAIN_QUESTIONS, ...DEV_QUESTIONS, ...TEST_QUESTIONS];

describe('questions', () => {
  it('are as many as the study needs, none twice; training has every kind', () => {
    expect(TRAIN_QUESTIONS.length).toBeGreaterThanOrEqual(40);
    expect([DEV_QUESTIONS.length, TEST_QUESTIONS.length]).toEqual([8, 12]);
    expect(new Set(all.map(({ text }) => text)).size).toBe(all.length);
    expect(new Set(TRAIN_QUESTIONS.map(({ kind }) => kind))).toEqual(new Set(QUESTION_KINDS));
  });

  it('name no interest, so that an answer which repeats its question names none', () => {
    const named = all.flatMap(({ text }) =>
      [...TRAIN_INTERESTS, ...DEV_INTERESTS, ...TEST_INTERESTS]
        .filter((interest) => names(interest, text))
        .map(({ name }) => `${name}: ${text}`),
    );
    expect(named).toEqual([]);
  });
});
