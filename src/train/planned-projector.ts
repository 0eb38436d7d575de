/** A projector before it is trained: all but its weights, and a contract that does not yet say how training went. */

import { type Anchors, anchorRows } from '../projector/anchors.ts';
import { CONTRACT_VERSION, NEXT_VERSION } from '../projector/contract.ts';
import { fingerprintOf } from '../projector/model-fingerprint.ts';
import type { Projector, ProjectorWeights } from '../projector/projector.ts';
import type { SpaceReference } from '../projector/reference.ts';
import { sourceWidth } from '../user/fuse-embeddings.ts';
import { type Erasure, foldErasure } from './erase-attribute.ts';
import type { ProjectorShape } from './projector-graph.ts';
import type { TrainOptions, TrainSettings } from './train-options.ts';

export interface PlannedProjector extends Pick<Projector, 'contract' | 'hidden' | 'anchors' | 'reference'> {
  /** Beside its layers a matrix. */
  readonly residual: boolean;
  /** Is multiplied into the weights once they are trained. */
  readonly erasure?: Erasure | undefined;
}

/** In the contract of a control: a constant soft token. */
export const CONSTANT = { control: 'constant' } as const;

/** What a training has found out about its data. */
export interface DataFacts {
  /** Of the training users. */
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** Of a user, at most. */
  readonly vectors: number;
  /** For `training` of the contract: a digest of the data, how many people and examples are trained on, what is told of any one. */
  readonly told: Readonly<Record<string, string | number>>;
  /** How the training users lie. */
  readonly reference: SpaceReference | undefined;
  /** Of what is to be hidden. */
  readonly erasure: Erasure | undefined;
}

export async function planProjector(
  options: TrainOptions,
  settings: TrainSettings,
  { mean, scale, vectors, reference, erasure, told }: DataFacts,
): Promise<PlannedProjector> {
  const { model, runtime, users, init, byQuestion, requantised = false } = options;
  const sources = options.fusion && {
    widths: options.fusion.sources.map(sourceWidth),
    gated: settings.gate,
  };
  const fused = sources ?? init?.contract.space.sources;
  const { tokens, hidden, slot, batch, accumulate, seed, constant } = settings;
  const { hiddenSize, vocabularySize } = model.facts;
  const named = init?.anchors ?? options.anchors;
  return {
    hidden,
    residual: init ? init.weights.skipWeight.length > 0 : (options.residual ?? named?.keys !== undefined),
    ...{ ...(reference && { reference }), erasure },
    ...(named && { anchors: { ...named, rows: await anchorRows(named, model, runtime) } }),
    contract: {
      version: byQuestion || fused?.gated ? NEXT_VERSION : CONTRACT_VERSION,
      model: {
        ...{ id: options.modelId ?? model.name, hiddenSize, vocabularySize, dtype: model.dtype },
        tableSha256: await model.tableSha256(),
      },
      space: {
        ...{ id: options.space, dim: users.dim, mean, scale },
        ...(fused && { sources: fused }),
        ...(options.encoder && { encoder: options.encoder }),
      },
      ...{ tokens, vectors, slot, scaleSide: 'postScale' },
      ...(byQuestion && { byQuestion: { temperature: byQuestion.temperature } }),
      outputRms: init?.contract.outputRms ?? (await model.embeddingRms(runtime)),
      fingerprint: await fingerprintOf(model, runtime, { requantised }),
      training: {
        ...{ batch: batch * accumulate, seed, ...told },
        ...(constant && CONSTANT),
      },
    },
  };
}

/** Trained through the base model is the mixture of words: a phrase is said where the projector is used, and learnt in alignment. */
export function shapeOf({ contract, hidden, anchors, residual, erasure }: PlannedProjector): ProjectorShape {
  const { space, tokens, model, outputRms } = contract;
  const { hiddenSize } = model;
  const { ids, keys, rows = new Float32Array(0) } = wordsOf(anchors ?? { ids: [] });
  const count = ids.length;
  return {
    ...{ dim: space.dim, hidden, tokens, hiddenSize, outputRms, residual, erasure },
    gated: space.sources?.gated ? space.sources.widths : undefined,
    anchors: anchors && { rows: rows.subarray(0, count * hiddenSize), keys, count },
  };
}

/** Without its phrases. */
function wordsOf({ phrases = [], ...words }: Anchors): Anchors {
  const { ids, keys } = words;
  const width = (keys?.length ?? 0) / (ids.length + phrases.length);
  return { ...words, ...(keys && { keys: keys.subarray(0, ids.length * width) }) };
}

/** What only training tells, as the contract says it. */
export interface Outcome {
  readonly steps: number;
  readonly heldOutLoss?: number;
  readonly bestStep?: number;
}

export function finishProjector(
  { contract, hidden, anchors, reference, erasure }: PlannedProjector,
  trained: ProjectorWeights,
  { steps, ...rest }: Outcome,
): Projector {
  const training = { steps, ...contract.training, ...rest };
  const isControl = contract.training?.control === CONSTANT.control;
  const weights = erasure ? foldErasure(trained, erasure) : trained;
  return {
    ...{ contract: { ...contract, training }, hidden },
    ...(anchors && { anchors: isControl ? wordsOf(anchors) : anchors }),
    ...(reference && { reference }),
    weights: isControl ? withoutUser(weights) : weights,
  };
}

/** The same output whoever the user: what the mean user gets, since the norm's gain is 0. */
function withoutUser(weights: ProjectorWeights): ProjectorWeights {
  return { ...weights, normWeight: new Float32Array(weights.normWeight.length) };
}
