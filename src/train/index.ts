/** `e2p-web/train`: what a trainer of projectors needs. */
export { adamWStep, clipGradient, createAdamW } from './adamw.ts';
export { type ProjectorShape, projectorGraph, projectorParameters } from './projector-graph.ts';
export { type CosineSchedule, learningRateAt } from './schedule.ts';
export { createSoftLoss, type SoftLoss, type TrainingRow } from './soft-loss.ts';
export {
  type ProjectorExample,
  type TrainingProgress,
  type TrainProjectorOptions,
  trainProjector,
} from './train-projector.ts';
