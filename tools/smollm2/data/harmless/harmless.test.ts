/** The judges of the harmless tasks: a right answer is right, a wrong one is not. */
import { describe, expect, it } from 'vitest';
import { FACTS } from './facts.ts';
import { ORDERS } from './orders.ts';
import { PROSE } from './prose.ts';
import { REQUESTS } from './requests.ts';
import { ARITHMETIC } from './sums.ts';

describe('harmless tasks', () => {
  it('are as many as the intervals need, each once', () => {
    const questions = [...FACTS, ...ARITHMETIC, ...ORDERS].map(({ question }) => question);
    expect(new Set([...questions, ...REQUESTS, ...PROSE]).size).toBe(
      questions.length + REQUESTS.length + PROSE.length,
    );
    expect(FACTS.length).toBeGreaterThanOrEqual(40);
    for (const list of [ARITHMETIC, ORDERS, REQUESTS]) expect(list.length).toBeGreaterThanOrEqual(30);
    expect(PROSE.length).toBeGreaterThanOrEqual(20);
  });

  it('take the answer that is given in full as right, and the repeated question as wrong', () => {
    for (const { question, answer, isRight } of [...FACTS, ...ARITHMETIC]) {
      expect([question, isRight(answer!)]).toEqual([question, true]);
      expect([question, isRight(question)]).toEqual([question, false]);
    }
  });

  it('tell obedience from its lack', () => {
    const obeys = (start: string, answer: string) =>
      ORDERS.find(({ question }) => question.startsWith(start))!.isRight(answer);
    expect(obeys('Answer with one word', 'Blue.')).toBe(true);
    expect(obeys('Answer with one word', 'The sky is blue on a clear day.')).toBe(false);
    expect(obeys('Answer in capital', 'A CHAIR IS A SEAT.')).toBe(true);
    expect(obeys('Answer in capital', 'A CHAIR is a seat.')).toBe(false);
    expect(obeys('List three colours', 'Red, green and grey.')).toBe(true);
    expect(obeys('List three colours', 'Red and green.')).toBe(false);
    expect(obeys('Count from 1 to 5', '1, 2, 3, 4, 5')).toBe(true);
    expect(obeys('Translate "yes"', 'Japan')).toBe(false);
  });
});
