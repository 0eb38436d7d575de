/**
 * What page and training worker say to each other; a worker trains once, or learns from feedback once. The model comes first; users and
 * examples, or an embedding and feedback, are posted when the worker says that it is sealed, not before.
 */
import type { DeviceChoice } from '../runtime/runtime.ts';
import type { LoadProgress } from '../storage/load-progress.ts';
import type { AdaptEmbeddingOptions, FeedbackProgress, FeedbackReport } from '../train/adapt-embedding.ts';
import type { TrainReport } from '../train/train.ts';
import type { TrainOptions } from '../train/train-options.ts';
import type { TrainingProgress } from '../train/train-projector.ts';
import type { LoadedFiles } from './load-files.ts';
import type { PrivacyReport } from './privacy.ts';
import type { WireError } from './protocol.ts';

/** Those options of a training that are data. */
export type TrainData = Omit<
  TrainOptions,
  'model' | 'runtime' | 'init' | 'signal' | 'onProgress' | 'onCheckpoint'
> & {
  /** Bytes of a projector file to begin with. */
  readonly init?: { readonly bytes: Uint8Array; readonly name: string } | undefined;
};

/** Those options of learning from feedback that are data. */
export type FeedbackData = Omit<
  AdaptEmbeddingOptions,
  'model' | 'runtime' | 'projector' | 'signal' | 'onProgress'
> & { readonly projector: { readonly bytes: Uint8Array; readonly name: string } };

export type ToTrainer =
  | { readonly type: 'open'; readonly files: LoadedFiles }
  | { readonly type: 'train'; readonly data: TrainData }
  | { readonly type: 'learn'; readonly data: FeedbackData }
  | { readonly type: 'abort' };

export type FromTrainer =
  | { readonly type: 'load'; readonly progress: LoadProgress }
  | { readonly type: 'ready'; readonly device: DeviceChoice; readonly privacy: PrivacyReport }
  | { readonly type: 'progress'; readonly progress: TrainingProgress }
  | { readonly type: 'checkpoint'; readonly bytes: Uint8Array; readonly step: number }
  | { readonly type: 'done'; readonly projector: Uint8Array; readonly report: TrainReport }
  | { readonly type: 'learning'; readonly progress: FeedbackProgress }
  | { readonly type: 'learnt'; readonly values: Float32Array | undefined; readonly report: FeedbackReport }
  | { readonly type: 'failed'; readonly error: WireError };
