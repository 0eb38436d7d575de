/// <reference lib="esnext.disposable" />
import { t as ModelFiles } from "./handed-files.js";
import { r as UserEmbedding } from "./user-embedding.js";
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
/** The shipped model with what it needs, each as `Personalizer` takes it. */
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