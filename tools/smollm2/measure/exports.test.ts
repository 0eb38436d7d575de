import { expect, it } from 'vitest';
import { parseExports } from './exports.ts';

it('--models names folders, with a precision or not', () => {
  expect(parseExports('Optimum q4=/models/optimum:q4, genai=../exports/genai-fp32')).toEqual([
    { name: 'Optimum q4', folder: '/models/optimum', dtype: 'q4' },
    { name: 'genai', folder: '../exports/genai-fp32', dtype: 'fp32' },
  ]);
  expect(() => parseExports('/models/optimum')).toThrow('expected name=folder');
});
