import { describe, expect, it } from 'vitest';
import { HIGHEST } from '../runtime/gpu-highest.ts';
import { type Candidates, candidates as candidatesOf, draw, visit } from './distribution.ts';
import { highest } from './highest.ts';
import {
  checkSampling,
  choose,
  GREEDY,
  needsFew,
  type SamplingOptions,
  scoresAmong,
  scoresOf,
  seededRandom,
} from './sampling.ts';

// Four tokens with probabilities 0.5, 0.25, 0.15, 0.1, in shuffled order.
const P = [0.15, 0.5, 0.1, 0.25];
const logits = Float32Array.from(P, (p) => Math.log(p) + 3);
const sample = (options: Partial<SamplingOptions>): SamplingOptions => ({
  ...GREEDY,
  temperature: 1,
  ...options,
});

const candidates = (row: Float32Array, options: SamplingOptions, history: number[]) =>
  candidatesOf(scoresOf(row, options, history), options);
const greedy = (row: Float32Array, options = GREEDY, history: number[] = []) =>
  choose(scoresOf(row, options, history), options, () => 0.5);

/** Probability of each token by id. */
function table(options: Partial<SamplingOptions>, history: number[] = []): number[] {
  return byId(P.length, candidates(logits, sample(options), history));
}
/** By the buckets that draws are made from, whose masses must be those of what is in them. */
function byId(size: number, given: Candidates): number[] {
  const weights = new Float64Array(size);
  let sum = 0;
  for (let bucket = 0; bucket <= given.edge; bucket++) {
    let held = 0;
    if (given.held[bucket] === 0) continue;
    visit(given, bucket, (place, weight) => {
      weights[given.ids?.[place] ?? place] = weight;
      held += weight;
      return false;
    });
    expect(given.held[bucket]).toBeCloseTo(held, 10);
    sum += held;
  }
  return Array.from(weights, (weight) => weight / sum);
}
const expectClose = (found: number[], expected: number[]) => {
  for (const [id, p] of expected.entries()) expect(found[id]).toBeCloseTo(p, 5);
};

