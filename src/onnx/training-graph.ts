/**
 * The graph on which a projector is trained: any decoder's own graph, with soft tokens put in, the loss of the target tokens
 * behind it, and the gradient of the soft tokens. Made from the very file that is deployed; its weights stay frozen, and as
 * they are stored.
 *
 * loss = Σ wᵢ · −log p(targetᵢ | what stands before it)
 *
 * With a teacher (knowledge distillation, Hinton et al., arXiv 1503.02531, at temperature 1), whose distribution at i is qᵢ, known
 * for its k likeliest tokens: + Σ uᵢ · (−Σᵥ qᵢ(v) log pᵢ(v) − rᵢ log sᵢ) over these v, where r and s are what teacher and model leave for
 * all others together. This is the KL divergence from teacher to model on those k + 1 outcomes but for the teacher's own entropy.
 */
import { E2PError } from '../error.ts';
import { GraphBuilder, makeValueInfo, type ValueName } from './builder.ts';
import { type CacheHeads, cacheDims } from './cache-dims.ts';
import { differentiate, gradientName } from './gradient/differentiate.ts';
import { inferShapes } from './infer-shapes.ts';
import { type GraphFacts, inspectGraph } from './inspect/inspect-graph.ts';
import { inspected } from './inspected.ts';
import { pickPositions } from './last-position.ts';
import { lower } from './lower/lower.ts';
import { DataType, type OnnxModel, type OnnxNode, type OnnxTensor, operatorName } from './onnx-model.ts';
import { pickEarly } from './pick-early.ts';
import { prune } from './prune.ts';

export interface TrainingGraphOptions {
  readonly batch: number;
  /** Positions in a row, soft tokens and padding (on the right) included: L. */
  readonly length: number;
  /** Target tokens in a row at most: T. */
  readonly targets: number;
  /** Soft tokens in a row, K. Default 1. */
  readonly softTokens?: number;
  /** false: the forward pass only. Default true. */
  readonly gradient?: boolean;
  /** Keep little of the forward pass and compute it again in the backward pass: less memory, about a third more time. Default false. */
  readonly recompute?: boolean;
  /** k: learn from a teacher's k likeliest tokens too, three more inputs. Default 0. */
  readonly teacherTokens?: number;
  /** Give out the probabilities of the whole vocabulary at each target, as a teacher does. */
  readonly probabilities?: boolean;
  /** Sizes of keys and values as config.json has them, for a file that leaves them open. */
  readonly heads?: CacheHeads | undefined;
  /** For messages. */
  readonly fileName?: string;
}

/** Inputs and outputs of a training graph, by what they are. */
export const TRAINING = {
  /** int64 [batch, L]; ids at the places of soft tokens are not read. */
  ids: 'e2p/ids',
  /** float32 [batch, K, H] */
  soft: 'e2p/soft',
  /** int64 [batch, K]: where in its row each soft token stands; -1 = nowhere. */
  softPositions: 'e2p/soft_positions',
  /** int64 [batch, T]: the position before each target, whose logits predict it. */
  predicting: 'e2p/predicting',
  /** int64 [batch, T] */
  targets: 'e2p/targets',
  /** float32 [batch, T]; 0 where a row has fewer targets. */
  weights: 'e2p/weights',
  /** int64 [batch, T, k]: what a teacher would most likely say there; with `teacherTokens` only. */
  teacherIds: 'e2p/teacher_ids',
  /** float32 [batch, T, k]: their probabilities. */
  teacherProbabilities: 'e2p/teacher_probabilities',
  /** float32 [batch, T]: how much that counts. */
  teacherWeights: 'e2p/teacher_weights',
  /** Output float32 [batch, T, V]; with `probabilities` only. */
  probabilities: 'e2p/probabilities',
  /** Output float32 []: the loss. */
  loss: 'e2p/loss',
  /** Output float32 [batch]: its summands by row. */
  rowLoss: 'e2p/row_loss',
  /** Output float32 [batch, K, H]: d loss / d soft. */
  gradient: gradientName('e2p/soft'),
} as const;

