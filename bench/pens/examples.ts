/** PENS as users and examples: an article in, the headline that this reader clicked or wrote out. */
import type { Example } from '../../src/train.ts';
import type { Random } from '../../tools/world/random.ts';
import { meanVector } from '../persona-chat/encode.ts';
import type { People } from '../study.ts';
import type { News, Pens, Reader } from './read-pens.ts';

/** With fewer known clicks there is hardly a person. */
export const MIN_CLICKS = 5;
/** The latest, for the embedding. */
const HISTORY = 50;
/** The latest, for the text persona. */
const PERSONA_HEADLINES = 5;
/** Headlines of one reader, so that nobody decides the mean. */
const MAX_HEADLINES = 20;

export interface PensOptions {
  /** Most readers of each part. */
  readonly readers: { readonly train: number; readonly valid: number; readonly test: number };
  /** Words of the article that are read. */
  readonly words: number;
  readonly random: Random;
}

export interface PensReaders {
  readonly train: readonly Reader[];
  readonly valid: readonly Reader[];
  readonly test: readonly Reader[];
}

/** Readers with a history, at random; nobody who is trained on validates. */
export function pickReaders(pens: Pens, { readers, random }: PensOptions): PensReaders {
  const known = (list: readonly Reader[]) =>
    random.shuffled(list.filter((r) => r.history.length >= MIN_CLICKS && r.read.length > 0));
  const train = known(pens.train).slice(0, readers.train);
  const trained = new Set(train.map((r) => r.user));
  return {
    train,
    valid: known(pens.valid.filter((r) => !trained.has(r.user))).slice(0, readers.valid),
    test: known(pens.test).slice(0, readers.test),
  };
}

const clicked = ({ history }: Reader, news: ReadonlyMap<string, News>): string[] =>
  history.slice(-HISTORY).map((id) => news.get(id)!.headline);

/** Everything that has to be encoded. */
export const headlinesOf = (readers: PensReaders, news: ReadonlyMap<string, News>): string[] =>
  [...readers.train, ...readers.valid, ...readers.test].flatMap((reader) => clicked(reader, news));

/** Embedding: mean of the clicked headlines' vectors. The rows of one reader, with more clicks each time, are a group. */
export function pensPeople(
  readers: readonly Reader[],
  news: ReadonlyMap<string, News>,
  vectors: ReadonlyMap<string, Float32Array>,
  { words, random }: PensOptions,
): People {
  const rows = new Map<string, Float32Array>();
  const examples: Example[] = [];
  for (const [at, reader] of readers.entries()) {
    const headlines = clicked(reader, news);
    const user = `${reader.user}.${at}`;
    rows.set(user, meanVector(headlines.map((text) => vectors.get(text)!)));
    const persona = `The reader clicked on: ${headlines.slice(-PERSONA_HEADLINES).join('; ')}.`;
    for (const { news: id, headline } of random.shuffled(reader.read).slice(0, MAX_HEADLINES)) {
      const body = news.get(id)!.body.split(/\s+/).slice(0, words).join(' ');
      examples.push({
        ...{ user, group: reader.user, target: headline, persona, line: examples.length + 1 },
        messages: [{ role: 'user', content: `Write a headline for this article: ${body}` }],
      });
    }
  }
  return { users: { rows, dim: rows.values().next().value?.length ?? 0 }, examples };
}
