import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../tools/world/random.ts';
import { headlinesOf, MIN_CLICKS, type PensOptions, pensPeople, pickReaders } from './examples.ts';
import type { News, Pens, Reader } from './read-pens.ts';

const news = new Map<string, News>(
  Array.from({ length: 8 }, (_, i) => [
    `N${i}`,
    { category: 'c', topic: 't', headline: `headline ${i}`, body: `one two three four ${i}` },
  ]),
);
const reader = (user: string, clicks: number): Reader => ({
  ...{ user, history: [...news.keys()].slice(0, clicks) },
  read: [{ news: 'N7', headline: `${user} would write this` }],
});
const options = (): PensOptions => ({
  ...{ readers: { train: 10, valid: 10, test: 10 }, words: 3, random: seededRandom(1) },
});
const pens: Pens = {
  news,
  train: [reader('a', 6), reader('b', MIN_CLICKS - 1)],
  valid: [reader('a', 7), reader('c', 5)],
  test: [reader('d', 5)],
};

describe('readers of PENS', () => {
  const readers = pickReaders(pens, options());

  it('have a history, and whoever is trained on does not validate', () => {
    const users = (list: readonly Reader[]) => list.map((r) => r.user);
    expect([users(readers.train), users(readers.valid), users(readers.test)]).toEqual([['a'], ['c'], ['d']]);
  });

  it('are the mean of what they clicked; an article comes with their own headline', () => {
    const vectors = new Map(
      headlinesOf(readers, news).map((h) => [h, new Float32Array(512).fill(Number(h.at(-1)))]),
    );
    const { users, examples } = pensPeople(readers.test, news, vectors, options());
    expect(users.dim).toBe(512);
    expect(users.rows.get('d.0')![0]).toBeCloseTo(2);
    expect(examples).toHaveLength(1);
    expect(examples[0]).toMatchObject({
      ...{ user: 'd.0', group: 'd', target: 'd would write this' },
      messages: [{ role: 'user', content: 'Write a headline for this article: one two three' }],
      persona: 'The reader clicked on: headline 0; headline 1; headline 2; headline 3; headline 4.',
    });
  });
});
