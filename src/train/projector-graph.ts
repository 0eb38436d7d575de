/**
 * The projector as a differentiable graph, the same formula as `projector/projector.ts`. Its "loss" is
 * Σ soft · upstream, so with upstream = ∂L/∂soft its parameter gradients are those of L: the base model's graph
 * and the projector's stay apart, and either can be exchanged. Beside it the alignment of the projector to the vocabulary,
 * for which the base model need not run.
 */
import { GraphBuilder, type ValueName } from '../onnx/builder.ts';
import { differentiate } from '../onnx/gradient/differentiate.ts';
import type { OnnxModel } from '../onnx/onnx-model.ts';
import { COSINE_EPSILON } from '../projector/anchors.ts';
import { NORM_EPSILON, type ProjectorWeights } from '../projector/projector.ts';
import type { Erasure } from './erase-attribute.ts';

/** Sizes of a projector's layers. */
export interface ProjectorShape {
  readonly dim: number;
  /** 0 = linear. */
  readonly hidden: number;
  /** K */
  readonly tokens: number;
  /** H of the base model */
  readonly hiddenSize: number;
  readonly outputRms: number;
  /** Adds Skip·n to what the layers give out; default false. */
  readonly residual?: boolean;
  /** Widths of the blocks of sources, each of which has a gate; absent: none. */
  readonly gated?: readonly number[] | undefined;
  /** Stands between the norm and its gain, until training is over; absent: none. */
  readonly erasure?: Erasure | undefined;
  /** Absent: free vectors. */
  readonly anchors?: AnchorRows | undefined;
}

/** Token embeddings whose mixture the output is, and what they are found by. */
export interface AnchorRows {
  /** [A, H] */
  readonly rows: Float32Array;
  /** [A, D]; absent: the embeddings themselves. */
  readonly keys?: Float32Array | undefined;
  readonly count: number;
}

/** D: numbers that the layers give out for each soft token. */
const outputSize = ({ anchors, hiddenSize }: ProjectorShape): number =>
  anchors?.keys ? anchors.keys.length / anchors.count : hiddenSize;

/** Parameters in the order of a forward pass, with their shapes. */
export function projectorParameters(shape: ProjectorShape): readonly {
  readonly name: keyof ProjectorWeights;
  readonly dims: readonly number[];
}[] {
  const { dim, hidden, tokens } = shape;
  const outputs = tokens * outputSize(shape);
  return [
    { name: 'normWeight', dims: [dim] },
    { name: 'normBias', dims: [dim] },
    ...(shape.gated
      ? ([
          { name: 'gateWeight', dims: [shape.gated.length, dim] },
          { name: 'gateBias', dims: [shape.gated.length] },
        ] as const)
      : []),
    ...(hidden > 0
      ? ([
          { name: 'fc1Weight', dims: [hidden, dim] },
          { name: 'fc1Bias', dims: [hidden] },
        ] as const)
      : []),
    { name: 'fc2Weight', dims: [outputs, hidden || dim] },
    { name: 'fc2Bias', dims: [outputs] },
    ...(shape.residual ? ([{ name: 'skipWeight', dims: [outputs, dim] }] as const) : []),
    { name: 'gain', dims: [tokens] },
    ...(shape.anchors ? ([{ name: 'sharpness', dims: [1] }] as const) : []),
  ];
}

/**
 * Inputs: `x` [batch, dim], standardised embeddings; `upstream` [batch, K, H]; every parameter by its name.
 * Outputs: `soft` [batch, K, H]; `grad/<name>` of what `wrt` names, default: every parameter.
 */
