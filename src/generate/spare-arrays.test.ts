import { expect, it } from 'vitest';
import { SpareArrays } from './spare-arrays.ts';

const FLOATS = new Float32Array(0);
const MB = 2 ** 20;

it('what was given comes again, to the same kind and length alone', () => {
  const spare = new SpareArrays();
  const given = spare.take(FLOATS, 10);
  spare.give(given);
  expect(spare.take(FLOATS, 11)).not.toBe(given);
  expect(spare.take(new Uint16Array(0), 10)).toEqual(new Uint16Array(10));
  expect(spare.take(FLOATS, 10)).toBe(given);
  expect(spare.take(FLOATS, 10)).not.toBe(given);
});

it('no more than 32 MB are kept, those that were given last', () => {
  const spare = new SpareArrays();
  const arrays = Array.from({ length: 5 }, (_, i) => new Float32Array(2.5 * MB + i));
  for (const values of arrays) spare.give(values);
  spare.give(new Float32Array(9 * MB));
  const isKept = arrays.map((values) => spare.take(FLOATS, values.length) === values);
  expect(isKept).toEqual([false, false, true, true, true]);
});
