/**
 * An embedding that learns from what its person said about answers: model and projector stay frozen. Minimised is the mean of the rows' losses
 * (`feedback-loss.ts`) and a pull to the embedding that was given, which few rows can hardly overcome; no vector goes further from it than a
 * distance in standard deviations of the projector's training users.
 *
 * Nothing is believed unseen: rows that were not learnt from must not get worse, neither must texts that have nothing to do with the person (the
 * canary), and the embedding must not become unlike everybody. Where the whole way does not pass, half of it and a quarter are tried.
 */
import { checkRange, checkWhole, E2PError, throwIfAborted } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { type Projector, vectorsOf, withAnchorRows } from '../projector/projector.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Feedback, readFeedbackRows } from '../user/feedback-row.ts';
import { checkEmbedding } from '../user/user-embedding.ts';
import { DRIFT_RULE, fitOf } from '../user/user-fit.ts';
import { adamWStep, clipGradient, createAdamW } from './adamw.ts';
import { randomAt, shuffled } from './draw-batches.ts';
import { createFeedbackLoss, type FeedbackItem, meanLoss, type Nats } from './feedback-loss.ts';
import type { ReadyGraphs } from './ready-graphs.ts';
import { learningRateAt } from './schedule.ts';

/** A text that has nothing to do with the person, and must stay as likely. */
export type NeutralText = Pick<Feedback, 'prompt' | 'answer'>;