export function projectorGraph(
  shape: ProjectorShape,
  batch: number,
  wrt: readonly ValueName[] = projectorParameters(shape).map(({ name }) => name),
): OnnxModel {
  const { tokens, hiddenSize, outputRms, anchors } = shape;
  const g = new GraphBuilder();
  const upstream = g.input('upstream', 'float32', [batch, tokens, hiddenSize]);
  const y = free(g, shape, batch);
  // soft = t / rms(t) · outputRms · gain
  const vectors = anchors === undefined ? y : mixture(g, y, anchors, hiddenSize);
  const rms = g.op('Sqrt', [g.add(g.reduceMean(g.mul(vectors, vectors), [2]), g.float(NORM_EPSILON))]);
  const gain = g.mul(g.reshape('gain', [1, tokens, 1]), g.float(outputRms));
  const soft = g.op('Mul', [g.div(vectors, rms), gain], { outputs: ['soft'] });
  g.output(soft, 'float32', [batch, tokens, hiddenSize]);
  sumOf(g, g.mul(soft, upstream), [0, 1, 2], 'product');
  return differentiate(g.model({ name: 'projector' }), { loss: 'product', wrt });
}

/** Of an alignment step. */
export interface AlignmentShape {
  /** Keys [C, D] to be told apart. */
  readonly candidates: Float32Array;
  /** Words of a text at most: M. */
  readonly targets: number;
  /** exp of it sharpens the cosines of a projector that has no sharpness of its own. */
  readonly logSharpness: number;
}

/**
 * How well a text's vector points at the token embeddings of its words: cross-entropy of softmax(sharpness · cos(y, key)) over
 * candidates (InfoNCE, van den Oord et al., arXiv 1807.03748, with all candidates as negatives), for the K tokens alike.
 * Inputs: `x` [batch, dim]; `targets` int64 [batch, M], indices of candidates; `weights` [batch, M], which sum up to 1 in a row or are
 * all 0; every parameter by its name. Outputs: `loss` [], mean over rows and tokens; `grad/<parameter>`.
 */
export function alignmentGraph(shape: ProjectorShape, batch: number, alignment: AlignmentShape): OnnxModel {
  const { tokens, anchors } = shape;
  const width = outputSize(shape);
  const { candidates, targets, logSharpness } = alignment;
  const g = new GraphBuilder();
  g.input('targets', 'int64', [batch, targets]);
  g.input('weights', 'float32', [batch, targets]);
  const y = free(g, shape, batch);
  const sharpness = anchors === undefined ? g.float(Math.exp(logSharpness)) : g.op('Exp', ['sharpness']);
  const scores = g.mul(cosines(g, y, candidates, width), sharpness);
  const count = batch * tokens;
  const flat = g.reshape(scores, [count, candidates.length / width]);
  const logProbabilities = g.op('LogSoftmax', [flat], { attributes: { axis: -1 } });
  const perToken = (name: ValueName) =>
    g.op('Expand', [g.reshape(name, [batch, 1, targets]), g.ints([batch, tokens, targets])]);
  const ids = g.reshape(perToken('targets'), [count, targets]);
  const chosen = g.op('GatherElements', [logProbabilities, ids], { attributes: { axis: 1 } });
  const wanted = g.mul(chosen, g.reshape(perToken('weights'), [count, targets]));
  const loss = sumOf(g, g.mul(wanted, g.float(-1 / count)), [0, 1], 'loss');
  g.output(loss, 'float32', []);
  const used = projectorParameters(shape).filter(({ name }) => name !== 'gain');
  return differentiate(g.model({ name: 'alignment' }), { loss, wrt: used.map((p) => p.name) });
}

/** y [batch, K, D], before it is anchored and scaled. Declares `x` and the parameters. */
function free(g: GraphBuilder, shape: ProjectorShape, batch: number): ValueName {
  const x = g.input('x', 'float32', [batch, shape.dim]);
  for (const { name, dims } of projectorParameters(shape)) g.input(name, 'float32', dims);
  const linear = (input: ValueName, weight: ValueName, bias: ValueName) =>
    g.add(g.matMul(input, g.transpose(weight, [1, 0])), bias);
  const norm = layerNorm(g, x, shape);
  const normed = shape.gated
    ? g.mul(norm, gates(g, shape.gated, x, linear(norm, 'gateWeight', 'gateBias')))
    : norm;
  const inner = shape.hidden > 0 ? gelu(g, linear(normed, 'fc1Weight', 'fc1Bias')) : normed;
  const y = linear(inner, 'fc2Weight', 'fc2Bias');
  const sum = shape.residual ? g.add(y, g.matMul(normed, g.transpose('skipWeight', [1, 0]))) : y;
  return g.reshape(sum, [batch, shape.tokens, outputSize(shape)]);
}

