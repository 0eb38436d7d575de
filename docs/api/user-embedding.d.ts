/** A person as numbers of one embedding space. */
interface UserEmbedding {
  /** Name of the embedding space, version included, e.g. `podcasts-v3`. */
  readonly space: string;
  /** [dim]; where a user is a set of vectors [n, dim], one row behind the other, their order without meaning. */
  readonly values: Float32Array;
}
/** As an app may give it. */
interface EmbeddingInput {
  readonly space: string;
  readonly values: Float32Array | readonly number[];
}
/** What a projector reads: the name of its space, the length of a vector, and how many vectors a user may have. */
interface EmbeddingSpace {
  readonly id: string;
  readonly dim: number;
  /** Vectors that a user may be a set of, at most; 1 = one vector. */
  readonly vectors: number;
  /** Hub id of the sentence encoder that makes its vectors from words; absent where they are not about words. */
  readonly encoder?: string;
}
export { EmbeddingSpace as n, UserEmbedding as r, EmbeddingInput as t };