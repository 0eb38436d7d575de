/**
 * `e2p-web/transformers`: a text-generation pipeline of Transformers.js (https://huggingface.co/docs/transformers.js, version 4) takes the
 * soft tokens of a person; its options, samplers and streamers stay its own.
 */
/// <reference lib="esnext.disposable" />
import { t as ModelFiles } from "./handed-files.js";
import { t as EmbeddingInput } from "./user-embedding.js";
/** Of `personalize`. */
interface PersonalizeOptions {
  /** The pipeline's model once more: its folder (in Node), the URL of that, its Hub id, or its files. */
  readonly model: string | ModelFiles;
  /** Path (in Node) or URL of a projector file, or the file. */
  readonly projector: string | Blob;
  /** λ: 0 = the average user, 1 = as trained (default). */
  readonly strength?: number;
}
/** The person a pipeline answers for. */
interface GeneratorUser {
  /**
   * Calls from now on are for this person; one that runs goes on for the person before.
   * @throws E2PError `invalid-embedding`
   */
  set(embedding: EmbeddingInput): Promise<void>;
  /** Forgets the person. */
  clear(): Promise<void>;
}
/** The generator as it was, and the person it answers for. */
type PersonalGenerator<T> = T & {
  readonly user: GeneratorUser;
};
/**
 * The given generator goes on working, on the same new session. Nothing may generate meanwhile.
 * @param generator what `pipeline('text-generation', …)` gave
 * @throws E2PError naming the file and what is wrong with it; the generator is then as it was
 */
export declare function personalize<T extends object>(generator: T, options: PersonalizeOptions): Promise<PersonalGenerator<T>>;
export type { EmbeddingInput, GeneratorUser, ModelFiles, PersonalGenerator, PersonalizeOptions };