/** Pretrains the base model of this benchmark, once: about 1.5 M parameters, with the code that makes the default model. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeChatModel } from '../../tools/default/chat-model.ts';
import { seededRandom } from '../../tools/world/random.ts';
import type { Movies, People } from './ratings.ts';
import { pretrainingChats } from './texts.ts';

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

/** Over all likes and titles. */
export const PASSES = 3;

export interface BaseModelOptions {
  readonly folder: string;
  readonly movies: Movies;
  readonly people: People;
  readonly seed: number;
  readonly log: (line: string) => void;
}

/** A folder that is whole is kept; delete it to begin anew. */
export async function makeMovieModel(options: BaseModelOptions): Promise<void> {
  const { folder, movies, people, seed, log } = options;
  if (existsSync(join(folder, 'tokenizer_config.json'))) return;
  const chatsOf = (whose: readonly (typeof people.train)[number][], times: number, label: string) =>
    pretrainingChats(movies, whose, times, seededRandom(seed, label));
  const checkpoint = join(folder, 'checkpoint.bin');
  await makeChatModel({
    out: folder,
    config: CONFIG,
    // Every title once, and the words around them.
    texts: chatsOf(people.train, 1, 'tokenizer').flatMap((chat) => chat.map((message) => message.content)),
    chats: chatsOf(people.train, PASSES, 'pretraining'),
    heldOut: chatsOf(people.validation, 1, 'held out')
      .filter(({ length }) => length === 3)
      .slice(0, 1000),
    seed,
    positions: 1024,
    learningRate: 5e-3,
    workers: 2,
    checkpoint,
    log,
  });
  rmSync(checkpoint, { force: true });
}
