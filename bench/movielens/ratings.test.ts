import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { earlier, later, readMovieLens, splitPeople } from './ratings.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2p-movielens-'));
const titles = Array.from({ length: 12 }, (_, i) => `${i + 1},Film ${i + 1} (2000),Drama|War`);
titles[1] = '2,"Good, the Bad, and the ""Ugly"", The (1966)",(no genres listed)';
titles[2] = '3,Film 1 (2000),Drama|War';
writeFileSync(join(folder, 'movies.csv'), ['movieId,title,genres', ...titles, ''].join('\r\n'));
const ratings = (user: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${user},${12 - i},${i === 0 ? 3.5 : 4},${1000 + i}`);
const lines = ['userId,movieId,rating,timestamp', ...ratings(1, 12), ...ratings(2, 5), ''];
writeFileSync(join(folder, 'ratings.csv'), lines.join('\r\n'));
const { movies, people } = readMovieLens(folder);

describe('MovieLens', () => {
  it('has each title once, without its year, quotes and commas as they are', () => {
    expect(movies.titles).toHaveLength(11);
    expect(movies.titles[1]).toBe('Good, the Bad, and the "Ugly", The');
    expect(movies.genres.slice(0, 2)).toEqual([['Drama', 'War'], []]);
    expect(movies.decades[1]).toBe('1960s');
  });

  it('has people by what they liked, in the order of time, a title once', () => {
    expect(people.map((p) => p.id)).toEqual(['1']);
    const names = people[0]!.likes.map((title) => movies.titles[title]);
    expect(names.slice(0, 2)).toEqual(['Film 11', 'Film 10']);
    expect(names.slice(-2)).toEqual(['Film 1', movies.titles[1]]);
    expect([...earlier(people[0]!), ...later(people[0]!)]).toEqual(people[0]!.likes);
  });

  it('nobody is in two parts', () => {
    const many = Array.from({ length: 100 }, (_, i) => ({ id: `${i}`, likes: [] }));
    const { train, validation, test } = splitPeople(many, 3);
    expect([train.length, validation.length, test.length]).toEqual([70, 10, 20]);
    expect(new Set([...train, ...validation, ...test].map((p) => p.id)).size).toBe(100);
  });

  it('says where it looked', () => {
    expect(() => readMovieLens('/nowhere')).toThrow('/nowhere: no ratings.csv there');
  });
});
