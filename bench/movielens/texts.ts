/** MovieLens as text: the prompt, a person in words, and the chats that the base model is pretrained on. No chat names a person. */
import type { Random } from '../../tools/world/random.ts';
import type { Message } from '../../tools/world/world.ts';
import type { Movies } from './ratings.ts';

export const PROMPT = 'Recommend a film.';

/** The most frequent genres of some titles, the most frequent first. */
export function topGenres({ genres }: Movies, likes: readonly number[], count = 3): string[] {
  const times = new Map<string, number>();
  for (const genre of likes.flatMap((title) => genres[title]!)) times.set(genre, (times.get(genre) ?? 0) + 1);
  return [...times]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([genre]) => genre);
}

/** What a person likes in general, and the titles that they liked last. */
export function personaText(movies: Movies, likes: readonly number[], titles: number): string {
  const last = likes
    .slice(-titles)
    .reverse()
    .map((title) => movies.titles[title]);
  return `Likes ${topGenres(movies, likes).join(', ')}: ${last.join('; ')}.`;
}

/** The longest persona of at most `maxTokens`. */
export function fittingPersona(
  movies: Movies,
  likes: readonly number[],
  tokensOf: (text: string) => number,
  maxTokens: number,
): string {
  let titles = likes.length;
  while (titles > 1 && tokensOf(personaText(movies, likes, titles)) > maxTokens) titles--;
  return personaText(movies, likes, titles);
}

const MORE = 'Another.';

/** What somebody likes, in the order in which it is told. */
export type DrawLikes = (count: number) => readonly number[];

/**
 * One chat: some likes as a persona or not, then recommendations, each behind all that was told before. Whatever stands there is learned, the persona
 * too: it is a sequence of liked titles.
 */
export function likesChat(movies: Movies, draw: DrawLikes, random: Random): Message[] {
  const told = random.next() < 0.6 ? 1 + random.below(10) : 0;
  const turns = told > 0 ? 1 + random.below(3) : 2 + random.below(6);
  const likes = draw(told + turns);
  const known = likes.slice(0, told);
  const system = { role: 'system' as const, content: personaText(movies, known, told) };
  return [
    ...(known.length > 0 ? [system] : []),
    ...likes.slice(told).flatMap((title, i) => turn(i === 0 ? PROMPT : MORE, movies.titles[title]!)),
  ];
}

/** Every title with its genres, both ways round. */
export const genreChats = (movies: Movies): Message[][] =>
  movies.titles.flatMap((title, i) => {
    const genres = movies.genres[i]!.join(', ');
    return genres === '' ? [] : [turn(`The genres of ${title}?`, genres), turn(`A film: ${genres}.`, title)];
  });

const turn = (question: string, answer: string): Message[] => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
];
