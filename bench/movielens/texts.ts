/** MovieLens as text: the prompt, a person in words, and the chats that the base model is pretrained on. No chat names a person. */
import type { Random } from '../../tools/world/random.ts';
import type { Message } from '../../tools/world/world.ts';
import type { Movies } from './ratings.ts';

export const PROMPT = 'Recommend a film.';

/** What can be said of a title in a word. */
export const wordsOf = ({ genres, decades }: Movies, title: number): string[] =>
  [...genres[title]!, decades[title]!].filter((word) => word !== '');

/** The most frequent of some words, the most frequent first. */
function mostFrequent(words: readonly string[], count: number): string[] {
  const times = new Map<string, number>();
  for (const word of words) times.set(word, (times.get(word) ?? 0) + 1);
  return [...times]
    .sort((a, b) => b[1] - a[1])
    .slice(0, count)
    .map(([word]) => word);
}

/** The top genres and decades of some titles. */
export function taste({ genres, decades }: Movies, likes: readonly number[]): string[] {
  const made = likes.flatMap((title) => decades[title] || []);
  return [
    ...mostFrequent(
      likes.flatMap((title) => genres[title]!),
      3,
    ),
    ...mostFrequent(made, 2),
  ];
}

/** What a person likes in general, and the titles that they liked last. */
export function personaText(
  movies: Movies,
  likes: readonly number[],
  titles: number,
  words = taste(movies, likes),
): string {
  const last = likes
    .slice(-titles)
    .reverse()
    .map((title) => movies.titles[title]);
  return `Likes ${words.join(', ')}: ${last.join('; ')}.`;
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

/** What the i-th title of a chat is asked for with. */
export type Ask = (title: number, i: number) => string;

/** Half of the films are asked for by a genre or the decade, as somebody would who knows what it should be tonight. */
export const askByWord =
  (movies: Movies, random: Random, share = 0.5): Ask =>
  (title, i) => {
    const words = wordsOf(movies, title);
    if (words.length === 0 || random.next() >= share) return i === 0 ? PROMPT : MORE;
    return `A film: ${random.pick(words)}.`;
  };

/** What somebody likes, in the order in which it is told. */
export type DrawLikes = (count: number) => readonly number[];

/**
 * One chat: some likes as a persona or not, then recommendations, each behind all that was told before. Whatever stands there is learned, the persona
 * too: it is a sequence of liked titles. In half of the personas the words are of all likes, those to come too: as somebody is known who is known
 * better than by these titles.
 */
export function likesChat(
  movies: Movies,
  draw: DrawLikes,
  random: Random,
  ask: Ask = (_, i) => (i === 0 ? PROMPT : MORE),
): Message[] {
  const told = random.next() < 0.75 ? 2 + random.below(10) : 0;
  const turns = 2 + random.below(told > 0 ? 3 : 5);
  const likes = draw(told + turns);
  const known = likes.slice(0, told);
  const words = taste(movies, random.next() < 0.5 ? likes : known);
  const system = { role: 'system' as const, content: personaText(movies, known, told, words) };
  return [
    ...(known.length > 0 ? [system] : []),
    ...likes.slice(told).flatMap((title, i) => turn(ask(title, i), movies.titles[title]!)),
  ];
}

/** Every title with what is to be said of it, both ways round. */
export const filmChats = (movies: Movies): Message[][] =>
  movies.titles.flatMap((title, i) => {
    const words = wordsOf(movies, i).join(', ');
    return words === '' ? [] : [turn(`What is ${title}?`, words), turn(`A film: ${words}.`, title)];
  });

/** Several films, each asked for by some of its words. */
export const searchChat = (movies: Movies, draw: DrawLikes, random: Random): Message[] =>
  draw(2 + random.below(4)).flatMap((title) => {
    const words = random.shuffled(wordsOf(movies, title)).slice(0, 1 + random.below(3));
    return turn(`A film: ${words.join(', ')}.`, movies.titles[title]!);
  });

const turn = (question: string, answer: string): Message[] => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
];
