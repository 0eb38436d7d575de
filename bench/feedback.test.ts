/** The result page is what its numbers say, and nothing else. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { feedbackPage } from './feedback-results.ts';

const read = (name: string) => readFileSync(`docs/results/${name}`, 'utf8');

it('docs/results/feedback.md is made from the JSON beside it', () => {
  expect(read('feedback.md')).toBe(feedbackPage(JSON.parse(read('feedback.json'))));
});