describe('sampling', () => {
  it('temperature 1 and no filter is the softmax of the logits', () => expectClose(table({}), P));

  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('a logit of %d is an error and no token; −∞ rules one out', (odd) => {
    const options = { ...GREEDY, temperature: 0.7 };
    for (const sampling of [GREEDY, options]) {
      expect(() => scoresOf(Float32Array.of(1, odd, 2), sampling, [])).toThrow(
        expect.objectContaining({ code: 'backend-faulty' }),
      );
    }
    expect(greedy(Float32Array.of(1, Number.NEGATIVE_INFINITY, 2))).toBe(2);
  });

  it('temperature divides the logits: p^(1/T), normalised', () => {
    const squared = P.map((p) => p * p);
    const sum = squared.reduce((a, b) => a + b);
    expectClose(
      table({ temperature: 0.5 }),
      squared.map((p) => p / sum),
    );
  });

  it('top-k keeps the k most probable', () => expectClose(table({ topK: 2 }), [0, 2 / 3, 0, 1 / 3]));

  it('top-p keeps the fewest whose sum reaches p', () => {
    expectClose(table({ topP: 0.6 }), [0, 2 / 3, 0, 1 / 3]);
    expectClose(table({ topP: 0.4 }), [0, 1, 0, 0]);
    expectClose(table({ topP: 0.8 }), [0.15 / 0.9, 0.5 / 0.9, 0, 0.25 / 0.9]);
  });

  it('min-p keeps those at least that fraction of the most probable', () => {
    expectClose(table({ minP: 0.4 }), [0, 2 / 3, 0, 1 / 3]);
    expectClose(table({ minP: 0.25 }), [0.15 / 0.9, 0.5 / 0.9, 0, 0.25 / 0.9]);
  });

  it('filters work on what the filter before left', () =>
    expectClose(table({ topK: 3, topP: 0.8 }), [0, 2 / 3, 0, 1 / 3]));

  it('the repetition penalty divides positive and multiplies negative logits, once per token', () => {
    const scores = Float32Array.of(2, -1, 0.5);
    const found = candidates(scores, sample({ repetitionPenalty: 2 }), [0, 0, 1]);
    const expected = [1, -2, 0.5].map(Math.exp);
    const sum = expected.reduce((a, b) => a + b);
    expectClose(
      byId(3, found),
      expected.map((e) => e / sum),
    );
    expect(scores).toEqual(Float32Array.of(2, -1, 0.5));
  });

  it('greedy takes the most probable, with the penalty applied', () => {
    expect(greedy(logits)).toBe(1);
    expect(greedy(logits, { ...GREEDY, repetitionPenalty: 10 }, [1])).toBe(3);
  });

  describe('a vocabulary of 3,000, against sorting it', () => {
    const random = seededRandom(7);
    const vocabulary = (spread: number) =>
      Float32Array.from({ length: 3000 }, (_, i) =>
        i % 50 === 3 ? Number.NEGATIVE_INFINITY : i % 7 === 0 ? 1.5 : spread * (random() + random() - 1) ** 3,
      );
    const OPTIONS = [
      {},
      { temperature: 0.3 },
      { topP: 0.9 },
      { topP: 0.999_999 },
      { topK: 40 },
      { topK: 300 },
      { topK: 300, topP: 0.5 },
      { topK: 20, topP: 0.7, minP: 0.1 },
      { minP: 0.02, temperature: 1.5 },
      { topP: 0.6, minP: 0.3, temperature: 0.1 },
    ];
    it.each([1, 40].flatMap((spread) => OPTIONS.map((options) => ({ spread, ...options }))))('%o', ({
      spread,
      ...options
    }) => {
      const scores = vocabulary(spread);
      const found = byId(scores.length, candidates(scores, sample(options), []));
      const expected = sorted(scores, sample(options));
      for (const [id, p] of expected.entries()) {
        expect(Math.abs(found[id]! - p), `token ${id}`).toBeLessThan(1e-9);
        if (found[id] === 0) expect(p, `token ${id}`).toBeLessThan(1e-27);
        else expect(p, `token ${id}`).toBeGreaterThan(0);
      }
    });

    /** By the definitions: everything sorted, each filter in turn. */
    function sorted(scores: Float32Array, { temperature, topK, topP, minP }: SamplingOptions): number[] {
      let kept = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
      if (topK > 0) kept = kept.slice(0, topK);
      const weight = (id: number) => Math.exp((scores[id]! - scores[kept[0]!]!) / temperature);
      const total = (ids: readonly number[]) => ids.reduce((sum, id) => sum + weight(id), 0);
      const wanted = topP * total(kept);
      let sum = 0;
      const end = kept.findIndex((id) => {
        sum += weight(id);
        return sum >= wanted;
      });
      if (topP < 1 && end >= 0) kept = kept.slice(0, end + 1);
      kept = kept.filter((id) => weight(id) >= minP);
      const left = total(kept);
      return Array.from(scores, (_, id) => (kept.includes(id) ? weight(id) / left : 0));
    }
  });

  it('a model that rules every token out is an error', () =>
    expect(() => candidates(new Float32Array(3).fill(Number.NEGATIVE_INFINITY), sample({}), [])).toThrow(
      expect.objectContaining({ code: 'backend-faulty' }),
    ));

  it('draws are the inverse of the distribution: of evenly spaced numbers each token gets its share', () => {
    const random = seededRandom(9);
    const scores = Float32Array.from({ length: 400 }, (_, i) => (i % 9 === 0 ? 2 : 6 * random() - 3));
    for (const options of [{}, { topP: 0.8 }, { topK: 50, minP: 0.1 }, { temperature: 0.1, topP: 0.99 }]) {
      const given = candidates(scores, sample(options), []);
      const steps = 40_000;
      const counts = new Float64Array(scores.length);
      for (let i = 0; i < steps; i++) counts[draw(given, () => (i + 0.5) / steps)]! += 1 / steps;
      for (const [id, p] of byId(scores.length, given).entries()) {
        expect(Math.abs(counts[id]! - p), `token ${id}`).toBeLessThan(1.01 / steps);
      }
    }
  });

  it('draws follow the distribution: 20,000 draws, chi-square below the 99.9 % point', () => {
    const random = seededRandom(1);
    const counts = [0, 0, 0, 0];
    const given = candidates(logits, sample({}), []);
    for (let i = 0; i < 20_000; i++) counts[draw(given, random)]!++;
    const chi = P.reduce((sum, p, id) => sum + (counts[id]! - 20_000 * p) ** 2 / (20_000 * p), 0);
    expect(chi).toBeLessThan(16.27); // 3 degrees of freedom
  });

  it.each(
    [1, 900].flatMap((run) =>
      [{}, { minP: 0.2 }, { temperature: 0.2 }, { topP: 0.9 }, { topK: 2 }].map((options) => ({
        run,
        ...options,
      })),
    ),
  )('so does what is chosen of a large vocabulary, of which few are weighed: %o', ({ run, ...options }) => {
    const random = seededRandom(4);
    // Of equal logits each, so that a few counts show the whole; some that are next to impossible. In blocks that are alike, and in such as are not.
    const levels = [3, 2.5, 1, -2, -60];
    const levelOf = (id: number) => Math.floor(id / run) % levels.length;
    const scores = Float32Array.from({ length: 4000 }, (_, i) => levels[levelOf(i)]!);
    const given = scoresOf(scores, sample(options), []);
    const expected = levels.map(() => 0);
    for (const [id, p] of byId(scores.length, candidatesOf(given, sample(options))).entries()) {
      expected[levelOf(id)]! += p;
    }
    const counts = levels.map(() => 0);
    const draws = 4000;
    for (let i = 0; i < draws; i++) counts[levelOf(choose(given, sample(options), random))]!++;
    for (const [level, p] of expected.entries()) {
      const deviation = Math.sqrt(draws * p * (1 - p));
      expect(Math.abs(counts[level]! - draws * p), `level ${level}`).toBeLessThanOrEqual(4 * deviation);
    }
  });

  it.each([
    { topP: 0.5 },
    { topP: 0.95 },
    { topP: 0.9, minP: 0.3 },
  ])('nothing that is left out is ever chosen, however near: %o', (options) => {
    const random = seededRandom(4);
    const scores = Float32Array.from({ length: 4000 }, () => random());
    const given = scoresOf(scores, sample(options), []);
    const left = byId(scores.length, candidatesOf(given, sample(options)));
    const chosen = Array.from({ length: 1000 }, () => choose(given, sample(options), random));
    expect(chosen.filter((id) => left[id] === 0)).toEqual([]);
  });

  it('a seed gives the same numbers again, another seed others', () => {
    const ten = (seed: number) => Array.from({ length: 10 }, seededRandom(seed));
    expect(ten(5)).toEqual(ten(5));
    expect(ten(5)).not.toEqual(ten(6));
  });

  it.each([
    ['temperature', -1],
    ['temperature', Number.NaN],
    ['topK', 1.5],
    ['topP', 0],
    ['topP', 1.1],
    ['minP', -0.1],
    ['repetitionPenalty', 0],
  ] as const)('%s = %d is refused by name', (name, value) => {
    expect(() => checkSampling({ ...GREEDY, [name]: value })).toThrow(
      expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining(name) }),
    );
  });
});

