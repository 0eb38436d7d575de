/** What generation needs of `config.json` and `generation_config.json`, or of `genai_config.json`, checked once at the edge. */
import * as v from 'valibot';
import { DTYPE_SUFFIX, type Dtype } from '../onnx/dtype.ts';
import { checkJson, type JsonOrigin, object, whole } from '../storage/check-json.ts';

export { DTYPE_SUFFIX, type Dtype };

export interface ModelConfig {
  /** `model_type`, e.g. llama. */
  readonly type: string;
  /**
   * The variant that a Hub repository asks for (`transformers.js_config.dtype`: a name, or names by file). Its other
   * entries, external data and the type of the cache, are read from the graph itself.
   */
  readonly declaredDtype: Dtype | undefined;
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

const number = v.nullish(v.number('a number'));
const wholeNumber = whole(0, Infinity, 'a whole number');
const count = v.nullish(wholeNumber);
const TOKENS = {
  bos_token_id: count,
  eos_token_id: v.nullish(
    v.pipe(
      v.union([wholeNumber, v.array(wholeNumber)], 'a token id or a list of them'),
      v.transform((ids) => [ids].flat()),
    ),
  ),
};
/** Some models have another number in each layer; then the graph states them. */
const perLayer = v.nullish(
  v.pipe(
    v.union([wholeNumber, v.array(wholeNumber)], 'a whole number or a list of them'),
    v.transform((found) => (typeof found === 'number' ? found : undefined)),
  ),
);
const DECODER = { num_attention_heads: perLayer, num_key_value_heads: perLayer, hidden_size: count };
const TEXT = {
  ...TOKENS,
  ...DECODER,
  ...{ head_dim: count, n_head: count, n_embd: count },
  ...{
    max_position_embeddings: count,
    n_positions: count,
    n_ctx: count,
    max_seq_len: count,
    seq_length: count,
  },
};
const SAMPLING = {
  do_sample: v.nullish(v.boolean('true or false')),
  temperature: number,
  top_k: number,
  top_p: number,
  min_p: number,
  repetition_penalty: number,
};
const type = v.nullish(v.string('text'));
const DTYPE = v.union(
  [v.string(), object({ model: v.nullish(v.string()) })],
  'a precision or an object of precisions by file',
);

const CONFIG = object({
  ...TEXT,
  model_type: type,
  // Multimodal configs keep the language model's fields one level down.
  text_config: v.nullish(object(TEXT)),
  'transformers.js_config': v.nullish(object({ dtype: v.nullish(DTYPE) })),
});
const GENERATION = object({ ...TOKENS, ...SAMPLING });
const GENAI_DECODER = object({ ...DECODER, head_size: count });
const GENAI = object({
  model: v.nullish(object({ ...TOKENS, type, context_length: count, decoder: v.nullish(GENAI_DECODER) })),
  search: v.nullish(object(SAMPLING)),
});

/**
 * @param name of the folder
 * @throws E2PError `invalid-model` naming file and field; what is null or absent is as if nothing were said
 */
export function parseModelConfig(config: Json, generation: Json, name: string): ModelConfig {
  const { text_config, ...outer } = checkJson(CONFIG, config, from(name, 'config.json'));
  const text = { ...outer, ...text_config };
  const { do_sample, ...said } = checkJson(GENERATION, generation, from(name, 'generation_config.json'));
  const heads = text.num_attention_heads ?? text.n_head;
  const hidden = text.hidden_size ?? text.n_embd;
  const headSize = text.head_dim ?? (heads && hidden ? hidden / heads : undefined);
  // Python writes Infinity.
  const finite = (value: number | null | undefined, fallback: number): number =>
    typeof value === 'number' && Number.isFinite(value) ? value : fallback;
  return {
    type: outer.model_type ?? 'unknown',
    declaredDtype: dtypeOf(outer['transformers.js_config']?.dtype),
    contextLength:
      text.max_position_embeddings ??
      text.n_positions ??
      text.n_ctx ??
      text.max_seq_len ??
      text.seq_length ??
      2048,
    attention:
      heads && headSize ? { heads, kvHeads: text.num_key_value_heads ?? heads, headSize } : undefined,
    bosTokenId: said.bos_token_id ?? text.bos_token_id ?? undefined,
    eosTokenIds: said.eos_token_id ?? text.eos_token_id ?? [],
    sampling: {
      temperature: do_sample ? finite(said.temperature, 1) : 0,
      topK: finite(said.top_k, 0),
      topP: finite(said.top_p, 1),
      minP: finite(said.min_p, 0),
      repetitionPenalty: finite(said.repetition_penalty, 1),
    },
  };
}

/**
 * `genai_config.json` of onnxruntime-genai as the two files that Transformers has; for folders that hold nothing else.
 * @throws E2PError `invalid-model` naming the field
 */
export function fromGenaiConfig(
  genai: Json,
  name: string,
): { readonly config: Json; readonly generation: Json } {
  const { model, search } = checkJson(GENAI, genai, from(name, 'genai_config.json'));
  const { type: model_type, context_length: max_position_embeddings, decoder, ...tokens } = model ?? {};
  const { head_size: head_dim, ...sizes } = decoder ?? {};
  return {
    config: { ...sizes, ...tokens, head_dim, model_type, max_position_embeddings },
    generation: search ?? {},
  };
}

/** A variant that is not known is as if nothing were said. */
function dtypeOf(declared: v.InferOutput<typeof DTYPE> | null | undefined): Dtype | undefined {
  const name = typeof declared === 'object' ? declared?.model : declared;
  return typeof name === 'string' && Object.hasOwn(DTYPE_SUFFIX, name) ? (name as Dtype) : undefined;
}

const from = (file: string, what: string): JsonOrigin => ({ code: 'invalid-model', file, what });
