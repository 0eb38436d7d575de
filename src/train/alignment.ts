/**
 * Alignment: before the base model runs at all, the projector learns to point from the vector of a text ("I love pottery.") at
 * its words in the vocabulary (" pottery"). It takes minutes where learning the same through the model takes hours, and is
 * replayed later, so that words which no example holds are not forgotten.
 */
import { E2PError, throwIfAborted } from '../error.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { yieldToEvents } from '../runtime/event-loop.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { adamWStep, clipGradient, createAdamW, MAX_GRADIENT_NORM } from './adamw.ts';
import { createBatches, gaussian, randomAt } from './draw-batches.ts';
import { INITIAL_SHARPNESS, type ParameterLayout } from './parameters.ts';
import { alignmentGraph, type ProjectorShape } from './projector-graph.ts';
import { addTo, parameterFeeds } from './projector-session.ts';
import { learningRateAt } from './schedule.ts';
import type { TrainProjectorOptions } from './train-projector.ts';

/** A text that the projector is to point from, and its words. */
export interface AlignedText {
  /** [dim], standardised. */
  readonly vector: Float32Array;
  /** Indices of candidates, the tokens of its words. */
  readonly targets: readonly number[];
}

/** Pointing from texts at their words, before the base model runs and beside it. */
export interface Alignment {
  readonly texts: readonly AlignedText[];
  /** Keys [C, D] that the words are told apart by: token embeddings, or an anchor's keys. */
  readonly candidates: Float32Array;
  /** Steps before the base model runs; default 900. */
  readonly steps?: number;
  /** Texts of a step; default 256. */
  readonly batch?: number;
  /** Default 1.5e-3. */
  readonly learningRate?: number;
  /** Weight of a replayed step in the loss of training; default 0.15, 0 = none. */
  readonly replay?: number;
}

export interface Aligner {
  /** Adds `share` times the gradient of the n-th batch. @returns its loss, in nats per text */
  addGradient(n: number, parameters: Float32Array, gradient: Float32Array, share?: number): Promise<number>;
  release(): Promise<void>;
}

export const ALIGNMENT = { steps: 900, batch: 256, learningRate: 1.5e-3, replay: 0.15 } as const;

export async function createAligner(options: {
  readonly alignment: Alignment;
  readonly shape: ProjectorShape;
  readonly layout: ParameterLayout;
  readonly runtime: Runtime;
  readonly seed: number;
  /** Standard deviation of the noise on a standardised coordinate. */
  readonly noise: number;
}): Promise<Aligner> {
  const { alignment, shape, layout, runtime, seed, noise } = options;
  const { texts, candidates } = alignment;
  const batch = Math.min(alignment.batch ?? ALIGNMENT.batch, texts.length);
  if (batch === 0) throw new E2PError('invalid-data', 'no text to align with, expected at least one');
  const width = texts.reduce((most, { targets }) => Math.max(most, targets.length), 1);
  const given = { candidates, targets: width, logSharpness: INITIAL_SHARPNESS };
  const session = await runtime.createSession(writeOnnx(alignmentGraph(shape, batch, given)));
  const batchAt = createBatches(texts, batch, () => 0, seed);
  return {
    addGradient: async (n, parameters, gradient, share = 1) => {
      const random = randomAt(seed, 'align', n);
      const x = new Float32Array(batch * shape.dim);
      const targets = new BigInt64Array(batch * width);
      const weights = new Float32Array(batch * width);
      for (const [b, text] of batchAt(n).entries()) {
        x.set(
          text.vector.map((v) => v + noise * gaussian(random)),
          b * shape.dim,
        );
        targets.set(BigInt64Array.from(text.targets, BigInt), b * width);
        weights.fill(1 / text.targets.length, b * width, b * width + text.targets.length);
      }
      const outputs = await session.run({
        x: runtime.tensor('float32', x, [batch, shape.dim]),
        targets: runtime.tensor('int64', targets, [batch, width]),
        weights: runtime.tensor('float32', weights, [batch, width]),
        ...parameterFeeds(runtime, parameters, layout),
      });
      addTo(gradient, outputs, layout, share);
      return (outputs.loss!.data as Float32Array)[0]!;
    },
    release: () => session.release(),
  };
}

/** The first stage of a training: parameters are changed in place, with moments of their own. */
export async function align(
  aligner: Aligner,
  options: Pick<TrainProjectorOptions, 'signal' | 'onProgress'> & {
    readonly alignment: Alignment;
    readonly parameters: Float32Array;
    readonly undecayed: readonly (readonly [number, number])[];
    readonly weightDecay: number;
  },
): Promise<void> {
  const { alignment, parameters, undecayed, weightDecay, signal, onProgress } = options;
  const { steps = ALIGNMENT.steps, learningRate = ALIGNMENT.learningRate } = alignment;
  const moments = createAdamW(parameters.length);
  while (moments.step < steps) {
    throwIfAborted(signal);
    const gradient = new Float32Array(parameters.length);
    const loss = await aligner.addGradient(moments.step, parameters, gradient);
    const gradientNorm = clipGradient(gradient, MAX_GRADIENT_NORM);
    const rate = learningRateAt(moments.step, { steps, peak: learningRate });
    adamWStep(parameters, gradient, moments, { learningRate: rate, weightDecay, undecayed });
    onProgress?.({
      ...{ stage: 'align', step: moments.step, steps, loss, gradientNorm },
      ...{ targetTokens: 0, tokens: 0 },
    });
    await yieldToEvents();
  }
}
