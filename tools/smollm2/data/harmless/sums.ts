/** Sums of small numbers. So small an LLM rarely gets one right in a greedy answer; how likely it finds the right one still tells. */
import { says, type Task } from './task.ts';

const SUMS = [
  [2, 3],
  [4, 5],
  [7, 2],
  [10, 5],
  [6, 6],
  [3, 8],
  [20, 10],
  [9, 1],
  [12, 4],
  [15, 5],
  [5, 3],
  [8, 8],
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 4],
  [5, 5],
  [7, 7],
  [9, 9],
  [10, 10],
  [11, 2],
  [6, 3],
  [8, 1],
  [4, 2],
  [30, 20],
  [14, 6],
  [25, 25],
  [13, 5],
  [50, 50],
  [7, 5],
  [16, 4],
  [40, 10],
] as const;

export const ARITHMETIC: readonly Task[] = SUMS.map(([a, b]) => ({
  question: `Complete: ${a} + ${b} =`,
  isRight: says(`${a} ?\\+ ?${b} ?(=|is|equals) ?${a + b}\\b`, `(answer|sum|result) is ${a + b}\\b`),
  answer: `${a} + ${b} = ${a + b}`,
}));
