/**
 * MovieLens latest-small (Harper & Konstan, ACM TiiS 5(4), 2015): what people liked, in the order of time. It is not ours to ship:
 * it is read where it lies, and only figures leave.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../tools/world/random.ts';

export interface Movies {
  /** Titles as people name them, without the year, each once: remakes share theirs. */
  readonly titles: readonly string[];
  /** Genres of each title. */
  readonly genres: readonly (readonly string[])[];
  /** When each was made, as 1990s; of remakes that of the first in the list. '' = not told. */
  readonly decades: readonly string[];
}

export interface Person {
  readonly id: string;
  /** Indices of titles rated 4 or more, the earliest first. */
  readonly likes: readonly number[];
}

export interface MovieLens {
  readonly movies: Movies;
  readonly people: readonly Person[];
}

/** A rating from which on a title counts as liked. */
const LIKED = 4;
/** With fewer likes neither half says much. */
const MIN_LIKES = 10;

export function readMovieLens(folder: string): MovieLens {
  if (!existsSync(join(folder, 'ratings.csv'))) {
    throw new Error(`${folder}: no ratings.csv there, expected the folder of MovieLens latest-small`);
  }
  const titles: string[] = [];
  const genres: string[][] = [];
  const decades: string[] = [];
  const indexOf = new Map<string, number>();
  const titleOf = new Map<string, number>();
  for (const [id, dated, list] of readCsv(join(folder, 'movies.csv'))) {
    const title = dated!.trim().replace(/ \(\d{4}\)$/, '');
    let index = indexOf.get(title);
    if (index === undefined) {
      index = titles.push(title) - 1;
      const year = / \((\d{3})\d\)$/.exec(dated!.trim())?.[1];
      decades.push(year === undefined ? '' : `${year}0s`);
      genres.push(list === '(no genres listed)' ? [] : list!.split('|'));
      indexOf.set(title, index);
    }
    titleOf.set(id!, index);
  }
  const rated = new Map<string, { readonly title: number; readonly at: number }[]>();
  for (const [user, movie, rating, time] of readCsv(join(folder, 'ratings.csv'))) {
    if (Number(rating) < LIKED) continue;
    const list = rated.get(user!) ?? [];
    list.push({ title: titleOf.get(movie!)!, at: Number(time) });
    rated.set(user!, list);
  }
  const people = Array.from(rated, ([id, list]) => ({
    id,
    likes: [...new Set(list.sort((a, b) => a.at - b.at || a.title - b.title).map((r) => r.title))],
  })).filter((person) => person.likes.length >= MIN_LIKES);
  return { movies: { titles, genres, decades }, people };
}

export interface People {
  readonly train: readonly Person[];
  readonly validation: readonly Person[];
  readonly test: readonly Person[];
}

/** By person, at random: 7 of 10 train, 1 validates, 2 test. */
export function splitPeople(people: readonly Person[], seed: number): People {
  const mixed = seededRandom(seed, 'people').shuffled(people);
  const [a, b] = [Math.round(mixed.length * 0.7), Math.round(mixed.length * 0.8)];
  return { train: mixed.slice(0, a), validation: mixed.slice(a, b), test: mixed.slice(b) };
}

/** What a person liked first, and what then. */
export const earlier = ({ likes }: Person): readonly number[] => likes.slice(0, likes.length >> 1);
export const later = ({ likes }: Person): readonly number[] => likes.slice(likes.length >> 1);

function readCsv(path: string): string[][] {
  const [, ...lines] = readFileSync(path, 'utf8').split(/\r?\n/);
  return lines.filter((line) => line !== '').map(cells);
}

/** Cells of a line; in quotes, "" stands for a quote. */
function cells(line: string): string[] {
  const found = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return Array.from(found, ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!);
}
