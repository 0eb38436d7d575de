/**
 * Trains a projector through a frozen base model: next-token cross-entropy on the targets, AdamW, warm-up and
 * cosine, clipped gradients. Prefix dropout (now and then the mean user) and noise on the embedding make the
 * projector robust to drift and give the strength λ its meaning. The recipe is ours; of the paper only the
 * abstract was available.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { ProjectorWeights } from '../projector/projector.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { adamWStep, clipGradient, createAdamW } from './adamw.ts';
import { type ProjectorShape, projectorGraph, projectorParameters } from './projector-graph.ts';
import { learningRateAt } from './schedule.ts';
import { paddedLength, type SoftLoss, type TrainingRow } from './soft-loss.ts';

export interface ProjectorExample extends TrainingRow {
  /** Index of the user in `users`. */
  readonly user: number;
}

export interface TrainProjectorOptions {
  readonly shape: ProjectorShape;
  /** Standardised embeddings [dim]: the mean user is all zeros. */
  readonly users: readonly Float32Array[];
  readonly examples: readonly ProjectorExample[];
  readonly softLoss: SoftLoss;
  readonly runtime: Runtime;
  readonly batch: number;
  readonly steps: number;
  /** Uniform in [0, 1); a seeded one makes the training repeatable. */
  readonly random: () => number;
  /** Peak learning rate; default 2e-3. */
  readonly learningRate?: number;
  /** Default 0.01. */
  readonly weightDecay?: number;
  /** Share of examples that see the mean user instead; default 0.1. */
  readonly prefixDropout?: number;
  /** Standard deviation of the noise, in units of a standardised coordinate; default 0.1. */
  readonly noise?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

export interface TrainingProgress {
  readonly step: number;
  readonly steps: number;
  /** Nats per target token, of this batch. */
  readonly loss: number;
}

const MAX_GRADIENT_NORM = 1;
/** Batches are drawn from this many shuffled examples at a time, sorted by length: little padding. */
const BATCHES_PER_POOL = 16;

/** @throws E2PError `training-failed` with the step, where the loss is no longer finite. */
export async function trainProjector(options: TrainProjectorOptions): Promise<ProjectorWeights> {
  const { shape, users, batch, steps, random, runtime, signal } = options;
  const { prefixDropout = 0.1, noise = 0.1, learningRate = 2e-3, weightDecay = 0.01 } = options;
  const layout = parameterLayout(shape);
  const parameters = initialParameters(layout, random);
  const state = createAdamW(parameters.length);
  const session = await runtime.createSession(writeOnnx(projectorGraph(shape, batch)));
  const zeros = new Float32Array(batch * shape.tokens * shape.hiddenSize);
  const project = (x: Float32Array, upstream: Float32Array) =>
    session.run({
      x: runtime.tensor('float32', x, [batch, shape.dim]),
      upstream: runtime.tensor('float32', upstream, [batch, shape.tokens, shape.hiddenSize]),
      ...Object.fromEntries(
        layout.map(({ name, dims, from, to }) => [
          name,
          runtime.tensor('float32', parameters.slice(from, to), dims),
        ]),
      ),
    });
  const batches = drawBatches(options.examples, batch, random);

  for (let step = 0; step < steps; step++) {
    throwIfAborted(signal);
    const rows = batches.next().value!;
    const x = new Float32Array(batch * shape.dim);
    for (const [b, row] of rows.entries()) {
      if (random() < prefixDropout) continue;
      x.set(
        users[row.user]!.map((v) => v + noise * gaussian(random)),
        b * shape.dim,
      );
    }
    const soft = (await project(x, zeros)).soft!.data as Float32Array;
    const { loss, gradient: upstream } = await options.softLoss(rows, soft);
    const outputs = await project(x, upstream);
    const gradient = new Float32Array(parameters.length);
    for (const { name, from } of layout) gradient.set(outputs[`grad/${name}`]!.data as Float32Array, from);
    const norm = clipGradient(gradient, MAX_GRADIENT_NORM);
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
      throw new E2PError(
        'training-failed',
        `the loss is ${loss} and the gradient norm ${norm} at step ${step}`,
      );
    }
    adamWStep(parameters, gradient, state, {
      learningRate: learningRateAt(step, { steps, peak: learningRate }),
      weightDecay,
      undecayed: layout.filter(({ dims }) => dims.length === 1).map(({ from, to }) => [from, to] as const),
    });
    options.onProgress?.({ step: step + 1, steps, loss });
  }
  await session.release();
  return Object.fromEntries(
    layout.map(({ name, from, to }) => [name, parameters.slice(from, to)]),
  ) as unknown as ProjectorWeights;
}

/** Each parameter's range in the flat vector. */
function parameterLayout(shape: ProjectorShape) {
  let at = 0;
  return projectorParameters(shape).map(({ name, dims }) => {
    const from = at;
    at += dims.reduce((p, d) => p * d, 1);
    return { name, dims, from, to: at };
  });
}

/** Matrices as PyTorch's Linear starts them, uniform in ±1/√inputs; norms and gains 1, biases 0. */
function initialParameters(layout: ReturnType<typeof parameterLayout>, random: () => number): Float32Array {
  const parameters = new Float32Array(layout.at(-1)!.to);
  for (const { name, dims, from, to } of layout) {
    if (dims.length === 2) {
      const bound = 1 / Math.sqrt(dims[1]!);
      for (let i = from; i < to; i++) parameters[i] = (2 * random() - 1) * bound;
    } else if (name === 'normWeight' || name === 'gain') parameters.fill(1, from, to);
    // The mean user is all zeros and passes the norm as its bias; from zero it would have no direction.
    else if (name === 'fc2Bias') for (let i = from; i < to; i++) parameters[i] = 0.1 * gaussian(random);
  }
  return parameters;
}

/** Endless batches: every example once before any comes again, rows of a batch of about one length. */
function* drawBatches(
  examples: readonly ProjectorExample[],
  batch: number,
  random: () => number,
): Generator<readonly ProjectorExample[], never, undefined> {
  if (examples.length < batch) {
    throw new E2PError(
      'invalid-argument',
      `${examples.length} examples, expected at least a batch of ${batch}`,
    );
  }
  let queue: ProjectorExample[] = [];
  for (;;) {
    while (queue.length < batch * BATCHES_PER_POOL) queue = [...queue, ...shuffled(examples, random)];
    const pool = queue.slice(0, batch * BATCHES_PER_POOL);
    queue = queue.slice(pool.length);
    pool.sort((a, b) => paddedLength(a) - paddedLength(b));
    const starts = Array.from({ length: BATCHES_PER_POOL }, (_, i) => i * batch);
    for (const start of shuffled(starts, random)) yield pool.slice(start, start + batch);
  }
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** A standard normal number (Box and Muller 1958). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
