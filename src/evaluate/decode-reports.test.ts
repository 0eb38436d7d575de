import { describe, expect, it } from 'vitest';
import { estimateShares, impossibleAnswers, readReports } from './decode-reports.ts';

const lines = (values: readonly object[]) =>
  new TextEncoder().encode(values.map((value) => JSON.stringify(value)).join('\n'));
const report = (i: number, answer: string, more: object = {}) => ({
  ...{ format: 'e2p-report', version: 1, id: String(i).padStart(32, '0'), question: 'q' },
  ...{ answers: 4, epsilon: 1, answer, ...more },
});

describe('estimates from private reports', () => {
  it('invert what chance did, with the interval of what was reported', () => {
    // numpy.linalg.solve of the 4 × 4 matrix of P(reported | true); scipy.stats.binomtest(…).proportion_ci(method='wilson') put through the same map
    const counts = new Map(Object.entries({ a: 520, b: 210, c: 160, d: 110 }));
    const found = estimateShares({ answers: 4, epsilon: 1, counts });
    const expected = [
      [1.14853484, 1.0454287177758481, 1.2511315652342492],
      [0.11688373, 0.036644297066540855, 0.2045095122361624],
      [-0.04951161, -0.12077786699394787, 0.030414503118039175],
      [-0.21590696, -0.2755451338848259, -0.14633540316969487],
    ];
    for (const [i, { mean, low, high }] of found.entries()) {
      expect([mean, low, high].map((v, j) => Math.abs(v - expected[i]![j]!) < 1e-7)).toEqual([
        true,
        true,
        true,
      ]);
    }
    // The nearest distribution: (0.1165 too much in a and b) / 2 is taken from both.
    expect(found.map(({ share }) => share)).toEqual([expect.closeTo(1, 6), ...[0, 0, 0]]);
  });

  it('are left as they are where they are a distribution already', () => {
    const counts = new Map(Object.entries({ a: 300, b: 260, c: 240, d: 200 }));
    for (const { mean, share } of estimateShares({ answers: 4, epsilon: 1, counts })) {
      expect(share).toBeCloseTo(mean, 12);
    }
  });

  it('tell reports that no truth gives: too many of an answer, too few, or none', () => {
    const of = (counts: Record<string, number>, answers = 4) =>
      impossibleAnswers({ answers, epsilon: 1, counts: new Map(Object.entries(counts)) });
    // Everybody's answer is a: γ + (1 − γ) / 4 = 47.5 % say so, each other answer 17.5 %.
    expect(of({ a: 4754, b: 1749, c: 1749, d: 1748 })).toBe(0);
    expect(of({ a: 4900, b: 1700, c: 1700, d: 1700 })).toBe(0);
    expect(of({ a: 5000, b: 5000 })).toBe(2);
    expect(of({ a: 7000, b: 1000, c: 1000, d: 1000 })).toBe(4);
    expect(of({ a: 500, b: 500 }, 6)).toBe(6);
    // Few reports refuse nothing.
    expect(of({ a: 3 })).toBe(0);
    expect(of({ a: 5, b: 5 })).toBe(0);
  });

  it('count each report once, question by question', () => {
    const file = [
      report(1, 'a'),
      report(2, 'b'),
      report(2, 'b'),
      report(3, 'a', { question: 'r', epsilon: 2 }),
    ];
    expect(readReports(lines(file), 'r.jsonl')).toEqual([
      { question: 'q', answers: 4, epsilon: 1, repeated: 1, counts: new Map(Object.entries({ a: 1, b: 1 })) },
      { question: 'r', answers: 4, epsilon: 2, repeated: 0, counts: new Map([['a', 1]]) },
    ]);
  });

  it.each([
    [[report(1, 'a', { format: 'x' })], /r.jsonl line 1: field format is something else/],
    [[report(1, 'a', { id: 'Clara' })], /field id is something else, expected 32 hexadecimal digits/],
    [
      [report(1, 'a'), report(2, 'a', { epsilon: 2 })],
      /line 2: field epsilon is something else, expected 1 as before/,
    ],
    [
      [report(1, 'a', { answers: 1e300 })],
      /field answers is something else, expected a whole number from 2 to 64/,
    ],
    [
      [report(1, 'a', { epsilon: 1e-12 })],
      /field epsilon is something else, expected a number from 0.1 to 4/,
    ],
    [[...'abcde'].map((answer, i) => report(i, answer)), /line 5: field answer .* one of 4 different ones/],
    [[], /no e2p-report, expected at least one/],
  ])('refuse what is no report: %#', (file, message) => {
    expect(() => readReports(lines(file), 'r.jsonl')).toThrow(message);
  });
});
