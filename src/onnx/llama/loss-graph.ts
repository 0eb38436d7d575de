/**
 * Next-token cross-entropy over the primitive decoder, with its gradient: the graphs that are trained on.
 * `pretrain` has every weight as an input and its gradient as an output; `soft` has the weights inside, frozen,
 * and gives the gradient of the soft tokens alone.
 *
 * loss = Σ wᵢ · -log p(tokenᵢ | tokens before it), so weights that sum to 1 make it a mean, and gradients of
 * parts of a batch simply add up.
 */
import { GraphBuilder, type ValueName } from '../builder.ts';
import { differentiate } from '../gradient/differentiate.ts';
import type { OnnxModel } from '../onnx-model.ts';
import { DataType } from '../onnx-model.ts';
import { type DecoderOptions, decoder, tiedHead } from './decoder.ts';
import { EMBEDDING, type LlamaConfig, type LlamaWeights, llamaWeightShapes } from './llama-config.ts';

export interface LossGraphOptions {
  readonly config: LlamaConfig;
  readonly batch: number;
  /** Positions in a row, soft tokens and padding included. */
  readonly length: number;
  /** false: the forward pass only. Default true. */
  readonly gradient?: boolean;
}

export interface SoftLossGraphOptions extends LossGraphOptions {
  readonly weights: LlamaWeights;
  /** Soft tokens in a row, K. Default 1. */
  readonly softTokens?: number;
}

/**
 * The graph for training all weights.
 *
 * Inputs: `input_ids` int64 [batch, length]; `loss_weights` float32 [batch, length], the weight of each token as a
 * target (that of the first is ignored; 0 on padding); every weight of `llamaWeightShapes` by its name.
 * Outputs: `loss` []; `row_loss` [batch], its summands by row; `grad/<weight>`.
 */
export function pretrainGraph({ config, batch, length, gradient = true }: LossGraphOptions): OnnxModel {
  const g = new GraphBuilder();
  const ids = g.input('input_ids', 'int64', [batch, length]);
  const shapes = llamaWeightShapes(config);
  for (const { name, dims } of shapes) g.input(name, 'float32', dims);
  nextTokenLoss(g, ids, g.gather(EMBEDDING, ids), { config, batch, length });
  const model = g.model({ name: 'pretrain' });
  return gradient ? differentiate(model, { loss: 'loss', wrt: shapes.map((s) => s.name) }) : model;
}

/**
 * The graph for training soft tokens through the frozen weights.
 *
 * Inputs: `input_ids` int64 [batch, length], with any id at the places of soft tokens; `soft_embeds` float32
 * [batch, K, H]; `soft_positions` int64 [batch, K], where in its row each of them stands (1 = right after BOS;
 * -1 = nowhere, the token under it stays); `loss_weights` float32 [batch, length] (0 on prompt, soft tokens and
 * padding).
 * Outputs: `loss` []; `row_loss` [batch], its summands by row (with weights 0 and 1 the summed negative
 * log-likelihood); `grad/soft_embeds` [batch, K, H].
 */
export function softLossGraph(options: SoftLossGraphOptions): OnnxModel {
  const { config, weights, batch, length, softTokens = 1, gradient = true } = options;
  const g = new GraphBuilder();
  const ids = g.input('input_ids', 'int64', [batch, length]);
  const soft = g.input('soft_embeds', 'float32', [batch, softTokens, config.hiddenSize]);
  const positions = g.input('soft_positions', 'int64', [batch, softTokens]);
  for (const { name, dims } of llamaWeightShapes(config)) g.tensor(name, dims, weights.get(name)!);
  const embeddings = placeSoftTokens(g, g.gather(EMBEDDING, ids), soft, positions, options);
  nextTokenLoss(g, ids, embeddings, { config, batch, length });
  const model = g.model({ name: 'soft-loss' });
  return gradient ? differentiate(model, { loss: 'loss', wrt: [soft] }) : model;
}

/**
 * E' = (1 - Σₖ P)·E + P·S, where P[b, t, k] = 1 if soft token k of row b stands at t: every row has places of its
 * own, and the gradient of S is the matrix product Pᵀ·dE'.
 */
function placeSoftTokens(
  g: GraphBuilder,
  embeddings: ValueName,
  soft: ValueName,
  positions: ValueName,
  { batch, length, softTokens = 1 }: SoftLossGraphOptions,
): ValueName {
  const int32 = { attributes: { to: DataType.int32 } };
  const places = g.tensor(
    'places',
    [1, length, 1],
    Int32Array.from({ length }, (_, i) => i),
  );
  const wanted = g.op('Cast', [g.reshape(positions, [batch, 1, softTokens])], int32);
  const placed = g.op('Cast', [g.op('Equal', [places, wanted])], { attributes: { to: DataType.float32 } });
  const kept = g.sub(g.float(1), g.reduceSum(placed, [2]));
  return g.add(g.mul(embeddings, kept), g.matMul(placed, soft));
}

/** Adds the input `loss_weights` and the outputs `loss` and `row_loss`. */
function nextTokenLoss(
  g: GraphBuilder,
  ids: ValueName,
  embeddings: ValueName,
  options: DecoderOptions,
): void {
  const { config, batch, length } = options;
  const predicted = batch * (length - 1);
  const weights = g.slice(g.input('loss_weights', 'float32', [batch, length]), 1, 1, length);
  const targets = g.reshape(g.slice(ids, 1, 1, length), [predicted, 1]);
  const hidden = g.reshape(decoder(g, embeddings, options), [batch, length, config.hiddenSize]);
  const predicting = g.reshape(g.slice(hidden, 1, 0, length - 1), [predicted, config.hiddenSize]);
  const logits = tiedHead(g, predicting, options);
  const logProbabilities = g.op('LogSoftmax', [logits], { attributes: { axis: -1 } });
  const picked = g.op('GatherElements', [logProbabilities, targets], { attributes: { axis: 1 } });
  const losses = g.mul(g.neg(g.reshape(picked, [batch, length - 1])), weights);
  const outputs = (name: string, axes: readonly number[], x: ValueName) =>
    g.op('ReduceSum', [x, g.ints(axes)], { attributes: { keepdims: 0 }, outputs: [name] });
  outputs('loss', [0], outputs('row_loss', [1], losses));
  g.output('loss', 'float32', []);
  g.output('row_loss', 'float32', [batch]);
}
