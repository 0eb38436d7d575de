/** What turns several embeddings of a person into one, measured on those who are trained on. */
import type { Fusion } from '../user/fuse-embeddings.ts';
import { standardisation } from './standardise.ts';
import type { Users } from './training-data.ts';

/**
 * For `fuseEmbeddings`. Of each source all users who have it count, whether they have others or not.
 * @param space name of the space of the fused vectors
 * @param sources users with one vector each, by the name of its space
 * @throws E2PError `invalid-data` for a source without users
 */
export function fitFusion(space: string, sources: Readonly<Record<string, Users>>): Fusion {
  const fitted = Object.entries(sources).map(([name, { rows, dim }]) => ({
    space: name,
    ...standardisation([...rows.values()], dim),
  }));
  return { version: 1, space, sources: fitted };
}
