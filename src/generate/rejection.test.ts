import { describe, expect, it } from 'vitest';
import { factorOf, scratch } from './distribution.ts';
import { BLOCK, highest, highestByPeaks, peaksOf } from './highest.ts';
import { nucleusIn } from './rejection.ts';
import { GREEDY, scoresOf, seededRandom } from './sampling.ts';

describe('what is told of a nucleus by numbers alone', () => {
  const random = seededRandom(11);
  const normal = () => random() + random() + random() + random() - 2;
  const ROWS = {
    flat: () => 0.01 * normal(),
    wide: () => 6 * normal(),
    'with peaks': (i: number) => 6 * normal() + (i % 700 === 5 ? 9 * random() : 0),
    'of equals': () => Math.round(3 * normal()),
    'mostly ruled out': (i: number) => (i % 9 === 0 ? 4 * normal() : Number.NEGATIVE_INFINITY),
    'of next to nothing but one': (i: number) => (i === 77 ? 90 : normal()),
  };
  const CASES = Object.keys(ROWS).flatMap((row) =>
    [0.1, 0.9, 0.999].flatMap((topP) => [0.2, 1, 1e-305].map((temperature) => ({ row, topP, temperature }))),
  );

  it.each(CASES)('is what sorting tells: %o', ({ row, topP, temperature }) => {
    const scores = Float32Array.from({ length: 3001 }, (_, i) => ROWS[row as keyof typeof ROWS](i));
    const options = { ...GREEDY, topP, temperature };
    const given = scoresOf(scores, options, []);
    const found = nucleusIn(given, factorOf(options), topP, scratch());
    const top = scores[given.best]!;
    const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
    const weight = (id: number) => Math.exp((scores[id]! - top) / temperature);
    const all = order.reduce((sum, id) => sum + weight(id), 0);
    const wrong: number[] = [];
    let [before, open] = [0, 0];
    for (const id of order) {
      const distance = found.factor * (top - scores[id]!);
      // What weighs nothing may be called either.
      const isLeft = before < topP * all && weight(id) > 0;
      if (distance < found.inside && weight(id) > 0 ? !isLeft : distance >= found.outside && isLeft)
        wrong.push(id);
      if (distance >= found.inside && distance < found.outside) open += weight(id);
      before += weight(id);
    }
    expect(wrong).toEqual([]);
    // Of equal ones more may lie there.
    if (row === 'flat' || row === 'wide') expect(open / all).toBeLessThan(temperature < 1e-300 ? 1.01 : 0.03);
  });
});

describe('the highest of blocks', () => {
  const random = seededRandom(2);
  const row = Float32Array.from({ length: 5 * BLOCK + 3 }, (_, i) =>
    i % 5 === 0 ? -1e9 : Math.round(40 * random()),
  );

  it('tells which are the highest of all, of equal ones the earlier', () => {
    const { peaks, best } = peaksOf(row);
    expect(best).toBe(highest(row, 1)[0]);
    for (const k of [1, 2, 4, 5, 6, 100, row.length]) {
      expect(highestByPeaks(row, k, peaks)).toEqual(highest(row, k));
    }
    for (const [block, peak] of peaks.entries()) {
      expect(peak).toBe(Math.max(...row.subarray(block * BLOCK, (block + 1) * BLOCK)));
    }
  });

  it.each([0, 1, 2, 3, BLOCK - 1, row.length - 1])('overlooks nothing that is no number: at %d', (at) => {
    const odd = row.slice();
    odd[at] = Number.NaN;
    expect(() => scoresOf(odd, GREEDY, [])).toThrow(expect.objectContaining({ code: 'backend-faulty' }));
    odd[at] = 1000;
    expect(scoresOf(odd, GREEDY, []).best).toBe(at);
  });
});
