/**
 * Alignment: before the base model runs at all, the projector learns to point from the vector of a text ("I love pottery.") at
 * its words in the vocabulary (" pottery"). It takes minutes where learning the same through the model takes hours, and is
 * replayed later, so that words which no example holds are not forgotten.
 */
import { E2PError } from '../error.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createBatches, gaussian, randomAt } from './draw-batches.ts';
import { INITIAL_SHARPNESS, type ParameterLayout } from './parameters.ts';
import { alignmentGraph, type ProjectorShape } from './projector-graph.ts';
import { addTo, parameterFeeds } from './projector-session.ts';

export interface AlignedText {
  /** [dim], standardised. */
  readonly vector: Float32Array;
  /** Indices of candidates, the tokens of its words. */
  readonly targets: readonly number[];
}

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
