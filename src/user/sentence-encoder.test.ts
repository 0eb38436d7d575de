/** Words about oneself on the real encoder, where it is at hand. */
import { describe, expect, it } from 'vitest';
import { hasShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { checkEncoder, splitDescription } from './sentence-encoder.ts';
import { loadSentenceEncoder } from './transformers-encoder.ts';

describe('a description', () => {
  it('is its lines where it has several, else its sentences', () => {
    expect(splitDescription('I grow tomatoes.\n\n  I play the cello. And chess.\r\n', 8)).toEqual([
      'I grow tomatoes.',
      'I play the cello. And chess.',
    ]);
    expect(splitDescription('I grow tomatoes. I play the cello!', 8)).toEqual([
      'I grow tomatoes.',
      'I play the cello!',
    ]);
    expect(splitDescription('I grow tomatoes. I play the cello!\n', 8)).toEqual([
      'I grow tomatoes.',
      'I play the cello!',
    ]);
    expect(splitDescription(['One. Two.', 'Three.'], 8)).toEqual(['One. Two.', 'Three.']);
    expect(splitDescription(['One. Two.'], 8)).toEqual(['One. Two.']);
  });

  it('is refused without words, with too many lines or characters; what it says is not repeated', () => {
    expect(() => splitDescription(' \n ', 8)).toThrow(
      'the description has no words, expected a line or more',
    );
    expect(() => splitDescription(['secret', 'secret', 'secret'], 2)).toThrow(
      'the description has 3 lines, expected at most 2: that many vectors of a user the projector reads',
    );
    expect(() => splitDescription('secret'.repeat(4000), 8)).toThrow(
      'has 24000 characters, expected at most 20000',
    );
  });
});

describe('another encoder', () => {
  const own = { id: 'own', pooling: 'mean', normalize: true, probe: [1, 0, 0] } as const;

  it.each([
    ['that points elsewhere', { ...own, probe: [0.8, 0.6, 0] }, /cosine 0.800 on a known sentence/],
    ['of another size', { ...own, probe: [1, 0] }, /3 numbers.*2 numbers.*cosine NaN/],
    [
      'that pools otherwise',
      { ...own, pooling: 'cls' as const },
      /mean pooling, normalised.*cls pooling, normalised/,
    ],
    ['that does not normalise', { ...own, normalize: false }, /mean pooling, not normalised/],
  ])('%s is refused', (_, found, message) => {
    expect(() => checkEncoder(found, own, 'other')).toThrow(
      expect.objectContaining({ code: 'contract-mismatch' }),
    );
    expect(() => checkEncoder(found, own, 'other')).toThrow(message);
  });

  it('the same in another precision is not', () => {
    expect(() => checkEncoder({ ...own, probe: [0.98, 0.1, 0.1] }, own, 'own')).not.toThrow();
  });
});

describe.skipIf(!hasShared)(`all-MiniLM-L6-v2${sharedNote}`, () => {
  it('puts texts of one meaning together, whatever the order they come in; knows whole words', async () => {
    const encoder = await loadSentenceEncoder({ id: sharedPath('models/all-minilm-l6-v2') });
    const texts = [
      'I love growing tomatoes.',
      'The stock market fell.',
      'My vegetable garden makes me happy.',
    ];
    const values = await encoder.encode(texts);
    const row = (i: number) => values.subarray(i * encoder.dim, (i + 1) * encoder.dim);
    const cosine = (a: Float32Array, b: Float32Array) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
    expect(Math.hypot(...row(0))).toBeCloseTo(1, 4);
    expect(cosine(row(0), row(2))).toBeGreaterThan(cosine(row(0), row(1)) + 0.3);
    const turned = await encoder.encode(texts.toReversed());
    // int8 activations take one scale for a batch, so the neighbours of a text are noticed a little.
    expect(cosine(turned.subarray(0, encoder.dim), row(2))).toBeGreaterThan(0.99);
    expect([encoder.knows('pottery'), encoder.knows('potteryish')]).toEqual([true, false]);
    const stopped = encoder.encode(texts, { signal: AbortSignal.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
    await encoder.release();
  });

  it('that is not there is named', async () => {
    await expect(loadSentenceEncoder({ id: '/nowhere/at-all' })).rejects.toThrow(
      /^the sentence encoder \/nowhere\/at-all could not be loaded/,
    );
  });
});
