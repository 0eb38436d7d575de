/**
 * A person who is known by several sources, as one vector: each source whitened by what its users were like in training, one behind the other,
 * and for each a flag that says whether it is there. A source that is missing is zeros, its mean; so one projector reads people with one source
 * and with all. A source may tell instead, or beside, what the person has that people alike have not (after DEP, arXiv 2507.20849): the whitened
 * vector minus the mean of the nearest means of groups, which are in the JSON; nobody else's vector is.
 */
import { E2PError } from '../error.ts';
import { createReader } from './read-untrusted.ts';
import { EMBEDDING_LIMITS } from './stored-embeddings.ts';
import { checkEmbedding, type EmbeddingInput, type UserEmbedding } from './user-embedding.ts';

/** What an app ships beside the projector, as JSON; `fitFusion` of `e2p-web/train` makes it. */
export interface Fusion {
  /** Of this JSON. */
  readonly version: 1;
  /** Of the vector that comes out; its length is that of all sources and one for each. */
  readonly space: string;
  /** In the order in which they stand in the vector. */
  readonly sources: readonly FusionSource[];
}

/** One of several embedding spaces, and what its training users were like. */
export interface FusionSource {
  /** By which an embedding says that it is of this source. */
  readonly space: string;
  /** [dim] */
  readonly mean: readonly number[];
  /** [dim], above 0: the standard deviation. */
  readonly scale: readonly number[];
  /** Where the person is told by the difference to people alike. */
  readonly peers?: {
    /** [groups, dim], whitened: what groups of training users are like. */
    readonly means: readonly (readonly number[])[];
    /** How many of them, the nearest ones, are people alike. */
    readonly nearest: number;
    /** Behind the vector itself; false: in its place. */
    readonly beside: boolean;
    /** [dim], above 0: the standard deviation of differences. */
    readonly scale: readonly number[];
  };
}

export type FusionPeers = NonNullable<FusionSource['peers']>;

/** Numbers that a source has in the fused vector, its flag included. */
export const sourceWidth = ({ mean, peers }: FusionSource): number =>
  (peers?.beside ? 2 : 1) * mean.length + 1;

/** @param whitened [dim] */
export function differenceToPeers(
  whitened: readonly number[],
  { means, nearest, scale }: FusionPeers,
): number[] {
  const far = means.map((mean) => whitened.reduce((sum, v, k) => sum + (v - mean[k]!) ** 2, 0));
  const alike = [...means.keys()].sort((a, b) => far[a]! - far[b]!).slice(0, nearest);
  return whitened.map((v, k) => (v - alike.reduce((sum, n) => sum + means[n]![k]! / nearest, 0)) / scale[k]!);
}

/** Sources at most (CWE-770). */
const MOST_SOURCES = 32;
/** Groups of people alike at most (CWE-770). */
const MOST_GROUPS = 4096;

/**
 * One vector of what is known of a person.
 * @param fusion nobody vouches for it: it may come from a file
 * @param given a vector of some of its sources, or of all, in any order
 * @throws E2PError `invalid-data` for the fusion; `invalid-embedding` for a vector that none of its sources has, for two of one source, and
 *   for none at all: who is not known is nobody's embedding
 */
