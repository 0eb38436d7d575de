/** What turns one or several embeddings of a person into one, measured on those who are trained on. */
import { E2PError } from '../error.ts';
import {
  differenceToPeers,
  type Fusion,
  type FusionPeers,
  type FusionSource,
} from '../user/fuse-embeddings.ts';
import { clusterMeans } from './cluster-means.ts';
import { standardisation } from './standardise.ts';
import type { Users } from './training-data.ts';

const PEERS = { clusters: 32, nearest: 1, beside: true, least: 5, seed: 1 } as const;

/**
 * For `fuseEmbeddings`. Of each source all users who have it count, whether they have others or not.
 * @param space name of the space of the fused vectors
 * @param sources users with one vector each, by the name of its space
 * @param options `peers`: what a person has that people alike have not, in place of what they have or `beside` it (default): the whitened
 *   vector minus the mean of its `nearest` (1) of `clusters` (32) means of the users of its source, each of `least` (5) of them or more
 * @throws E2PError `invalid-data` for a source without users, or whose users form no group of `least`
 */
export function fitFusion(
  space: string,
  sources: Readonly<Record<string, Users>>,
  options: {
    /** Default: none. */
    readonly peers?: {
      /** Asked for; default 32. */
      readonly clusters?: number;
      /** Means of groups that are the peers; default 1. */
      readonly nearest?: number;
      /** Users of a group, at least; default 5. */
      readonly least?: number;
      /** Of the clustering; default 1. */
      readonly seed?: number;
      /** Default true. */
      readonly beside?: boolean;
    };
  } = {},
): Fusion {
  const fitted = Object.entries(sources).map(([name, { rows, dim }]): FusionSource => {
    const source = { space: name, ...standardisation([...rows.values()], dim) };
    if (options.peers === undefined) return source;
    const { nearest, beside, ...how } = { ...PEERS, ...options.peers };
    const whitened = [...rows.values()].map((row) =>
      Array.from(row, (v, k) => (v - source.mean[k]!) / source.scale[k]!),
    );
    const means = clusterMeans(whitened, how);
    if (!(nearest >= 1 && nearest <= means.length)) {
      throw new E2PError(
        'invalid-data',
        `${name}: nearest is ${nearest}, expected 1 to ${means.length}, as many groups as there are`,
      );
    }
    const raw: FusionPeers = { means, nearest, beside, scale: new Array<number>(dim).fill(1) };
    const differences = whitened.map((row) => Float32Array.from(differenceToPeers(row, raw)));
    return { ...source, peers: { ...raw, scale: standardisation(differences, dim).scale } };
  });
  return { version: 1, space, sources: fitted };
}