/** @throws E2PError `unsupported-graph` naming what can't be found, lowered or differentiated. */
export function trainingGraph(original: OnnxModel, options: TrainingGraphOptions): OnnxModel {
  const { batch, length, targets, softTokens = 1, fileName = 'model.onnx' } = options;
  const { gradient = true, teacherTokens = 0, probabilities = false, recompute = false } = options;
  const plain = textPositions(inspected(original, fileName).plain);
  const facts = inspectGraph(plain, fileName);
  const { hiddenSize: H, embedding } = facts;
  const g = new GraphBuilder('e2p/');
  g.input(TRAINING.ids, 'int64', [batch, length]);
  g.input(TRAINING.soft, 'float32', [batch, softTokens, H]);
  g.input(TRAINING.softPositions, 'int64', [batch, softTokens]);
  g.input(TRAINING.predicting, 'int64', [batch, targets]);
  g.input(TRAINING.targets, 'int64', [batch, targets]);
  g.input(TRAINING.weights, 'float32', [batch, targets]);
  const toType = (x: ValueName, type: number, name = g.fresh('typed')) =>
    g.op('Cast', [x], { attributes: { to: type }, outputs: [name] });

  toType(TRAINING.ids, DataType[facts.ids.type], facts.ids.name);
  const places = oneHot(g, TRAINING.predicting, batch, targets, length);
  const first = [...g.nodes];
  g.nodes.length = 0;

  // Behind the lookup.
  const tokens = `${embedding.value}/tokens`;
  const embeddings = toType(tokens, DataType.float32);
  const placed = placeSoftTokens(g, embeddings, { batch, length, softTokens });
  toType(placed, DataType[embedding.type], embedding.value);
  const placing = [...g.nodes];
  g.nodes.length = 0;

  // Before the head: one row of the identity for each target.
  let all = '';
  const type = facts.head.hidden === undefined ? facts.head.type : facts.head.hiddenType;
  const picked = pickPositions(plain, facts, (from, to) => {
    all = from;
    toType(g.matMul(places, toType(from, DataType.float32)), DataType[type], to);
    return g.nodes.splice(0);
  });

  // Behind the logits.
  const count = batch * targets;
  const logits = g.reshape(toType(facts.head.logits, DataType.float32), [count, -1]);
  const logProbabilities = g.op('LogSoftmax', [logits], { attributes: { axis: -1 } });
  const targetIds = g.reshape(TRAINING.targets, [count, 1]);
  const chosen = g.op('GatherElements', [logProbabilities, targetIds], { attributes: { axis: 1 } });
  let losses = g.mul(g.neg(g.reshape(chosen, [batch, targets])), TRAINING.weights);
  if (teacherTokens > 0) {
    const taught = teacherLoss(g, logProbabilities, { batch, targets, teacherTokens });
    losses = g.add(losses, g.mul(taught, TRAINING.teacherWeights));
  }
  if (probabilities) {
    const flat = g.op('Exp', [logProbabilities]);
    g.op('Reshape', [flat, g.ints([batch, targets, -1])], { outputs: [TRAINING.probabilities] });
    g.output(TRAINING.probabilities, 'float32', [batch, targets, 'vocabulary']);
  }
  const sumTo = (name: string, axis: number, x: ValueName) =>
    g.op('ReduceSum', [x, g.ints([axis])], { attributes: { keepdims: 0 }, outputs: [name] });
  sumTo(TRAINING.loss, 0, sumTo(TRAINING.rowLoss, 1, losses));
  g.output(TRAINING.loss, 'float32', []);
  g.output(TRAINING.rowLoss, 'float32', [batch]);

  const nodes = picked.graph.nodes.flatMap((node) => {
    if (!node.outputs.includes(embedding.value)) return [node];
    return [{ ...node, outputs: node.outputs.map((o) => (o === embedding.value ? tokens : o)) }, ...placing];
  });
  const fixed = fixedInputs(plain, facts, options);
  const model: OnnxModel = {
    ...picked,
    graph: {
      ...picked.graph,
      nodes: [...first, ...nodes, ...g.nodes],
      initializers: [...picked.graph.initializers, ...fixed, ...g.initializers],
      inputs: g.inputs,
      outputs: g.outputs,
      valueInfo: [...picked.graph.valueInfo, makeValueInfo(tokens, embedding.type, [batch, length, H])],
    },
  };
  const ofAll = lower(prune(model), { from: [TRAINING.soft] });
  checkPositions(ofAll, all, length, fileName);
  const lowered = pickEarly(prune(ofAll), { places, batch, length, count: targets });
  return gradient
    ? prune(differentiate(lowered, { loss: TRAINING.loss, wrt: [TRAINING.soft], recompute }))
    : prune(lowered);
}

/** Positions in time, height and width of a picture (M-RoPE) are one in a text, and the rotation is the usual one. */
function textPositions(model: OnnxModel): OnnxModel {
  const { graph } = model;
  const isMeant = (node: OnnxNode) => operatorName(node) === 'com.microsoft.MRotaryEmbedding';
  if (!graph.nodes.some(isMeant)) return model;
  const g = new GraphBuilder('text_positions/');
  const nodes = graph.nodes.flatMap((node) => {
    if (!isMeant(node)) return [node];
    const inTime = g.gather(node.inputs[1]!, g.int(0));
    const inputs = node.inputs.map((input, i) => (i === 1 ? inTime : input));
    return [...g.nodes.splice(0), { ...node, opType: 'RotaryEmbedding', inputs }];
  });
  return { ...model, graph: { ...graph, nodes, initializers: [...graph.initializers, ...g.initializers] } };
}

/** Some exports keep the last position alone, before their head: what the others predict is lost. */
function checkPositions({ graph }: OnnxModel, hidden: ValueName, length: number, fileName: string): void {
  const found = inferShapes(graph).get(hidden)?.shape[1];
  if (found === undefined || found === length) return;
  const wayOut = found === 1 ? ', as exported without prune_lm_head' : '';
  throw new E2PError(
    'unsupported-graph',
    `${fileName}: its head reads ${found} of ${length} positions, expected all${wayOut}`,
  );
}