describe('the highest logits alone', () => {
  // Of few values, so that many are equal.
  const random = seededRandom(3);
  const row = Float32Array.from({ length: 900 }, () => Math.round(random() * 60) / 4);
  const ids = Uint32Array.from(highest(row, HIGHEST));
  const few = { ids, values: Float32Array.from(ids, (id) => row[id]!) };

  it.each([
    GREEDY,
    sample({ topK: 1 }),
    sample({ topK: 40, temperature: 0.3 }),
    sample({ topK: 64, topP: 0.7 }),
    sample({ topK: 20, minP: 0.2, temperature: 2 }),
  ])('are drawn from as all are: %o', (options) => {
    expect(needsFew(options)).toBe(true);
    const [found, expected] = [scoresAmong(few), scoresOf(row, options, [5])];
    if (options.temperature > 0) {
      const tables = [found, expected].map((given) => byId(row.length, candidatesOf(given, options)));
      expect(tables[0]).toEqual(tables[1]);
    }
    const [a, b] = [seededRandom(1), seededRandom(1)];
    for (let i = 0; i < 50; i++) expect(choose(found, options, a)).toBe(choose(expected, options, b));
  });

  it('do not tell enough where others could come, or change places', () => {
    const more = [{}, { topK: 65 }, { topP: 0.5 }, { minP: 0.1 }, { topK: 5, repetitionPenalty: 1.1 }];
    for (const options of more) expect(needsFew(sample(options))).toBe(false);
    expect(needsFew({ ...GREEDY, repetitionPenalty: 0.9 })).toBe(false);
  });

  it('with one that is no number, which comes first, are an error', () => {
    const values = Float32Array.of(Number.NaN, 3);
    expect(() => scoresAmong({ ids: Uint32Array.of(9, 4), values })).toThrow(
      expect.objectContaining({ code: 'backend-faulty' }),
    );
  });
});