/** [batch, dim]: of each number the gate of its source, 0 where the source is not known of. */
function gates(g: GraphBuilder, widths: readonly number[], x: ValueName, logits: ValueName): ValueName {
  const [count, dim] = [widths.length, widths.reduce((sum, width) => sum + width, 0)];
  const [flags, blocks] = [new Float32Array(dim * count), new Float32Array(count * dim)];
  let from = 0;
  for (const [s, width] of widths.entries()) {
    flags[(from + width - 1) * count + s] = 1;
    blocks.fill(1, s * dim + from, s * dim + from + width);
    from += width;
  }
  const known = g.matMul(x, g.tensor(g.fresh('flags'), [dim, count], flags));
  const open = g.mul(g.op('Sigmoid', [logits]), g.float(2));
  return g.matMul(g.mul(known, open), g.tensor(g.fresh('blocks'), [count, dim], blocks));
}

/** Σ_a p_a E_a with p = softmax_a(exp(sharpness) · cos(y, key_a)). */
function mixture(
  g: GraphBuilder,
  y: ValueName,
  { rows, keys, count }: AnchorRows,
  hiddenSize: number,
): ValueName {
  const found = keys ?? rows;
  const scores = g.mul(cosines(g, y, found, found.length / count), g.op('Exp', ['sharpness']));
  const shares = g.op('Softmax', [scores], { attributes: { axis: -1 } });
  return g.matMul(shares, g.tensor(g.fresh('anchors'), [count, hiddenSize], rows));
}

/** cos(y, key_a): [batch, K, A] */
function cosines(g: GraphBuilder, y: ValueName, rows: Float32Array, width: number): ValueName {
  const count = rows.length / width;
  // Columns of length 1.
  const columns = new Float32Array(rows.length);
  for (let a = 0; a < count; a++) {
    const row = rows.subarray(a * width, (a + 1) * width);
    const length = Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) + COSINE_EPSILON);
    for (const [i, v] of row.entries()) columns[i * count + a] = v / length;
  }
  const square = g.op('ReduceSum', [g.mul(y, y), g.ints([2])], { attributes: { keepdims: 1 } });
  const length = g.op('Sqrt', [g.add(square, g.float(COSINE_EPSILON))]);
  return g.matMul(g.div(y, length), g.tensor(g.fresh('directions'), [width, count], columns));
}

function sumOf(g: GraphBuilder, x: ValueName, axes: readonly number[], name: string): ValueName {
  return g.op('ReduceSum', [x, g.ints(axes)], { attributes: { keepdims: 0 }, outputs: [name] });
}

function layerNorm(g: GraphBuilder, x: ValueName, { dim, erasure }: ProjectorShape): ValueName {
  const centred = g.sub(x, g.reduceMean(x, [1]));
  const variance = g.reduceMean(g.mul(centred, centred), [1]);
  const normed = g.div(centred, g.op('Sqrt', [g.add(variance, g.float(NORM_EPSILON))]));
  if (erasure === undefined) return g.add(g.mul(normed, 'normWeight'), 'normBias');
  const columns = new Float32Array(dim * dim);
  for (const [at, v] of erasure.matrix.entries()) columns[(at % dim) * dim + Math.floor(at / dim)] = v;
  const erased = g.add(
    g.matMul(normed, g.tensor(g.fresh('erasure'), [dim, dim], columns)),
    g.tensor(g.fresh('offset'), [dim], Float32Array.from(erasure.offset)),
  );
  return g.add(g.mul(erased, 'normWeight'), 'normBias');
}

/** x/2 · (1 + erf(x/√2)) */
function gelu(g: GraphBuilder, x: ValueName): ValueName {
  const phi = g.add(g.float(1), g.op('Erf', [g.mul(x, g.float(Math.SQRT1_2))]));
  return g.mul(g.mul(x, g.float(0.5)), phi);
}
