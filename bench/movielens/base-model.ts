/**
 * Pretrains the base model of this benchmark, once: about 1.5 M parameters, with the code that makes the default model. It learns films and
 * tastes, and nobody's likes by heart: most sequences of likes are drawn from the ALS model, as made-up people; a real history of a
 * training person is read a few times only. (Read often enough to learn the titles, 400 people are memorised: then persona and soft token
 * make unseen people's titles *less* likely. Tried.)
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeChatModel } from '../../tools/default/chat-model.ts';
import { type Random, seededRandom } from '../../tools/world/random.ts';
import type { Message } from '../../tools/world/world.ts';
import type { Movies, People } from './ratings.ts';
import type { Als } from './reference.ts';
import { type DrawLikes, genreChats, likesChat } from './texts.ts';

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

/** Made-up people, and chats of each. */
export const DRAWN = { perPerson: 10, chats: 32 };
/** Chats from each real person's own history, for ten likes. */
export const OWN_CHATS = 2;

export interface BaseModelOptions {
  readonly folder: string;
  readonly movies: Movies;
  readonly people: People;
  readonly als: Als;
  readonly seed: number;
  readonly log: (line: string) => void;
}

/** A folder that is whole is kept; delete it to begin anew. */
export async function makeMovieModel(options: BaseModelOptions): Promise<void> {
  const { folder, movies, people, seed, log } = options;
  if (existsSync(join(folder, 'tokenizer_config.json'))) return;
  const random = seededRandom(seed, 'pretraining');
  const chats = [...genreChats(movies), ...drawnChats(options, random), ...ownChats(options, random)];
  const heldOut = seededRandom(seed, 'held out');
  const checkpoint = join(folder, 'checkpoint.bin');
  await makeChatModel({
    out: folder,
    config: CONFIG,
    // Every title, and the words around them.
    texts: [...genreChats(movies), ...ownChats(options, random)].flatMap((chat) =>
      chat.map((m) => m.content),
    ),
    chats,
    heldOut: Array.from({ length: 500 }, () => {
      const { likes } = heldOut.pick(people.validation);
      return likesChat(movies, (count) => heldOut.shuffled(likes).slice(0, count), heldOut);
    }),
    ...{ seed, positions: 1024, learningRate: 5e-3, workers: 2, promptWeight: 1, checkpoint, log },
  });
  rmSync(checkpoint, { force: true });
}

/** Of people between two training people, as ALS sees them from a part of their likes. */
function drawnChats({ movies, people: { train }, als }: BaseModelOptions, random: Random): Message[][] {
  const partOf = (person: number): Float32Array => {
    const { likes } = train[person]!;
    const count = Math.ceil(likes.length * (0.2 + 0.8 * random.next()));
    return als.embedder.embedKnown(person, random.shuffled(likes).slice(0, count));
  };
  return train.flatMap((_, person) =>
    Array.from({ length: DRAWN.perPerson }, () => {
      const other = partOf(random.below(train.length));
      const share = 0.5 * random.next();
      const between = partOf(person).map((v, i) => (1 - share) * v + share * other[i]!);
      const draw = drawer(als.natsOf(between), random);
      return Array.from({ length: DRAWN.chats }, () => likesChat(movies, draw, random));
    }).flat(),
  );
}

/** Windows of real histories, in the order of time. */
function ownChats({ movies, people: { train } }: BaseModelOptions, random: Random): Message[][] {
  return train.flatMap(({ likes }) =>
    Array.from({ length: Math.ceil((OWN_CHATS * likes.length) / 10) }, () =>
      likesChat(
        movies,
        (count) => {
          const from = random.below(Math.max(1, likes.length - count));
          return likes.slice(from, from + count);
        },
        random,
      ),
    ),
  );
}

/** Distinct titles, each with its probability. */
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
