/// <reference lib="esnext.disposable" />
import "./file-source.js";
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
/** A model folder that the app has in its hands: of its own bundle, or chosen by the person. */
interface ModelFiles {
  /** For messages. */
  readonly name: string;
  /** By path inside the folder: `config.json`, `tokenizer.json`, `onnx/model_q4.onnx` … */
  readonly files: Readonly<Record<string, Blob>>;
}
export { UserEmbedding as i, EmbeddingInput as n, EmbeddingSpace as r, ModelFiles as t };