/**
 * The numbers that define a Llama-style decoder (RMSNorm, rotary positions, grouped-query attention, SwiGLU,
 * output head tied to the embedding table), and the list of its weights. Weight names are those of the
 * onnxruntime-genai exports, matrices are [in, out] as MatMul takes them; so a weight has one name from
 * training to the exported file.
 */
export interface LlamaConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** Size of one head; onnxruntime's rotary attention wants a multiple of 16. */
  readonly headDim: number;
  readonly maxPositions: number;
  readonly rmsEpsilon: number;
  readonly ropeTheta: number;
}

export interface WeightShape {
  readonly name: string;
  readonly dims: readonly number[];
}

/** Every weight's values, row-major in the shape of {@link llamaWeightShapes}. */
export type LlamaWeights = ReadonlyMap<string, Float32Array>;

export const EMBEDDING = 'model.embed_tokens.weight';

/** Names of the weights of layer `i`. */
export const layerWeights = (i: number) => ({
  inputNorm: `model.layers.${i}.input_layernorm.weight`,
  q: `model.layers.${i}.attn.q_proj.MatMul.weight`,
  k: `model.layers.${i}.attn.k_proj.MatMul.weight`,
  v: `model.layers.${i}.attn.v_proj.MatMul.weight`,
  o: `model.layers.${i}.attn.o_proj.MatMul.weight`,
  mlpNorm: `model.layers.${i}.post_attention_layernorm.weight`,
  gate: `model.layers.${i}.mlp.gate_proj.MatMul.weight`,
  up: `model.layers.${i}.mlp.up_proj.MatMul.weight`,
  down: `model.layers.${i}.mlp.down_proj.MatMul.weight`,
});

/** The norm before the head has the name of a layer behind the last one, as in the exports. */
export const finalNorm = (config: LlamaConfig): string =>
  `model.layers.${config.layers}.final_norm_layernorm.weight`;

/** All weights, in the order of a forward pass. */
export function llamaWeightShapes(config: LlamaConfig): WeightShape[] {
  const { hiddenSize: h, intermediateSize: f } = config;
  const [q, kv] = [config.heads * config.headDim, config.kvHeads * config.headDim];
  const layer = (i: number): WeightShape[] => {
    const w = layerWeights(i);
    return [
      { name: w.inputNorm, dims: [h] },
      { name: w.q, dims: [h, q] },
      { name: w.k, dims: [h, kv] },
      { name: w.v, dims: [h, kv] },
      { name: w.o, dims: [q, h] },
      { name: w.mlpNorm, dims: [h] },
      { name: w.gate, dims: [h, f] },
      { name: w.up, dims: [h, f] },
      { name: w.down, dims: [f, h] },
    ];
  };
  return [
    { name: EMBEDDING, dims: [config.vocabSize, h] },
    ...Array.from({ length: config.layers }, (_, i) => layer(i)).flat(),
    { name: finalNorm(config), dims: [h] },
  ];
}

/**
 * Rotary angles, cos and sin, each [positions, headDim / 2]: angle(p, i) = p · theta^(-2i / headDim).
 */
export function ropeTables(
  { headDim, ropeTheta }: LlamaConfig,
  positions: number,
): { readonly cos: Float32Array; readonly sin: Float32Array } {
  const half = headDim / 2;
  const angle = (at: number) => Math.floor(at / half) * ropeTheta ** ((-2 * (at % half)) / headDim);
  const table = (f: (x: number) => number) =>
    Float32Array.from({ length: positions * half }, (_, at) => f(angle(at)));
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** The part of a Hub `config.json` that describes the architecture. */
export function hubConfig(config: LlamaConfig): Record<string, unknown> {
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    attention_bias: false,
    attention_dropout: 0,
    head_dim: config.headDim,
    hidden_act: 'silu',
    hidden_size: config.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositions,
    mlp_bias: false,
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    num_key_value_heads: config.kvHeads,
    rms_norm_eps: config.rmsEpsilon,
    rope_scaling: null,
    rope_theta: config.ropeTheta,
    tie_word_embeddings: true,
    torch_dtype: 'float32',
    use_cache: true,
    vocab_size: config.vocabSize,
  };
}
