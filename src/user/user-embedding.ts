/**
 * A user embedding as it comes from an app: checked against the space it claims before it is believed. An
 * embedding is personal data (it can be inverted), so no value of it ever appears in a message.
 */
import { E2PError, readArgument } from '../error.ts';

/** A person as numbers of one embedding space. */
export interface UserEmbedding {
  /** Name of the embedding space, version included, e.g. `podcasts-v3`. */
  readonly space: string;
  /** [dim]; where a user is a set of vectors [n, dim], one row behind the other, their order without meaning. */
  readonly values: Float32Array;
}

/** As an app may give it. */
export interface EmbeddingInput {
  readonly space: string;
  readonly values: Float32Array | readonly number[];
}

/** What a projector reads: the name of its space, the length of a vector, and how many vectors a user may have. */
export interface EmbeddingSpace {
  readonly id: string;
  readonly dim: number;
  /** Vectors that a user may be a set of, at most; 1 = one vector. */
  readonly vectors: number;
  /** Hub id of the sentence encoder that makes its vectors from words; absent where they are not about words. */
  readonly encoder?: string;
  /** A set is weighed by what is asked, which needs the encoder in every session. */
  readonly byQuestion?: true;
}

/**
 * A private copy of the embedding.
 * @throws E2PError `invalid-embedding` for another space, a wrong length or a number that is not finite.
 */
export function checkEmbedding(embedding: EmbeddingInput, space: EmbeddingSpace): UserEmbedding {
  const { id, given, values } = readArgument('the embedding', () => ({
    id: embedding.space,
    given: embedding.values,
    values: floatsOf(embedding.values),
  }));
  if (id !== space.id) {
    const isName = typeof id === 'string' && id.length <= 200;
    throw new E2PError(
      'invalid-embedding',
      `the embedding is of space ${isName ? JSON.stringify(id) : 'without a name'}, the projector reads ${JSON.stringify(space.id)}`,
    );
  }
  const { dim, vectors } = space;
  const count = (values?.length ?? 0) / dim;
  if (values === undefined || !(Number.isInteger(count) && count >= 1 && count <= vectors)) {
    const found = values === undefined ? typeof given : `${values.length} numbers`;
    const expected = vectors === 1 ? `${dim} numbers` : `1 to ${vectors} rows of ${dim} numbers`;
    throw new E2PError(
      'invalid-embedding',
      `the embedding holds ${found}, expected a Float32Array of ${expected}`,
    );
  }
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    throw new E2PError('invalid-embedding', `the embedding is not finite at index ${bad}`);
  }
  return { space: id, values: values.slice() };
}

/** Numbers in a list are as good as in a `Float32Array`; undefined for whatever else. */
export function floatsOf(values: EmbeddingInput['values']): Float32Array | undefined {
  if (values instanceof Float32Array) return values;
  const isList = Array.isArray(values) && values.every((value) => typeof value === 'number');
  return isList ? Float32Array.from(values) : undefined;
}
