/** A model folder that the app has in its hands: of its own bundle, or chosen by the person. */
interface ModelFiles {
  /** For messages. */
  readonly name: string;
  /** By path inside the folder: `config.json`, `tokenizer.json`, `onnx/model_q4.onnx` … */
  readonly files: Readonly<Record<string, Blob>>;
}
interface UserEmbedding {
  /** Name of the embedding space, version included, e.g. `podcasts-v3`. */
  readonly space: string;
  /** [dim]; where a user is a set of vectors [n, dim], one row behind the other, their order without meaning. */
  readonly values: Float32Array;
}
/** `public/world/readers.json` */
export interface DefaultReaders {
  readonly readers: readonly {
    readonly name: string;
    /** What the embedding was drawn from, in words. */
    readonly about: string;
    readonly space: string;
    readonly values: readonly number[];
  }[];
  /** Prompts. */
  readonly stories: readonly string[];
}
export interface DefaultModel {
  /** For `Personalizer.create`. */
  readonly model: ModelFiles;
  /** For `Personalizer.create`. */
  readonly projector: Blob;
  readonly readers: readonly {
    readonly name: string;
    /** What the embedding was drawn from, in words. */
    readonly about: string;
    /** For `personalizer.user.set`. */
    readonly embedding: UserEmbedding;
  }[];
  /** Prompts: a few facts, of which the model makes a headline. */
  readonly stories: readonly string[];
}
/** Fetches 0.7 MB from where the app's bundler put the package's files. @throws E2PError `network`, naming the file */
export declare function loadDefaultModel(options?: {
  readonly signal?: AbortSignal;
}): Promise<DefaultModel>;
export {};