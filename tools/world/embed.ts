/**
 * User embeddings of the world's readers, from clicks alone: factors fitted on the `pretrain` and `train` readers,
 * everybody else folded in, as a new person is on their own device.
 */
import { foldIn } from '../../src/node.ts';
import { type FactorizeOptions, type Factors, factorize } from '../../src/train.ts';
import { seededRandom } from './random.ts';
import type { World } from './world.ts';

export const ALS_WEIGHTS: Pick<FactorizeOptions, 'regularisation' | 'alpha'> = {
  regularisation: 5,
  alpha: 4,
};

export interface ReaderEmbeddings {
  readonly dim: number;
  /** Row-major [readers, dim], in the order of `world.readers`. */
  readonly users: Float32Array;
  /** What a device needs to fold in somebody new. */
  readonly items: Float32Array;
  readonly gram: Float64Array;
}

export function embedReaders(world: World, { dim = 32, iterations = 6 } = {}): ReaderEmbeddings {
  const known = world.readers.filter(({ split }) => split === 'pretrain' || split === 'train');
  const factors: Factors = factorize({
    ...ALS_WEIGHTS,
    clicks: known.map(({ index }) => world.clicks[index]!),
    itemCount: world.catalogue.length,
    dim,
    iterations,
    random: seededRandom(world.seed, 'als').next,
  });
  const { items, gram } = factors;
  const users = new Float32Array(world.readers.length * dim);
  const rowOfKnown = new Map(known.map(({ index }, row) => [index, row]));
  world.clicks.forEach((clicks, index) => {
    const row = rowOfKnown.get(index);
    const user =
      row === undefined
        ? foldIn({ ...ALS_WEIGHTS, items, gram, dim, clicks })
        : factors.users.subarray(row * dim, (row + 1) * dim);
    users.set(user, index * dim);
  });
  return { dim, users, items, gram };
}

/** The embedding [dim] of one reader; a view, not a copy. */
export function embeddingOf({ users, dim }: ReaderEmbeddings, index: number): Float32Array {
  return users.subarray(index * dim, (index + 1) * dim);
}