export function fuseEmbeddings(fusion: Fusion, given: readonly EmbeddingInput[]): UserEmbedding {
  const { space, sources } = checkFusion(fusion);
  // An object by source, as `fitFusion` takes, is the likeliest mistake.
  const isList = Array.isArray(given) && given.every((each) => typeof each === 'object' && each !== null);
  if (!isList) refuse('something else', 'a list of embeddings, {space, values} each');
  if (given.length === 0) refuse('none', 'at least one of its sources');
  const bySpace = new Map(given.map((embedding) => [embedding.space, embedding]));
  if (bySpace.size < given.length) refuse('two of one source', 'one of each at most');
  const known = sources.filter((source) => bySpace.has(source.space));
  if (known.length < given.length) refuse('one of another space', sources.map((s) => s.space).join(', '));
  const fused = sources.flatMap((source) => {
    const { space: id, mean, scale, peers } = source;
    const embedding = bySpace.get(id);
    if (embedding === undefined) return new Array<number>(sourceWidth(source)).fill(0);
    const { values: found } = checkEmbedding(embedding, { id, dim: mean.length, vectors: 1 });
    const whitened = Array.from(found, (value, k) => (value - mean[k]!) / scale[k]!);
    if (peers === undefined) return [...whitened, 1];
    return [...(peers.beside ? whitened : []), ...differenceToPeers(whitened, peers), 1];
  });
  const values = Float32Array.from(fused);
  // A tiny scale makes of an ordinary number one that float32 has not.
  if (!values.every(Number.isFinite))
    refuse(
      'numbers that float32 can not hold, once whitened',
      "vectors near the fusion's means, in its scales",
    );
  return { space, values };
}

/** @throws E2PError `invalid-data` naming `subject` and the field */
export function checkFusion(fusion: Fusion, subject = 'the fusion'): Fusion {
  const reader = createReader('invalid-data', subject);
  const { version, space, sources } = reader.fields(fusion, '', ['version', 'space', 'sources']);
  if (version !== 1) reader.refuse('version', '1');
  reader.text(space, 'space', EMBEDDING_LIMITS.space);
  const listed = reader.list(sources, 'sources', MOST_SOURCES);
  if (listed.length === 0) reader.refuse('sources', 'a list of one or more');
  const names = listed.map((source, i) => {
    const at = `sources[${i}]`;
    const fields = reader.fields(source, at, ['space', 'mean', 'scale', 'peers']);
    const mean = reader.list(fields.mean, `${at}.mean`, EMBEDDING_LIMITS.dim);
    const scale = reader.list(fields.scale, `${at}.scale`, EMBEDDING_LIMITS.dim);
    if (mean.length === 0 || scale.length !== mean.length)
      reader.refuse(`${at}.scale`, `${mean.length || 'some'} numbers, as the mean`);
    for (const value of mean) reader.finite(value, `${at}.mean`);
    if (!scale.every((value) => reader.finite(value, `${at}.scale`) > 0))
      reader.refuse(`${at}.scale`, 'numbers above 0');
    if (fields.peers !== undefined) checkPeers(reader, fields.peers, `${at}.peers`, mean.length);
    return reader.text(fields.space, `${at}.space`, EMBEDDING_LIMITS.space);
  });
  if (new Set(names).size < names.length) reader.refuse('sources', 'of different spaces');
  return fusion;
}

function checkPeers(reader: ReturnType<typeof createReader>, peers: unknown, at: string, dim: number): void {
  const { means, nearest, beside, scale } = reader.fields(peers, at, ['means', 'nearest', 'beside', 'scale']);
  const groups = reader.list(means, `${at}.means`, MOST_GROUPS);
  const numbers = (list: unknown, field: string, isRight = (_: number) => true) => {
    const found = reader.list(list, field, dim);
    if (found.length !== dim || !found.every((value) => isRight(reader.finite(value, field))))
      reader.refuse(field, `${dim} numbers, as the mean`);
  };
  for (const [n, group] of groups.entries()) numbers(group, `${at}.means[${n}]`);
  numbers(scale, `${at}.scale`, (value) => value > 0);
  const isCount =
    Number.isInteger(nearest) && (nearest as number) >= 1 && (nearest as number) <= groups.length;
  if (!isCount) reader.refuse(`${at}.nearest`, `a whole number from 1 to ${groups.length}, the groups`);
  if (typeof beside !== 'boolean') reader.refuse(`${at}.beside`, 'true or false');
}

function refuse(found: string, expected: string): never {
  throw new E2PError('invalid-embedding', `the embeddings to fuse: found ${found}, expected ${expected}`);
}
