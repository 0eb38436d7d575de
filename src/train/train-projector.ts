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
import type { ProjectorWeights } from '../projector/projector.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { adamWStep, clipGradient, MAX_GRADIENT_NORM } from './adamw.ts';
import { ALIGNMENT, type Alignment, align, createAligner } from './alignment.ts';
import { createBatches, gaussian, randomAt } from './draw-batches.ts';
import { createLooks, type HeldOut, hasStalled, isDue } from './held-out.ts';
import { flatten, initialParameters, parameterLayout, unflatten } from './parameters.ts';
import { createPrivateGradient, type PrivateSteps } from './private-steps.ts';
import type { ProjectorShape } from './projector-graph.ts';
import { createProjectorSession, type PlacedRow } from './projector-session.ts';
import { paddedLength, type TrainingRow, targetTokens } from './row-runner.ts';
import { learningRateAt } from './schedule.ts';
import type { LearningRow, SoftLoss } from './soft-loss.ts';
import { dropSources } from './source-dropout.ts';
import type { TrainingState } from './training-state.ts';

/** A row to learn from, and whose it is. */
export interface ProjectorExample extends LearningRow, PlacedRow {
  /** Index of the user in `users`. */
  readonly user: number;
  /** The same with nobody set, to compare held-out users with. */
  readonly nobody?: TrainingRow;
  /** In the file it came from, for messages. */
  readonly line?: number;
}

