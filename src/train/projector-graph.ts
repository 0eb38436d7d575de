/**
 * The projector as a differentiable graph, the same formula as `projector/projector.ts`. Its "loss" is
 * Σ soft · upstream, so with upstream = ∂L/∂soft its parameter gradients are those of L: the base model's graph
 * and the projector's stay apart, and either can be exchanged.
 */
import { GraphBuilder, type ValueName } from '../onnx/builder.ts';
import { differentiate } from '../onnx/gradient/differentiate.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { NORM_EPSILON, type ProjectorWeights } from '../projector/projector.ts';

export interface ProjectorShape {
  readonly dim: number;
  /** 0 = linear. */
  readonly hidden: number;
  /** K */
  readonly tokens: number;
  /** H of the base model */
  readonly hiddenSize: number;
  readonly outputRms: number;
}

/** Parameters in the order of a forward pass, with their shapes. */
export function projectorParameters(shape: ProjectorShape): readonly {
  readonly name: keyof ProjectorWeights;
  readonly dims: readonly number[];
}[] {
  const { dim, hidden, tokens, hiddenSize } = shape;
  return [
    { name: 'normWeight', dims: [dim] },
    { name: 'normBias', dims: [dim] },
    ...(hidden > 0
      ? ([
          { name: 'fc1Weight', dims: [hidden, dim] },
          { name: 'fc1Bias', dims: [hidden] },
        ] as const)
      : []),
    { name: 'fc2Weight', dims: [tokens * hiddenSize, hidden || dim] },
    { name: 'fc2Bias', dims: [tokens * hiddenSize] },
    { name: 'gain', dims: [tokens] },
  ];
}

/**
 * Inputs: `x` [batch, dim], standardised embeddings; `upstream` [batch, K, H]; every parameter by its name.
 * Outputs: `soft` [batch, K, H]; `grad/<parameter>`.
 */
export function projectorGraph(shape: ProjectorShape, batch: number): OnnxModel {
  const { tokens, hiddenSize, outputRms } = shape;
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', [batch, shape.dim]);
  const upstream = g.input('upstream', 'float32', [batch, tokens, hiddenSize]);
  for (const { name, dims } of projectorParameters(shape)) g.input(name, 'float32', dims);

  const linear = (input: ValueName, weight: ValueName, bias: ValueName) =>
    g.add(g.matMul(input, g.transpose(weight, [1, 0])), bias);
  const normed = layerNorm(g, x);
  const inner = shape.hidden > 0 ? gelu(g, linear(normed, 'fc1Weight', 'fc1Bias')) : normed;
  const y = linear(inner, 'fc2Weight', 'fc2Bias');
  // soft = y / rms(y) · outputRms · gain
  const vectors = g.reshape(y, [batch, tokens, hiddenSize]);
  const rms = g.op('Sqrt', [g.add(g.reduceMean(g.mul(vectors, vectors), [2]), g.float(NORM_EPSILON))]);
  const gain = g.mul(g.reshape('gain', [1, tokens, 1]), g.float(outputRms));
  const soft = g.op('Mul', [g.div(vectors, rms), gain], { outputs: ['soft'] });
  g.output(soft, 'float32', [batch, tokens, hiddenSize]);
  g.op('ReduceSum', [g.mul(soft, upstream), g.ints([0, 1, 2])], {
    attributes: { keepdims: 0 },
    outputs: ['product'],
  });
  const wrt = projectorParameters(shape).map((p) => p.name);
  return differentiate(g.model({ name: 'projector' }), { loss: 'product', wrt });
}

function layerNorm(g: GraphBuilder, x: ValueName): ValueName {
  const centred = g.sub(x, g.reduceMean(x, [1]));
  const variance = g.reduceMean(g.mul(centred, centred), [1]);
  const normed = g.div(centred, g.op('Sqrt', [g.add(variance, g.float(NORM_EPSILON))]));
  return g.add(g.mul(normed, 'normWeight'), 'normBias');
}

/** x/2 · (1 + erf(x/√2)) */
function gelu(g: GraphBuilder, x: ValueName): ValueName {
  const phi = g.add(g.float(1), g.op('Erf', [g.mul(x, g.float(Math.SQRT1_2))]));
  return g.mul(g.mul(x, g.float(0.5)), phi);
}
