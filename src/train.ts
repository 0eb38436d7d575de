/**
 * `e2p-web/train`: a projector trained through the frozen model that will be deployed. `train` runs where it is called, in Node or a
 * worker of your own; `trainInWorker` is the same for a page.
 */
export { adamWStep, clipGradient, createAdamW } from './train/adamw.ts';
export type { Fingerprint } from './train/checkpoint.ts';
export { type ProjectorShape, projectorGraph, projectorParameters } from './train/projector-graph.ts';
export type { TrainingRow } from './train/row-runner.ts';
export { type CosineSchedule, learningRateAt } from './train/schedule.ts';
export { createSoftLoss, type SoftLoss } from './train/soft-loss.ts';
export { type TrainOptions, type TrainReport, type TrainResult, train } from './train/train.ts';
export {
  type HeldOut,
  type ProjectorExample,
  type TrainedProjector,
  type TrainingProgress,
  type TrainingState,
  type TrainProjectorOptions,
  trainProjector,
} from './train/train-projector.ts';
export { type Example, readExamples, readUsers, type Users } from './train/training-data.ts';
export {
  type TrainInWorkerOptions,
  type TrainInWorkerResult,
  trainInWorker,
} from './worker/train-client.ts';
