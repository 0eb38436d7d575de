/**
 * The decoder in primitive operators, for a fixed batch and length: every node has a gradient rule. Think of it
 * as the reference that the fused export must equal, and as the graph that training differentiates. Rows are
 * padded on the right, so the causal mask alone keeps padding out of what comes before it.
 */
import type { GraphBuilder, ValueName } from '../../src/onnx/builder.ts';
import { EMBEDDING, finalNorm, type LlamaConfig, layerWeights, ropeTables } from './llama-config.ts';

export interface DecoderOptions {
  readonly config: LlamaConfig;
  readonly batch: number;
  /** Positions in a row. */
  readonly length: number;
  /** Where a weight is found in the graph, by its name in `llamaWeightShapes`. */
  readonly weight?: (name: string) => ValueName;
}

/** Stands for -∞ in the causal mask: exp of it is 0, and no NaN can arise from it. */
const MASKED = -1e9;

/** Input embeddings [batch, length, H] → normalised final hidden states [batch · length, H]. */
export function decoder(g: GraphBuilder, embeddings: ValueName, options: DecoderOptions): ValueName {
  const { config, batch, length, weight = (name) => name } = options;
  const rows = batch * length;
  const attend = attention(g, options);

  let x = g.reshape(embeddings, [rows, config.hiddenSize]);
  for (let i = 0; i < config.layers; i++) {
    const w = layerWeights(i);
    // x + Wₒ·attention(W_qkv·norm(x))
    const qkv = g.matMul(
      rmsNorm(g, x, weight(w.inputNorm), config),
      g.concat([weight(w.q), weight(w.k), weight(w.v)], 1),
    );
    x = g.add(x, g.matMul(attend(qkv), weight(w.o)));
    // x + W_down·(silu(W_gate·n) ⊙ W_up·n), n = norm(x)
    const both = g.matMul(
      rmsNorm(g, x, weight(w.mlpNorm), config),
      g.concat([weight(w.gate), weight(w.up)], 1),
    );
    const [gate, up] = split(g, both, 1, [config.intermediateSize, config.intermediateSize]);
    const hidden = g.mul(g.mul(gate!, g.sigmoid(gate!)), up!);
    x = g.add(x, g.matMul(hidden, weight(w.down)));
  }
  return rmsNorm(g, x, weight(finalNorm(config)), config);
}

/** Hidden states [rows, H] → logits [rows, V], through the transposed embedding table. */
export function tiedHead(
  g: GraphBuilder,
  hidden: ValueName,
  { weight = (name) => name }: DecoderOptions,
): ValueName {
  return g.matMul(hidden, g.transpose(weight(EMBEDDING), [1, 0]));
}

/** x / √(mean(x²) + ε) ⊙ w */
function rmsNorm(g: GraphBuilder, x: ValueName, w: ValueName, { rmsEpsilon }: LlamaConfig): ValueName {
  const rms = g.op('Sqrt', [g.add(g.reduceMean(g.mul(x, x), [-1]), g.float(rmsEpsilon))]);
  return g.mul(g.mul(x, g.op('Reciprocal', [rms])), w);
}

/** Fused projections [rows, (heads + 2·kvHeads)·headDim] → attended values [rows, heads·headDim]. */
function attention(g: GraphBuilder, options: DecoderOptions): (qkv: ValueName) => ValueName {
  const { config, batch, length } = options;
  const { heads, kvHeads, headDim } = config;
  const rotated = heads + kvHeads;
  const rotate = rotary(g, options);
  const mask = g.tensor(
    g.fresh('causal'),
    [length, length],
    Float32Array.from({ length: length * length }, (_, at) =>
      at % length > Math.floor(at / length) ? MASKED : 0,
    ),
  );
  // Query heads that share a key head become more rows of one matrix product.
  const perGroup = (heads / kvHeads) * length;
  return (qkv) => {
    const perHead = g.transpose(g.reshape(qkv, [batch, length, rotated + kvHeads, headDim]), [0, 2, 1, 3]);
    const [qk, v] = split(g, perHead, 1, [rotated, kvHeads]);
    const [qs, k] = split(g, rotate(qk!), 1, [heads, kvHeads]);
    const q = g.reshape(qs!, [batch, kvHeads, perGroup, headDim]);
    const scores = g.reshape(g.matMul(q, g.transpose(k!, [0, 1, 3, 2])), [batch, heads, length, length]);
    const weights = g.reshape(g.softmax(g.add(scores, mask)), [batch, kvHeads, perGroup, length]);
    const mixed = g.reshape(g.matMul(weights, v!), [batch, heads, length, headDim]);
    return g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [batch * length, heads * headDim]);
  };
}

/**
 * Rotary positions, half-split: [a, b] → [a·cos − b·sin, b·cos + a·sin], written x·C + [b, a]·S with the sign in
 * S. The tables also carry the 1/√headDim of the scores, on the query heads.
 */
function rotary(g: GraphBuilder, { config, length }: DecoderOptions): (qk: ValueName) => ValueName {
  const { heads, kvHeads, headDim } = config;
  const half = headDim / 2;
  const { cos, sin } = ropeTables(config, length);
  const perHead = length * headDim;
  const table = (name: string, values: Float32Array, sign: (channel: number) => number) =>
    g.tensor(
      g.fresh(name),
      [heads + kvHeads, length, headDim],
      Float32Array.from({ length: (heads + kvHeads) * perHead }, (_, at) => {
        const channel = at % headDim;
        const position = Math.floor((at % perHead) / headDim);
        const scale = at < heads * perHead ? headDim ** -0.5 : 1;
        return scale * sign(channel) * values[position * half + (channel % half)]!;
      }),
    );
  const c = table('cos', cos, () => 1);
  const s = table('sin', sin, (channel) => (channel < half ? -1 : 1));
  return (qk) => {
    const [a, b] = split(g, qk, 3, [half, half]);
    const swapped = g.concat([b!, a!], 3);
    return g.add(g.mul(qk, c), g.mul(swapped, s));
  };
}

/** Parts of the given sizes along an axis. */
function split(g: GraphBuilder, x: ValueName, axis: number, sizes: readonly number[]): ValueName[] {
  const outputs = sizes.map(() => g.fresh('part'));
  g.op('Split', [x, g.ints(sizes)], { outputs, attributes: { axis } });
  return outputs;
}
