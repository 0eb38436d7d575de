/**
 * Next-token cross-entropy over the primitive decoder, with the gradient of every weight: the graph that a base model is
 * pretrained on. (Projectors are trained on the graph that is deployed: `training-graph.ts`.)
 *
 * loss = Σ wᵢ · -log p(tokenᵢ | tokens before it), so weights that sum to 1 make it a mean, and gradients of
 * parts of a batch simply add up.
 */
import { GraphBuilder, type ValueName } from '../../src/onnx/builder.ts';
import { differentiate } from '../../src/onnx/gradient/differentiate.ts';
import type { OnnxModel } from '../../src/onnx/onnx-model.ts';
import { type DecoderOptions, decoder, tiedHead } from './decoder.ts';
import { EMBEDDING, type LlamaConfig, llamaWeightShapes } from './llama-config.ts';

export interface LossGraphOptions {
  readonly config: LlamaConfig;
  readonly batch: number;
  /** Positions in a row, soft tokens and padding included. */
  readonly length: number;
  /** false: the forward pass only. Default true. */
  readonly gradient?: boolean;
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
