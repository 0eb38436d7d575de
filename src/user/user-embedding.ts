/**
 * A user embedding as it comes from an app: checked against the space it claims before it is believed. An
 * embedding is personal data (it can be inverted), so no value of it ever appears in a message.
 */
import { E2PError } from '../error.ts';

export interface UserEmbedding {
  /** Name of the embedding space, version included, e.g. `podcasts-v3`. */
  readonly space: string;
  /** [dim] */
  readonly values: Float32Array;
}

export interface EmbeddingSpace {
  readonly id: string;
  readonly dim: number;
}

/**
 * A private copy of the embedding.
 * @throws E2PError `invalid-embedding` for another space, a wrong length or a number that is not finite.
 */
export function checkEmbedding(embedding: UserEmbedding, space: EmbeddingSpace): UserEmbedding {
  const { space: id, values } = embedding;
  if (id !== space.id) {
    throw new E2PError(
      'invalid-embedding',
      `the embedding is of space ${JSON.stringify(id)}, the projector reads ${JSON.stringify(space.id)}`,
    );
  }
  if (!(values instanceof Float32Array) || values.length !== space.dim) {
    const found = values instanceof Float32Array ? `${values.length} numbers` : typeof values;
    throw new E2PError(
      'invalid-embedding',
      `the embedding holds ${found}, expected a Float32Array of ${space.dim} numbers`,
    );
  }
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    throw new E2PError('invalid-embedding', `the embedding is not finite at index ${bad}`);
  }
  return { space: id, values: values.slice() };
}
