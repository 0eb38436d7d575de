/** `e2p-web/train`: a projector trained through the frozen model that will be deployed. */
export { adamWStep, clipGradient, createAdamW } from './adamw.ts';
export type { Fingerprint } from './checkpoint.ts';
export { type ProjectorShape, projectorGraph, projectorParameters } from './projector-graph.ts';
export { type CosineSchedule, learningRateAt } from './schedule.ts';
export { createSoftLoss, type SoftLoss, type TrainingRow } from './soft-loss.ts';
export { type TrainOptions, type TrainReport, type TrainResult, train } from './train.ts';
export {
  type HeldOut,
  type ProjectorExample,
  type TrainedProjector,
  type TrainingProgress,
  type TrainingState,
  type TrainProjectorOptions,
  trainProjector,
} from './train-projector.ts';
export { type Example, readExamples, readUsers, type Users } from './training-data.ts';