/** Of `trainProjector`, which `train` prepares from users and examples. */
export interface TrainProjectorOptions {
  readonly shape: ProjectorShape;
  /** Standardised embeddings [n, dim], n vectors of each user: the mean user is all zeros. */
  readonly users: readonly Float32Array[];
  readonly examples: readonly ProjectorExample[];
  /** Made for as many soft tokens as an example has soft positions at most (`softPlaces`). */
  readonly softLoss: SoftLoss;
  readonly runtime: Runtime;
  readonly batch: number;
  /** Updates. */
  readonly steps: number;
  /** The same seed, data and device give the same projector, bit for bit on a CPU with one thread. */
  readonly seed: number;
  /** Batches whose gradients make one update; this and the next four default to those of `RECIPE`. */
  readonly accumulate?: number;
  /** At its peak. */
  readonly learningRate?: number;
  readonly weightDecay?: number;
  /** Share of examples that see the mean user instead. */
  readonly prefixDropout?: number;
  /** Where users are fused of several sources, and the chance that one of them is left out of an example. */
  readonly sources?:
    | {
        /** Numbers of each source's block, the flag last. */
        readonly widths: readonly number[];
        /** Of each source that is known; one always stays. */
        readonly dropout: number;
      }
    | undefined;
  /** Standard deviation of the noise, in units of a standardised coordinate. */
  readonly noise?: number;
  /** Before and beside training through the model: texts whose words the projector learns to point at. */
  readonly alignment?: Alignment | undefined;
  /** Steps whose noise hides any one person; then `accumulate` has no meaning. */
  readonly privacy?: PrivateSteps | undefined;
  /** Weights to begin with; default: fresh ones. */
  readonly init?: ProjectorWeights;
  /** Examples of users that are not trained on: they tell when to stop, and which weights were best. */
  readonly heldOut?: HeldOut | undefined;
  /** A state to go on from. */
  readonly from?: TrainingState | undefined;
  /** Told the state at the end of every `stateEvery`-th step (default: `RECIPE`), of the last, and on an abort. */
  readonly onState?: (state: TrainingState) => void | Promise<void>;
  readonly stateEvery?: number;
  readonly signal?: AbortSignal | undefined;
  /** After each step. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** One step of a training. */
export interface TrainingProgress {
  /** `align`: steps of the alignment, which comes first where there is one. */
  readonly stage: 'align' | 'train';
  readonly step: number;
  readonly steps: number;
  /** Nats per target token, of this step's batches; of alignment nats per text. */
  readonly loss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  /** Target tokens of this step, and all tokens with padding. */
  readonly targetTokens: number;
  readonly tokens: number;
  /** Of held-out users, where this step looked. */
  readonly heldOutLoss?: number | undefined;
  /** Of the same examples with nobody set: with the first look. */
  readonly withoutLoss?: number | undefined;
}

/** The weights that were best for held-out users, and when. */
export interface TrainedProjector {
  readonly weights: ProjectorWeights;
  /** Updates made; fewer than asked for where held-out users got no better. */
  readonly steps: number;
  /** Of held-out users, with these weights, and at which step they were so. */
  readonly best: { readonly step: number; readonly loss: number } | undefined;
  /** Of held-out users' examples with nobody set. */
  readonly withoutLoss: number | undefined;
  /** Held-out users got no better for `patience` steps. */
  readonly stoppedEarly: boolean;
}

/** What is not chosen otherwise. */
export const RECIPE = {
  accumulate: 1,
  learningRate: 2e-3,
  weightDecay: 0.01,
  prefixDropout: 0.1,
  noise: 0.1,
  stateEvery: 50,
} as const;

/** Soft positions of a prompt at most. */
export const softPlaces = (rows: readonly TrainingRow[]): number =>
  rows.reduce((most, { softPositions }) => Math.max(most, softPositions.length), 1);

/**
 * @throws E2PError `training-failed` with the step and the likely cause, where the loss is no longer finite; the
 *   signal's reason on an abort.
 */
export async function trainProjector(options: TrainProjectorOptions): Promise<TrainedProjector> {
  const { shape, users, batch, steps, seed, runtime, heldOut, signal, softLoss, alignment } = options;
  const { prefixDropout = RECIPE.prefixDropout, noise = RECIPE.noise, from, sources } = options;
  const { learningRate = RECIPE.learningRate, weightDecay = RECIPE.weightDecay } = options;
  const { accumulate = RECIPE.accumulate, stateEvery = RECIPE.stateEvery } = options;
  const layout = parameterLayout(shape);
  const size = layout.at(-1)!.to;
  const parameters =
    from?.parameters.slice() ??
    (options.init ? flatten(options.init, layout) : initialParameters(layout, randomAt(seed, 'start', 0)));
  const state = {
    step: from?.step ?? 0,
    mean: from?.mean.slice() ?? new Float32Array(size),
    square: from?.square.slice() ?? new Float32Array(size),
  };
  let best = from?.best;
  let looked = from?.looked ?? -1;
  let withoutLoss: number | undefined;
  let begun = from !== undefined;
  const undecayed = layout.filter(({ dims }) => dims.length === 1).map(({ from, to }) => [from, to] as const);
  const isWhole = steps > 0 && options.privacy === undefined;
  const batchAt = isWhole ? createBatches(options.examples, batch, paddedLength, seed) : () => [];
  const vectors = users.reduce((most, user) => Math.max(most, user.length / shape.dim), 1);
  const places = softPlaces([...options.examples, ...(heldOut?.examples ?? [])]);
  const projector = await createProjectorSession({ shape, layout, runtime, batch, vectors, places });
  const aligner = alignment && (await createAligner({ alignment, shape, layout, runtime, seed, noise }));
  const replay = aligner === undefined ? 0 : (alignment?.replay ?? ALIGNMENT.replay);
  /** Each row's user at its place in the batch; `change` gives undefined for the mean user. */
  const usersOf = (
    rows: readonly Pick<ProjectorExample, 'user'>[],
    change: (values: Float32Array) => Float32Array | undefined = (values) => values,
  ) => {
    const x = new Float32Array(batch * vectors * shape.dim);
    for (const [b, row] of rows.entries()) {
      const values = change(users[row.user]!);
      if (values) x.set(values, b * vectors * shape.dim);
    }
    return x;
  };
  const looks =
    heldOut && createLooks({ examples: heldOut.examples, batch, projector, softLoss, usersOf, signal });
  const privately =
    options.privacy &&
    (await createPrivateGradient({
      ...{ ...options, privacy: options.privacy, layout, vectors },
      readRows: (rows, random) => read(rows, random, targetTokens(rows)),
    }));
  const snapshot = (): TrainingState => ({
    step: state.step,
    parameters: parameters.slice(),
    mean: state.mean.slice(),
    square: state.square.slice(),
    best,
    looked,
  });

  /** An abort may fall between an update and the look that is due after it. */
  const lookIfDue = async (): Promise<number | undefined> => {
    const { step } = state;
    if (heldOut === undefined || !isDue(step, steps, heldOut) || looked === step) return undefined;
    const loss = await looks!.loss(parameters);
    looked = step;
    if (loss < (best?.loss ?? Infinity)) best = { step, loss, parameters: parameters.slice() };
    return loss;
  };
  /** The rows through projector and model: what the projector read, and ∂loss/∂soft, of the mean over the batch's target tokens. */
  const read = async (rows: readonly ProjectorExample[], random: () => number, share = 1) => {
    const x = usersOf(rows, (values) => {
      if (random() < prefixDropout) return undefined;
      if (sources !== undefined) return dropSources(values, sources, noise, random);
      return values.map((v) => v + noise * gaussian(random));
    });
    const soft = await projector.soft(parameters, x);
    const placed = projector.place(rows, soft);
    const { loss, gradient: upstream } = await softLoss(projector.positions(rows), placed);
    if (!Number.isFinite(loss) || !upstream.every(Number.isFinite))
      throw failure(state.step, rows, { x, soft, loss });
    const scaled = share === 1 ? upstream : upstream.map((v) => v * share);
    const collected = projector.collect(rows, scaled);
    return { x, upstream: collected, nats: loss * targetTokens(rows) };
  };
  /** Adds the gradient of a step's batches to `gradient`. */
  const learn = async (random: () => number, gradient: Float32Array) => {
    let [nats, targets, tokens] = [0, 0, 0];
    for (let n = 0; n < accumulate; n++) {
      const rows = batchAt(state.step * accumulate + n);
      const part = await read(rows, random, 1 / accumulate);
      await projector.addGradient(parameters, part.x, part.upstream, gradient);
      nats += part.nats;
      targets += targetTokens(rows);
      tokens += batch * Math.max(...rows.map(paddedLength));
    }
    return { nats, targets, tokens };
  };

  try {
    // A state is told only once this is done.
    if (aligner && from === undefined) {
      await align(aligner, { ...options, alignment: alignment!, parameters, undecayed, weightDecay });
    }
    begun = true;
    withoutLoss = await looks?.lossOfNobody();
    const first = await lookIfDue();
    if (first !== undefined && state.step === 0) {
      const nothing = { loss: first, gradientNorm: 0, targetTokens: 0, tokens: 0 };
      options.onProgress?.({
        stage: 'train',
        ...{ step: 0, steps, ...nothing, heldOutLoss: first, withoutLoss },
      });
    }
    while (state.step < steps && !(heldOut && hasStalled(state.step, best, heldOut))) {
      throwIfAborted(signal);
      const random = randomAt(seed, 'step', state.step);
      const gradient = new Float32Array(size);
      const { nats, targets, tokens } = await (privately?.add(parameters, gradient) ??
        learn(random, gradient));
      if (replay > 0) await aligner!.addGradient(state.step, parameters, gradient, replay);
      const gradientNorm = clipGradient(gradient, MAX_GRADIENT_NORM);
      adamWStep(parameters, gradient, state, {
        learningRate: learningRateAt(state.step, { steps, peak: learningRate }),
        weightDecay,
        undecayed,
      });
      const found = await lookIfDue();
      const { step } = state;
      options.onProgress?.({
        stage: 'train',
        ...{ step, steps, loss: nats / targets, gradientNorm, targetTokens: targets, tokens },
        heldOutLoss: found,
      });
      if (step % stateEvery === 0 || step === steps) await options.onState?.(snapshot());
      await yieldToEvents();
    }
  } catch (error) {
    if (signal?.aborted && begun) await options.onState?.(snapshot());
    throw error;
  } finally {
    await projector.release();
    await privately?.release();
    await aligner?.release();
  }
  return {
    weights: unflatten(best?.parameters ?? parameters, layout),
    steps: state.step,
    best: best && { step: best.step, loss: best.loss },
    withoutLoss,
    stoppedEarly: state.step < steps,
  };
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
