/** MovieLens as text: the prompt, a person in words, and the chats that the base model is pretrained on. No chat names a person. */
import type { Random } from '../../tools/world/random.ts';
import type { Message } from '../../tools/world/world.ts';
import type { Movies, Person } from './ratings.ts';

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

/**
 * For every like: the title alone, and behind a persona of other likes of the same person. For every title: its genres, both ways
 * round, and half a like by nobody, as popularity is smoothed too. Histories are drawn anew in each of the `passes`.
 */
export function pretrainingChats(
  movies: Movies,
  people: readonly Person[],
  passes: number,
  random: Random,
): Message[][] {
  const chats: Message[][] = [];
  for (let pass = 0; pass < passes; pass++) {
    for (const { likes } of people) {
      for (const [at, title] of likes.entries()) {
        const target = movies.titles[title]!;
        chats.push(turn(PROMPT, target));
        // What they liked before, or any of their other likes: both are how personas will look.
        const others = likes.filter((_, i) => i !== at);
        const history = at > 2 && random.next() < 0.5 ? likes.slice(0, at) : random.shuffled(others);
        const from = history.slice(0, 1 + random.below(history.length));
        const persona = personaText(movies, from, 1 + random.below(6));
        chats.push([{ role: 'system', content: persona }, ...turn(PROMPT, target)]);
      }
    }
    for (const [i, title] of movies.titles.entries()) {
      if (i % 2 === pass % 2) chats.push(turn(PROMPT, title));
      const genres = movies.genres[i]!.join(', ');
      if (genres === '') continue;
      chats.push(turn(`The genres of ${title}?`, genres), turn(`A film: ${genres}.`, title));
    }
  }
  return chats;
}

const turn = (question: string, answer: string): Message[] => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
];
