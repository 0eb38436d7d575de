import { describe, expect, it } from 'vitest';
import { distinct, overlap } from './text-metrics.ts';

describe('overlap of two texts', () => {
  it('is that of the examples worked out in the ROUGE paper (Lin 2004, 3.1)', () => {
    // S1 police killed the gunman; S2 police kill the gunman; S3 the gunman kill police
    const s1 = 'Police killed the gunman.';
    expect(overlap('police kill the gunman', s1).rougeL).toBeCloseTo(3 / 4);
    expect(overlap('the gunman kill police', s1).rougeL).toBeCloseTo(2 / 4);
    expect(overlap('the gunman kill police', s1).rouge2).toBeCloseTo(1 / 3);
    expect(overlap('the gunman kill police', s1).rouge1).toBeCloseTo(3 / 4);
  });

  it('counts a repeated word as often as both have it', () => {
    expect(overlap('tea tea tea', 'tea and tea').rouge1).toBeCloseTo((2 * 2) / 6);
  });

  it('is 1 for the same words and 0 for none', () => {
    expect(overlap('Crème brûlée, 2 pieces', 'crème brûlée 2 pieces!')).toEqual({
      ...{ rouge1: 1, rouge2: 1, rougeL: 1 },
    });
    expect(overlap('', 'words')).toEqual({ rouge1: 0, rouge2: 0, rougeL: 0 });
  });
});

describe('variety of texts', () => {
  it('is the share of different words, and pairs of them', () => {
    expect(distinct(['a b a', 'a b'], 1)).toBeCloseTo(2 / 5);
    expect(distinct(['a b a', 'a b'], 2)).toBeCloseTo(2 / 3);
    expect(distinct([], 1)).toBe(0);
  });
});
