/**
 * `e2p-web/train`: a projector trained through the frozen model that will be deployed. `train` runs where it is called, in Node or a
 * worker of your own, on a model and a runtime of `e2p-web/node`; `trainInWorker` is the same for a page. `adaptEmbedding` and
 * `learnFromFeedback` are the two for an embedding that learns from its person's feedback.
 */

export type { Anchors } from './projector/anchors.ts';
export { type Projector, readProjector, writeProjector } from './projector/projector.ts';
export type { SpaceReference } from './projector/reference.ts';
export { PLACES, type Place, type Slot, SOFT } from './projector/slot.ts';
export { adamWStep, clipGradient, createAdamW } from './train/adamw.ts';
export {
  type AdaptEmbeddingOptions,
  type AdaptedEmbedding,
  adaptEmbedding,
  type BeforeAfter,
  type FeedbackProgress,
  type FeedbackReport,
  type FeedbackSettings,
  type NeutralText,
} from './train/adapt-embedding.ts';
export type { AlignedText, Alignment } from './train/alignment.ts';
export { anchorWords } from './train/anchor-words.ts';
export type { Fingerprint } from './train/checkpoint.ts';
export type { Erasure } from './train/erase-attribute.ts';
export { fitFusion } from './train/fit-fusion.ts';
export { type FitSpaceMapOptions, fitSpaceMap } from './train/fit-space-map.ts';
export type { HeldOut } from './train/held-out.ts';
export type { PrivateSteps } from './train/private-steps.ts';
export { type ProjectorShape, projectorGraph, projectorParameters } from './train/projector-graph.ts';
export type { TrainingRow } from './train/row-runner.ts';
export { type CosineSchedule, learningRateAt } from './train/schedule.ts';
export { createSoftLoss, type SoftLoss } from './train/soft-loss.ts';
export { type TrainReport, type TrainResult, train } from './train/train.ts';
export {
  type AlignmentText,
  type HiddenAttribute,
  TRAIN_DEFAULTS,
  type TrainOptions,
  type TrainPrivacy,
} from './train/train-options.ts';
export {
  type ProjectorExample,
  type TrainedProjector,
  type TrainingProgress,
  type TrainProjectorOptions,
  trainProjector,
} from './train/train-projector.ts';
export {
  type AlignmentLine,
  type Example,
  readAlignment,
  readExamples,
  readUserLines,
  readUsers,
  type UserLines,
  type Users,
} from './train/training-data.ts';
export type { TrainingState } from './train/training-state.ts';
export { type VocabularyWord, vocabularyWords } from './train/vocabulary-words.ts';
export { activityCounts, activityWeight } from './user/activity-weights.ts';
export { type FactorizeOptions, type Factors, factorize, gramMatrix } from './user/als.ts';
export { type MappedSpace, type SpaceMap, writeSpaceMap } from './user/space-map.ts';
export { type WriteCatalogueOptions, writeCatalogue } from './user/write-catalogue.ts';
export { type LearnFromFeedbackOptions, learnFromFeedback } from './worker/learn-client.ts';
export type { TrainerOptions } from './worker/open-trainer.ts';
export {
  type TrainInWorkerOptions,
  type TrainInWorkerResult,
  trainInWorker,
} from './worker/train-client.ts';
