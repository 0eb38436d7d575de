/**
 * The base model's side of projector training: how well do these soft tokens make the frozen model say the
 * targets, and in which direction would they do better?
 */
import { TRAINING } from '../onnx/training-graph.ts';
import { createRowRunner, type RowRunnerOptions, type TrainingRow, targetCount } from './row-runner.ts';

export interface SoftLossResult {
  /** Mean negative log-likelihood per target token of the batch, in nats. */
  readonly loss: number;
  /** d loss / d soft [batch, K, H] */
  readonly gradient: Float32Array;
}

export interface SoftLoss {
  /** `soft` [batch, K, H] */
  (rows: readonly TrainingRow[], soft: Float32Array): Promise<SoftLossResult>;
  /** Frees the graphs that were kept ready. */
  release(): Promise<void>;
}

export function createSoftLoss(options: Omit<RowRunnerOptions, 'gradient'>): SoftLoss {
  const runner = createRowRunner(options);
  const softLoss = async (rows: readonly TrainingRow[], soft: Float32Array) => {
    const all = rows.reduce((sum, row) => sum + targetCount(row), 0);
    const outputs = await runner.run(rows, soft, 1 / all);
    return {
      loss: (outputs[TRAINING.loss]!.data as Float32Array)[0]!,
      gradient: outputs[TRAINING.gradient]!.data as Float32Array,
    };
  };
  return Object.assign(softLoss, { release: () => runner.release() });
}
