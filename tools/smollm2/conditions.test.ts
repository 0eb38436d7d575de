import { expect, it } from 'vitest';
import { averageOf } from './conditions.ts';

it('the average of soft tokens has their direction in common and their size', () => {
  const average = averageOf([Float32Array.of(3, 4, 0), Float32Array.of(3, -4, 0)]);
  expect([...average]).toEqual([5, 0, 0]);
});
