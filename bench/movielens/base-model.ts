/**
 * Pretrains the base model of this benchmark, once: about 1.5 M parameters, with the code that makes the default model. It learns films,
 * genres, decades and tastes, and nobody's likes by heart: most sequences of likes are those of made-up people. (Read often enough to learn the
 * titles, 400 real people are memorised, and persona and soft token make unseen people's titles *less* likely. With sequences from ALS
 * alone the model learns to spell, and never looks at the persona. Both tried.)
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeChatModel } from '../../tools/default/chat-model.ts';
import type { LlamaConfig } from '../../tools/llama/llama-config.ts';
import { type Random, seededRandom } from '../../tools/world/random.ts';
import type { Message } from '../../tools/world/world.ts';
import type { Movies, People } from './ratings.ts';
import type { Als } from './reference.ts';
import { type Ask, type DrawLikes, filmChats, likesChat, searchChat } from './texts.ts';

export const CONFIG = {
  vocabSize: 4096,
  hiddenSize: 160,
  intermediateSize: 288,
  layers: 4,
  heads: 10,
  kvHeads: 5,
  headDim: 16,
  maxPositions: 256,
  rmsEpsilon: 1e-5,
  ropeTheta: 10_000,
} as const;

/** Chats of each kind; a made-up person has eight. */
export const CHATS = { search: 40_000, tastes: 100_000, between: 100_000 };
const CHATS_OF_ONE = 8;
/** Chats from each real person's own history, for ten likes. */
const OWN_CHATS = 2;
/** How much likelier a made-up person likes a title for each of their genres and decades, in nats. */
const TASTE = [0.5, 3] as const;
/** How many times as strong as in real people the taste is of somebody between two of them: a few titles are to tell it. */
export const STRENGTH = [1, 3] as const;

export interface BaseModelOptions {
  readonly folder: string;
  readonly movies: Movies;
  readonly people: People;
  readonly als: Als;
  readonly seed: number;
  readonly log: (line: string) => void;
  /** Chats of each kind; default `CHATS`. */
  readonly chats?: typeof CHATS;
  /** What films are asked for with, in chats of somebody's likes; default: nothing in particular. */
  readonly ask?: Ask;
  readonly workers?: number;
  /** Default `CONFIG`. */
  readonly config?: LlamaConfig;
}

/** A folder that is whole is kept; delete it to begin anew. */
export async function makeMovieModel(options: BaseModelOptions): Promise<void> {
  const {
    folder,
    movies,
    people,
    als,
    seed,
    log,
    chats: count = CHATS,
    ask,
    workers = 2,
    config = CONFIG,
  } = options;
  if (existsSync(join(folder, 'tokenizer_config.json'))) return;
  const random = seededRandom(seed, 'pretraining');
  const popularity = als.natsOf(new Float32Array(als.setting.dim), 0);
  const popular = drawer(popularity, random);
  const own = ownChats(options, random);
  const chats = [
    ...filmChats(movies),
    ...Array.from({ length: count.search }, () => searchChat(movies, popular, random)),
    ...chatsOf(options, count.tastes, () => madeUpTaste(movies, popularity, random), random),
    ...chatsOf(options, count.between, () => betweenTwo(options, random), random),
    ...own,
  ];
  const heldOut = seededRandom(seed, 'held out');
  const checkpoint = join(folder, 'checkpoint.bin');
  await makeChatModel({
    out: folder,
    config,
    // Every title, and the words around them.
    texts: [...filmChats(movies), ...own].flatMap((chat) => chat.map((m) => m.content)),
    chats,
    heldOut: Array.from({ length: 500 }, () => {
      const { likes } = heldOut.pick(people.validation);
      return likesChat(movies, (most) => heldOut.shuffled(likes).slice(0, most), heldOut, ask);
    }),
    ...{ seed, positions: 1024, learningRate: 5e-3, workers, promptWeight: 1, checkpoint, log },
  });
  rmSync(checkpoint, { force: true });
}

/** Nats of every title for somebody new each time. */
function chatsOf(
  { movies, ask }: BaseModelOptions,
  count: number,
  somebody: () => Float64Array,
  random: Random,
): Message[][] {
  return Array.from({ length: count / CHATS_OF_ONE }, () => {
    const draw = drawer(somebody(), random);
    return Array.from({ length: CHATS_OF_ONE }, () => likesChat(movies, draw, random, ask));
  }).flat();
}

/** Likes a few genres and one or two decades, more or less. */
function madeUpTaste(movies: Movies, popularity: Float64Array, random: Random): Float64Array {
  const some = (words: Iterable<string>, count: number) =>
    random.shuffled([...new Set(words)].sort()).slice(0, count);
  const genres = some(movies.genres.flat(), 1 + random.below(3));
  // As often as there are films of it.
  const first = random.pick(movies.decades);
  const decades = [first, ...some(movies.decades, random.below(2))];
  const liking = within(TASTE, random);
  return popularity.map(
    (nats, title) =>
      nats -
      liking *
        (movies.genres[title]!.filter((g) => genres.includes(g)).length / genres.length +
          Number(decades.includes(movies.decades[title]!))),
  );
}

/** Somewhere between two training people, as ALS sees them from a part of their likes. */
function betweenTwo({ people: { train }, als }: BaseModelOptions, random: Random): Float64Array {
  const somebody = (): Float32Array => {
    const person = random.below(train.length);
    const { likes } = train[person]!;
    const count = Math.ceil(likes.length * (0.2 + 0.8 * random.next()));
    return als.embedder.embedKnown(person, random.shuffled(likes).slice(0, count));
  };
  const [one, other, share] = [somebody(), somebody(), 0.5 * random.next()];
  return als.natsOf(
    one.map((v, i) => (1 - share) * v + share * other[i]!),
    als.weight * within(STRENGTH, random),
  );
}

/** Windows of real histories, in the order of time. */
function ownChats({ movies, people: { train }, ask }: BaseModelOptions, random: Random): Message[][] {
  return train.flatMap(({ likes }) =>
    Array.from({ length: Math.ceil((OWN_CHATS * likes.length) / 10) }, () =>
      likesChat(
        movies,
        (count) => {
          const from = random.below(Math.max(1, likes.length - count));
          return likes.slice(from, from + count);
        },
        random,
        ask,
      ),
    ),
  );
}

const within = ([low, high]: readonly [number, number], random: Random): number =>
  low + (high - low) * random.next();

/** Distinct titles, each by its probability. */
function drawer(nats: Float64Array, random: Random): DrawLikes {
  let sum = 0;
  const upTo = nats.map((v) => (sum += Math.exp(-v)));
  const one = (): number => {
    const at = random.next() * sum;
    let [low, high] = [0, upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  return (count) => {
    const found = new Set<number>();
    while (found.size < count) found.add(one());
    return [...found];
  };
}
