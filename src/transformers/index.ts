/**
 * `e2p-web/transformers`: a text-generation pipeline of Transformers.js (https://huggingface.co/docs/transformers.js, version 4) takes the
 * soft tokens of a person; its options, samplers and streamers stay its own.
 */
export type { ModelFiles } from '../storage/handed-files.ts';
export type { EmbeddingInput } from '../user/user-embedding.ts';
export {
  type GeneratorUser,
  type PersonalGenerator,
  type PersonalizeOptions,
  personalize,
} from './personalize.ts';
