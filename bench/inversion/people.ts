/**
 * More readers of the default model's world, folded in by item factors that were fitted on none of them: so a projector that is trained on some owes them
 * nothing but its training, and who was not trained on reads the same stories as who was.
 */
import { foldIn } from '../../src/node.ts';
import type { Users } from '../../src/train.ts';
import { WORLD_SEED } from '../../tools/default/default-setup.ts';
import { ALS_WEIGHTS } from '../../tools/world/embed.ts';
import type { Reader } from '../../tools/world/reader.ts';
import { buildWorld, readersOf } from '../../tools/world/world.ts';
import type { Attacked } from './readers.ts';

/** Readers whom the factors were fitted on: the first of the larger world are those of the default one. */
const KNOWN = { pretrain: 1000, train: 1600 } as const;

export interface MorePeople {
  /** Everybody's embedding, by id. */
  readonly users: Users;
  /** Of those whom the factors know, as new people: what standardises, and needs no protection. */
  readonly reference: Users;
  readonly people: readonly Reader[];
  /** Others, for whom there are other stories. */
  readonly test: readonly Reader[];
}

export function morePeople({ embeddings: { items, gram, dim } }: Attacked, count: number): MorePeople {
  const sizes = { ...KNOWN, train: KNOWN.train + count, validation: 200, test: 400 };
  const world = buildWorld({ seed: WORLD_SEED, readers: sizes });
  const folded = (readers: readonly Reader[]): Users => ({
    dim,
    rows: new Map(
      readers.map(({ id, index }) => [
        id,
        foldIn({ ...ALS_WEIGHTS, items, gram, dim, clicks: world.clicks[index]! }),
      ]),
    ),
  });
  const people = readersOf(world, 'train').slice(KNOWN.train);
  const test = readersOf(world, 'test');
  return {
    ...{ people, test },
    users: folded([...people, ...test]),
    reference: folded(readersOf(world, 'pretrain')),
  };
}