/** Less than this is left for all other tokens neither by teacher nor by model: keeps the logarithm finite. */
const LEAST_REST = 1e-4;

/** −Σᵥ q(v) log p(v) − r log s: [batch, T]. Declares the teacher's inputs. */
function teacherLoss(
  g: GraphBuilder,
  logProbabilities: ValueName,
  { batch, targets, teacherTokens: k }: { batch: number; targets: number; teacherTokens: number },
): ValueName {
  const dims = [batch, targets, k];
  const count = batch * targets;
  const ids = g.reshape(g.input(TRAINING.teacherIds, 'int64', dims), [count, k]);
  const q = g.reshape(g.input(TRAINING.teacherProbabilities, 'float32', dims), [count, k]);
  g.input(TRAINING.teacherWeights, 'float32', [batch, targets]);
  const logs = g.op('GatherElements', [logProbabilities, ids], { attributes: { axis: 1 } });
  const sum = (x: ValueName) => g.op('ReduceSum', [x, g.ints([1])], { attributes: { keepdims: 0 } });
  const rest = (shares: ValueName) => g.op('Max', [g.sub(g.float(1), sum(shares)), g.float(LEAST_REST)]);
  const others = g.mul(rest(q), g.op('Log', [rest(g.op('Exp', [logs]))]));
  return g.reshape(g.neg(g.add(sum(g.mul(q, logs)), others)), [batch, targets]);
}

/**
 * E' = (1 − Σₖ P)·E + P·S, where P[b, t, k] = 1 if soft token k of row b stands at t: every row has places of its
 * own, and the gradient of S is the matrix product Pᵀ·dE'.
 */
function placeSoftTokens(
  g: GraphBuilder,
  embeddings: ValueName,
  { batch, length, softTokens }: { batch: number; length: number; softTokens: number },
): ValueName {
  const places = g.transpose(oneHot(g, TRAINING.softPositions, batch, softTokens, length), [0, 2, 1]);
  const kept = g.sub(g.float(1), g.reduceSum(places, [2]));
  return g.add(g.mul(embeddings, kept), g.matMul(places, TRAINING.soft));
}

/** int64 [batch, count] → float32 [batch, count, length], 1 at the position named; all 0 for -1. */
function oneHot(
  g: GraphBuilder,
  positions: ValueName,
  batch: number,
  count: number,
  length: number,
): ValueName {
  const int32 = { attributes: { to: DataType.int32 } };
  const all = g.tensor(
    g.fresh('all'),
    [1, 1, length],
    Int32Array.from({ length }, (_, i) => i),
  );
  const wanted = g.op('Cast', [g.reshape(positions, [batch, count, 1])], int32);
  return g.op('Cast', [g.op('Equal', [all, wanted])], { attributes: { to: DataType.float32 } });
}

/**
 * The decoder's other inputs as constants: nothing was before (an empty cache), every position counts (padding stands on
 * the right, where nobody looks), positions from 0 on, all logits.
 */
function fixedInputs(
  model: OnnxModel,
  facts: GraphFacts,
  { batch, length, heads }: TrainingGraphOptions,
): OnnxTensor[] {
  const g = new GraphBuilder();
  const integers = (name: string, type: 'int64' | 'int32', dims: readonly number[], values: number[]) =>
    g.tensor(name, dims, type === 'int64' ? BigInt64Array.from(values, BigInt) : Int32Array.from(values));
  const { attentionMask, positionIds, logitCount } = facts;
  const perPosition = Array.from({ length: batch * length }, (_, i) => i % length);
  if (attentionMask) {
    const ones = perPosition.map(() => 1);
    integers(attentionMask.name, attentionMask.type, [batch, length], ones);
  }
  if (positionIds) {
    const { name, type, axes } = positionIds;
    if (axes === undefined) integers(name, type, [batch, length], perPosition);
    else integers(name, type, [axes, batch, length], new Array<number[]>(axes).fill(perPosition).flat());
  }
  if (logitCount) integers(logitCount.name, logitCount.type, logitCount.dims, [0]);
  for (const tensor of facts.cache) {
    const shape = cacheDims(tensor, { rows: batch, length: 0 }, heads);
    const elements = shape.reduce((product, d) => product * d, 1);
    const bytes = new Uint8Array(elements * (tensor.type === 'float16' ? 2 : 4));
    g.tensor(tensor.past, shape, bytes, tensor.type);
  }
  const known = new Set([facts.ids.name, ...g.initializers.map((t) => t.name)]);
  const weights = new Set(model.graph.initializers.map((t) => t.name));
  const unknown = model.graph.inputs.find((i) => !known.has(i.name) && !weights.has(i.name));
  if (unknown) {
    throw new E2PError(
      'unsupported-graph',
      `the input ${unknown.name} is not known, so it can't be trained with`,
    );
  }
  return g.initializers;
}