/** What learning from feedback takes, wherever it runs. */
export interface FeedbackSettings {
  /** The canary: at least one. Of questions that the app's users ask, with answers that suit everybody. */
  readonly neutral: readonly NeutralText[];
  /** Nats per token that the neutral texts may lose. Default 0.02. */
  readonly tolerance?: number;
  /** How far each vector may go, in standard deviations of the training users: the root mean square over its coordinates. Default 1. */
  readonly distance?: number;
  /** Updates. Default 30. */
  readonly steps?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** Of `adaptEmbedding`. */
export interface AdaptEmbeddingOptions extends FeedbackSettings {
  /** Frozen, as it is stored. */
  readonly model: BaseModel;
  /** Where it runs. */
  readonly runtime: Runtime;
  /** Trained for the model; frozen too. */
  readonly projector: Projector;
  /** The embedding that was given, [n, dim]. */
  readonly values: Float32Array;
  /** What the person said. */
  readonly feedback: readonly Feedback[];
  /** After each update. */
  readonly onProgress?: (progress: FeedbackProgress) => void;
  /** Ends it before the next update. */
  readonly signal?: AbortSignal | undefined;
}

/** How far learning from feedback is. */
export interface FeedbackProgress {
  /** Updates made. */
  readonly step: number;
  /** Updates in all. */
  readonly steps: number;
  /** Mean of the rows of this step. */
  readonly loss: number;
}

/** A figure with the embedding that was given, and with the one that has learnt or was refused. */
export interface BeforeAfter {
  /** With the one that was given. */
  readonly before: number;
  /** With the other one. */
  readonly after: number;
}

/** What became of the feedback. No text in it. */
export interface FeedbackReport {
  /** Why the embedding stays as it is; absent where it has learnt. */
  readonly refused?: 'no-gain' | 'held-out' | 'canary' | 'unusual';
  /** How many rows there were. */
  readonly rows: {
    /** Learnt from. */
    readonly learnt: number;
    /** Kept out, to look at. */
    readonly heldOut: number;
    /** Longer than 512 tokens with their prompt. */
    readonly tooLong: number;
  };
  /** Mean loss of the rows that were learnt from. */
  readonly loss: BeforeAfter;
  /** Of those that were not; absent where there are too few. */
  readonly heldOutLoss?: BeforeAfter;
  /** Nats per token of the neutral texts. */
  readonly neutral: BeforeAfter;
  /** How far the vector that went furthest is from where it was, in standard deviations. */
  readonly moved: number;
}

const MAX_LENGTH = 512;
/** Every how manyth row is kept out. */
const HELD_OUT = 5;
/** Of an update. */
const [ROWS, RATE, MAX_NORM] = [8, 0.1, 1] as const;
/** Of the pull to the embedding that was given, by the mean square of the way; of one row as much as of all together. */
const PULL = 3;
const SHARES = [1, 0.5, 0.25] as const;

/** An embedding that has learnt, absent where it was refused, and why. */
export interface AdaptedEmbedding {
  /** [n, dim] */
  readonly values?: Float32Array;
  /** How it went. */
  readonly report: FeedbackReport;
}

/**
 * One person's embedding learns from their feedback: model and projector stay as they are.
 * @throws E2PError `invalid-argument`, `invalid-embedding`, `unsupported-graph`; the signal's reason on an abort. No message holds a text.
 */
export const adaptEmbedding = (options: AdaptEmbeddingOptions): Promise<AdaptedEmbedding> =>
  adaptOn(options, undefined);

/** @param graphs of the same model and runtime, made before and released by whoever made them; undefined: its own */
export async function adaptOn(
  options: AdaptEmbeddingOptions,
  graphs: ReadyGraphs | undefined,
): Promise<AdaptedEmbedding> {
  const { model, runtime, signal, seed = 1, steps = 30, distance = 1, tolerance = 0.02 } = options;
  checkWhole('steps', steps, 1, 10_000);
  checkRange('distance', distance, 0, 10);
  checkRange('tolerance', tolerance, 0, 10);
  const projector = await withAnchorRows(options.projector, model, runtime);
  const { contract } = projector;
  const { id, dim, mean, scale } = contract.space;
  const checked = checkEmbedding(
    { space: id, values: options.values },
    { id, dim, vectors: contract.vectors },
  );
  const set = vectorsOf(checked.values, dim);
  const start = Float32Array.from(
    set.flatMap((vector) => [...vector].map((v, i) => (v - mean[i]!) / scale[i]!)),
  );
  const neutralRows = options.neutral.map((text) => ({ ...text, kind: 'up' as const, others: [] }));
  const rows = readFeedbackRows(options.feedback, 'feedback');
  const texts = readFeedbackRows(neutralRows, 'neutral');
  if (texts.length === 0)
    throw new E2PError('invalid-argument', 'neutral is empty, expected at least one text');
  const loss = await createFeedbackLoss({ model, runtime, projector, vectors: set.length, graphs });
  try {
    const items = rows.flatMap((row) => loss.prepare(row, MAX_LENGTH) ?? []);
    const neutral = texts.flatMap((row) => loss.prepare(row, MAX_LENGTH) ?? []);
    if (items.length === 0 || neutral.length === 0) {
      const what = items.length === 0 ? 'feedback' : 'neutral';
      throw new E2PError(
        'invalid-argument',
        `${what} has no row of at most ${MAX_LENGTH} tokens, expected one`,
      );
    }
    const order = shuffled(items, randomAt(seed, 'start', 0));
    const heldOut = order.filter((_, i) => i % HELD_OUT === HELD_OUT - 1);
    const learnt = order.filter((_, i) => i % HELD_OUT !== HELD_OUT - 1);
    throwIfAborted(signal);
    const before = new Map<FeedbackItem, Nats>();
    const given = [...order, ...neutral];
    for (const [i, nats] of (await loss.nats(given, checked.values)).entries()) before.set(given[i]!, nats);
    const valuesAt = (z: Float32Array, share: number) =>
      z.map((v, i) => (start[i]! + share * (v - start[i]!)) * scale[i % dim]! + mean[i % dim]!);
    const meansAt = async (values: Float32Array | undefined) => {
      const now = new Map(before);
      if (values)
        for (const [i, nats] of (await loss.nats(given, values)).entries()) now.set(given[i]!, nats);
      const of = (some: readonly FeedbackItem[]) =>
        meanLoss(
          some,
          some.map((item) => now.get(item)!),
          some.map((item) => before.get(item)!),
        );
      return { loss: of(learnt), heldOut: of(heldOut), neutral: of(neutral) };
    };
    const z = await descend(options, { loss, learnt, before, start, dim, steps, distance, seed });
    const was = await meansAt(undefined);
    const level = fitOf(projector, checked.values, DRIFT_RULE, undefined).strength;
    let report: FeedbackReport | undefined;
    for (const share of SHARES) {
      throwIfAborted(signal);
      const values = valuesAt(z, share);
      const is = await meansAt(values);
      const refused = !(is.loss < was.loss)
        ? 'no-gain'
        : heldOut.length > 0 && !(is.heldOut <= was.heldOut)
          ? 'held-out'
          : !(is.neutral <= was.neutral + tolerance)
            ? 'canary'
            : fitOf(projector, values, DRIFT_RULE, undefined).strength < level
              ? 'unusual'
              : undefined;
      const found = {
        ...(refused && { refused }),
        rows: { learnt: learnt.length, heldOut: heldOut.length, tooLong: rows.length - items.length },
        loss: { before: was.loss, after: is.loss },
        ...(heldOut.length > 0 && { heldOutLoss: { before: was.heldOut, after: is.heldOut } }),
        neutral: { before: was.neutral, after: is.neutral },
        moved: share * furthest(z, start, dim),
      } satisfies FeedbackReport;
      if (refused === undefined) return { values, report: found };
      values.fill(0);
      report ??= found;
    }
    z.fill(0);
    return { report: report! };
  } finally {
    start.fill(0);
    checked.values.fill(0);
    await loss.release();
  }
}

interface Descent {
  readonly loss: Awaited<ReturnType<typeof createFeedbackLoss>>;
  readonly learnt: readonly FeedbackItem[];
  readonly before: ReadonlyMap<FeedbackItem, Nats>;
  readonly start: Float32Array;
  readonly dim: number;
  readonly steps: number;
  readonly distance: number;
  readonly seed: number;
}

async function descend(
  { onProgress, signal }: AdaptEmbeddingOptions,
  { loss, learnt, before, start, dim, steps, distance, seed }: Descent,
): Promise<Float32Array> {
  const z = start.slice();
  const state = createAdamW(z.length);
  const pull = PULL / dim;
  let queue: FeedbackItem[] = [];
  for (let step = 0; step < steps; step++) {
    throwIfAborted(signal);
    const count = Math.min(ROWS, learnt.length);
    if (queue.length < count) queue = [...queue, ...shuffled(learnt, randomAt(seed, 'step', step))];
    const some = queue.splice(0, count);
    const found = await loss.at(
      some,
      z,
      some.map((item) => before.get(item)!),
    );
    const gradient = found.gradient.map((g, i) => g + (pull / learnt.length) * (z[i]! - start[i]!));
    if (!Number.isFinite(clipGradient(gradient, MAX_NORM)))
      throw new E2PError('training-failed', `the gradient of the embedding is not finite at step ${step}`);
    const learningRate = learningRateAt(step, { steps, peak: RATE });
    adamWStep(z, gradient, state, { learningRate, weightDecay: 0 });
    gradient.fill(0);
    keepWithin(z, start, dim, distance);
    onProgress?.({ step: step + 1, steps, loss: found.loss });
    await yieldToEvents();
  }
  return z;
}

/** Each vector back onto the ball around where it was, if it has left it. */
function keepWithin(z: Float32Array, start: Float32Array, dim: number, distance: number): void {
  for (let from = 0; from < z.length; from += dim) {
    const away = awayOf(z, start, from, dim);
    if (away <= distance) continue;
    for (let i = from; i < from + dim; i++) z[i] = start[i]! + (distance / away) * (z[i]! - start[i]!);
  }
}

function awayOf(z: Float32Array, start: Float32Array, from: number, dim: number): number {
  let sum = 0;
  for (let i = from; i < from + dim; i++) sum += (z[i]! - start[i]!) ** 2;
  return Math.sqrt(sum / dim);
}

const furthest = (z: Float32Array, start: Float32Array, dim: number): number =>
  Math.max(...Array.from({ length: z.length / dim }, (_, n) => awayOf(z, start, n * dim, dim)));
