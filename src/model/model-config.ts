/** What generation needs of `config.json` and `generation_config.json`, checked once at the edge. */
import { E2PError } from '../error.ts';

/** Precision variants, with the file suffixes that Hub exports use. */
export const DTYPE_SUFFIX = {
  fp32: '',
  fp16: '_fp16',
  q4: '_q4',
  q4f16: '_q4f16',
  int8: '_int8',
  uint8: '_uint8',
  q8: '_quantized',
} as const;
export type Dtype = keyof typeof DTYPE_SUFFIX;

export interface ModelConfig {
  /** `model_type`, e.g. llama. */
  readonly type: string;
  /** Longest sequence, prompt and answer together, in tokens. */
  readonly contextLength: number;
  readonly attention:
    | { readonly heads: number; readonly kvHeads: number; readonly headSize: number }
    | undefined;
  readonly bosTokenId: number | undefined;
  readonly eosTokenIds: readonly number[];
  /** The model's own sampling defaults; greedy unless it asks for sampling. */
  readonly sampling: {
    readonly temperature: number;
    readonly topK: number;
    readonly topP: number;
    readonly minP: number;
    readonly repetitionPenalty: number;
  };
}

type Json = Readonly<Record<string, unknown>>;

/** @throws E2PError `invalid-model` naming the field. */
export function parseModelConfig(config: Json, generation: Json, name: string): ModelConfig {
  // Multimodal configs keep the language model's fields one level down.
  const text =
    typeof config.text_config === 'object' ? { ...config, ...(config.text_config as Json) } : config;
  const integer = (field: string, from: Json = text): number | undefined => {
    const value = from[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
      throw new E2PError(
        'invalid-model',
        `${name}: config field ${field} is ${JSON.stringify(value)}, expected a whole number`,
      );
    }
    return value;
  };
  const number = (field: string, fallback: number): number => {
    const value = generation[field];
    return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
  };
  const heads = integer('num_attention_heads') ?? integer('n_head');
  const hidden = integer('hidden_size') ?? integer('n_embd');
  const headSize = integer('head_dim') ?? (heads && hidden ? hidden / heads : undefined);
  const samples = generation.do_sample === true;
  return {
    type: typeof config.model_type === 'string' ? config.model_type : 'unknown',
    contextLength: integer('max_position_embeddings') ?? integer('n_positions') ?? 2048,
    attention:
      heads && headSize ? { heads, kvHeads: integer('num_key_value_heads') ?? heads, headSize } : undefined,
    bosTokenId: integer('bos_token_id', generation) ?? integer('bos_token_id'),
    eosTokenIds: tokenIds(generation.eos_token_id ?? text.eos_token_id),
    sampling: {
      temperature: samples ? number('temperature', 1) : 0,
      topK: number('top_k', 0),
      topP: number('top_p', 1),
      minP: number('min_p', 0),
      repetitionPenalty: number('repetition_penalty', 1),
    },
  };
}

/** `genai_config.json` of onnxruntime-genai as the two files that Transformers has; for folders that hold nothing else. */
export function fromGenaiConfig(genai: Json): { readonly config: Json; readonly generation: Json } {
  const object = (value: unknown): Json =>
    typeof value === 'object' && value !== null ? (value as Json) : {};
  const model = object(genai.model);
  const { head_size: head_dim, ...decoder } = object(model.decoder);
  return {
    config: {
      ...decoder,
      ...{ model_type: model.type, head_dim, vocab_size: model.vocab_size },
      ...{ bos_token_id: model.bos_token_id, eos_token_id: model.eos_token_id },
      max_position_embeddings: model.context_length,
    },
    generation: object(genai.search),
  };
}

/**
 * The variant that a Hub repository asks for (`transformers.js_config.dtype` of config.json: a name, or names by
 * file). Its other entries, external data and the type of the cache, are read from the graph itself.
 */
export function declaredDtype(config: Json): Dtype | undefined {
  const declared = (config['transformers.js_config'] as Json | undefined)?.dtype;
  const name = typeof declared === 'object' && declared !== null ? (declared as Json).model : declared;
  return typeof name === 'string' && Object.hasOwn(DTYPE_SUFFIX, name) ? (name as Dtype) : undefined;
}

function tokenIds(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return Array.isArray(value) ? value.filter((v): v is number => typeof v === 'number') : [];
}
