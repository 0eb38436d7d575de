/**
 * Trains a projector through a frozen base model: next-token cross-entropy on the targets, AdamW, warm-up and
 * cosine, clipped gradients. Prefix dropout (now and then the mean user) and noise on the embedding make the
 * projector robust to drift and give the strength λ its meaning. The recipe is ours; of the paper only the
 * abstract was available.
 *
 * All that changes is in one `TrainingState`, and chance depends on seed and step alone: a training that goes on from a
 * state ends as if it had never stopped.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import { yieldToEvents } from '../generate/event-loop.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { ProjectorWeights } from '../projector/projector.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { adamWStep, clipGradient } from './adamw.ts';
import { createBatches, gaussian, randomAt } from './draw-batches.ts';
import { type ProjectorShape, projectorGraph, projectorParameters } from './projector-graph.ts';
import { paddedLength, type TrainingRow, targetCount } from './row-runner.ts';
import { learningRateAt } from './schedule.ts';
import type { LearningRow, SoftLoss } from './soft-loss.ts';

export interface ProjectorExample extends LearningRow {
  /** Index of the user in `users`. */
  readonly user: number;
  /** In the file it came from, for messages. */
  readonly line?: number;
}

export interface TrainProjectorOptions {
  readonly shape: ProjectorShape;
  /** Standardised embeddings [dim]: the mean user is all zeros. */
  readonly users: readonly Float32Array[];
  readonly examples: readonly ProjectorExample[];
  readonly softLoss: SoftLoss;
  readonly runtime: Runtime;
  readonly batch: number;
  /** Updates. */
  readonly steps: number;
  /** The same seed, data and device give the same projector, bit for bit on a CPU with one thread. */
  readonly seed: number;
  /** Batches whose gradients make one update; default 1. */
  readonly accumulate?: number;
  /** Peak learning rate; default 2e-3. */
  readonly learningRate?: number;
  /** Default 0.01. */
  readonly weightDecay?: number;
  /** Share of examples that see the mean user instead; default 0.1. */
  readonly prefixDropout?: number;
  /** Standard deviation of the noise, in units of a standardised coordinate; default 0.1. */
  readonly noise?: number;
  /** Weights to begin with; default: fresh ones. */
  readonly init?: ProjectorWeights;
  /** Examples of users that are not trained on: they tell when to stop, and which weights were best. */
  readonly heldOut?: HeldOut | undefined;
  /** A state to go on from. */
  readonly from?: TrainingState | undefined;
  /** Told the state at the end of every `stateEvery`-th step (default 50), of the last, and on an abort. */
  readonly onState?: (state: TrainingState) => void | Promise<void>;
  readonly stateEvery?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

export interface HeldOut {
  readonly examples: readonly ProjectorExample[];
  /** Steps from one look to the next. */
  readonly every: number;
  /** Looks without a better loss after which training ends. */
  readonly patience: number;
}

/** Everything that a step changes. */
export interface TrainingState {
  /** Updates made. */
  readonly step: number;
  /** All weights in the order of `projectorParameters`. */
  readonly parameters: Float32Array;
  /** AdamW's moments, of the same length. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
  /** By the loss of held-out users. */
  readonly best: BestWeights | undefined;
  /** The step at which held-out users were last looked at. */
  readonly looked: number;
}

export interface BestWeights {
  readonly step: number;
  /** Nats per target token. */
  readonly loss: number;
  readonly parameters: Float32Array;
}

export interface TrainingProgress {
  readonly step: number;
  readonly steps: number;
  /** Nats per target token, of this step's batches. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  /** Target tokens of this step, and all tokens with padding. */
  readonly targetTokens: number;
  readonly tokens: number;
  /** Of held-out users, where this step looked. */
  readonly heldOutLoss?: number | undefined;
}

export interface TrainedProjector {
  readonly weights: ProjectorWeights;
  /** Updates made; fewer than asked for where held-out users got no better. */
  readonly steps: number;
  /** Of held-out users, with these weights, and at which step they were so. */
  readonly best: { readonly step: number; readonly loss: number } | undefined;
}

const MAX_GRADIENT_NORM = 1;

/**
 * @throws E2PError `training-failed` with the step and the likely cause, where the loss is no longer finite; the
 *   signal's reason on an abort.
 */
export async function trainProjector(options: TrainProjectorOptions): Promise<TrainedProjector> {
  const { shape, users, batch, steps, seed, runtime, heldOut, signal, softLoss } = options;
  const { prefixDropout = 0.1, noise = 0.1, learningRate = 2e-3, weightDecay = 0.01 } = options;
  const { accumulate = 1, stateEvery = 50, from } = options;
  const layout = parameterLayout(shape);
  const size = layout.at(-1)!.to;
  const parameters =
    from?.parameters.slice() ??
    (options.init ? flat(options.init, layout) : initialParameters(layout, randomAt(seed, 'start', 0)));
  const state = {
    step: from?.step ?? 0,
    mean: from?.mean.slice() ?? new Float32Array(size),
    square: from?.square.slice() ?? new Float32Array(size),
  };
  let best = from?.best;
  let looked = from?.looked ?? 0;
  const undecayed = layout.filter(({ dims }) => dims.length === 1).map(({ from, to }) => [from, to] as const);
  const batchAt = createBatches(options.examples, batch, paddedLength, seed);
  const looks = heldOut && fullBatches(heldOut.examples, batch);
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
  const softOf = async (x: Float32Array) => (await project(x, zeros)).soft!.data as Float32Array;
  const snapshot = (): TrainingState => ({
    step: state.step,
    parameters: parameters.slice(),
    mean: state.mean.slice(),
    square: state.square.slice(),
    best,
    looked,
  });

  const heldOutLoss = async (): Promise<number> => {
    let [nats, tokens] = [0, 0];
    for (const rows of looks!) {
      await yieldToEvents();
      throwIfAborted(signal);
      const x = new Float32Array(batch * shape.dim);
      for (const [b, row] of rows.entries()) x.set(users[row.user]!, b * shape.dim);
      const count = targetTokens(rows);
      nats += (await softLoss(rows, await softOf(x))).loss * count;
      tokens += count;
    }
    return nats / tokens;
  };

  /** An abort may fall between an update and the look that is due after it. */
  const lookIfDue = async (): Promise<number | undefined> => {
    const { step } = state;
    const isDue = heldOut && step > 0 && (step % heldOut.every === 0 || step === steps);
    if (!isDue || looked === step) return undefined;
    const loss = await heldOutLoss();
    looked = step;
    if (loss < (best?.loss ?? Infinity)) best = { step, loss, parameters: parameters.slice() };
    return loss;
  };

  try {
    await lookIfDue();
    while (state.step < steps && !hasStalled(state.step, best, heldOut)) {
      throwIfAborted(signal);
      const random = randomAt(seed, 'step', state.step);
      const gradient = new Float32Array(size);
      let [nats, targets, tokens] = [0, 0, 0];
      for (let part = 0; part < accumulate; part++) {
        const rows = batchAt(state.step * accumulate + part);
        const x = new Float32Array(batch * shape.dim);
        for (const [b, row] of rows.entries()) {
          if (random() < prefixDropout) continue;
          x.set(
            users[row.user]!.map((v) => v + noise * gaussian(random)),
            b * shape.dim,
          );
        }
        const soft = await softOf(x);
        const { loss, gradient: upstream } = await softLoss(rows, soft);
        if (!Number.isFinite(loss) || !upstream.every(Number.isFinite)) {
          throw failure(state.step, rows, { x, soft, loss });
        }
        const outputs = await project(x, upstream);
        for (const { name, from } of layout) {
          const values = outputs[`grad/${name}`]!.data as Float32Array;
          for (let i = 0; i < values.length; i++) gradient[from + i]! += values[i]! / accumulate;
        }
        const count = targetTokens(rows);
        nats += loss * count;
        targets += count;
        tokens += batch * Math.max(...rows.map(paddedLength));
      }
      const gradientNorm = clipGradient(gradient, MAX_GRADIENT_NORM);
      adamWStep(parameters, gradient, state, {
        learningRate: learningRateAt(state.step, { steps, peak: learningRate }),
        weightDecay,
        undecayed,
      });
      const found = await lookIfDue();
      const { step } = state;
      options.onProgress?.({
        ...{ step, steps, loss: nats / targets, gradientNorm, targetTokens: targets, tokens },
        heldOutLoss: found,
      });
      if (step % stateEvery === 0 || step === steps) await options.onState?.(snapshot());
      await yieldToEvents();
    }
  } catch (error) {
    if (signal?.aborted) await options.onState?.(snapshot());
    throw error;
  } finally {
    await session.release();
  }
  const chosen = best?.parameters ?? parameters;
  return {
    weights: {
      // A linear projector has none.
      ...{ fc1Weight: new Float32Array(0), fc1Bias: new Float32Array(0) },
      ...(Object.fromEntries(layout.map(({ name, from, to }) => [name, chosen.slice(from, to)])) as Omit<
        ProjectorWeights,
        'fc1Weight' | 'fc1Bias'
      >),
    },
    steps: state.step,
    best: best && { step: best.step, loss: best.loss },
  };
}

function hasStalled(step: number, best: BestWeights | undefined, heldOut: HeldOut | undefined): boolean {
  return heldOut !== undefined && step - (best?.step ?? 0) >= heldOut.every * heldOut.patience;
}

const targetTokens = (rows: readonly TrainingRow[]): number =>
  rows.reduce((sum, row) => sum + targetCount(row), 0);

/** Every example once; the last batch is filled up with rows that have no target. */
function fullBatches(examples: readonly ProjectorExample[], batch: number): ProjectorExample[][] {
  const sorted = examples.toSorted((a, b) => paddedLength(a) - paddedLength(b));
  return Array.from({ length: Math.ceil(sorted.length / batch) }, (_, i) => {
    const rows = sorted.slice(i * batch, (i + 1) * batch);
    const filler = { ...rows[0]!, targetFrom: rows[0]!.ids.length };
    return [...rows, ...Array<ProjectorExample>(batch - rows.length).fill(filler)];
  });
}

/** What was no longer a number, and why that usually is. */
function failure(
  step: number,
  rows: readonly ProjectorExample[],
  { x, soft, loss }: { readonly x: Float32Array; readonly soft: Float32Array; readonly loss: number },
): E2PError {
  const why = !x.every(Number.isFinite)
    ? 'a user embedding of this batch is not finite'
    : !soft.every(Number.isFinite)
      ? 'the projector itself left the numbers: a smaller learning rate helps, and embeddings without outliers'
      : 'the base model overflowed on these tokens: a float16 model in training does, a float32 or q4 one should not';
  const lines = rows.flatMap(({ line }) => (line === undefined ? [] : [line]));
  const where =
    lines.length === 0 ? '' : ` (lines ${lines.slice(0, 8).join(', ')}${lines.length > 8 ? ' …' : ''})`;
  return new E2PError('training-failed', `the loss is ${loss} at step ${step}${where}; likely cause: ${why}`);
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

function flat(weights: ProjectorWeights, layout: ReturnType<typeof parameterLayout>): Float32Array {
  const parameters = new Float32Array(layout.at(-1)!.to);
  for (const { name, from, to } of layout) {
    if (weights[name].length !== to - from) {
      throw new E2PError(
        'contract-mismatch',
        `the projector to begin with has ${weights[name].length} numbers in ${name}, expected ${to - from}`,
      );
    }
    parameters.set(weights[name], from);
  }
  return parameters;
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
