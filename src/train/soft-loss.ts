/**
 * The base model's side of projector training: how well do these soft tokens make the frozen model say the
 * targets, and in which direction would they do better?
 *
 * With distillation the same frozen model is teacher as well: it reads the row in which the user is told in words, and what it would
 * say there is learned beside the target itself.
 */
import { TRAINING } from '../onnx/training-graph.ts';
import { createRowRunner, type RowRunnerOptions, type TrainingRow, targetCount } from './row-runner.ts';

export interface SoftLossResult {
  /** Mean negative log-likelihood per target token of the batch, in nats; with distillation mixed with the cross-entropy to the teacher. */
  readonly loss: number;
  /** d loss / d soft [batch, K, H] */
  readonly gradient: Float32Array;
}

/** A row, and where distilled from: the row with the text persona instead of soft tokens, its target the same. */
export interface LearningRow extends TrainingRow {
  readonly teacher?: TrainingRow;
}

export interface SoftLoss {
  /** `soft` [batch, K, H] */
  (rows: readonly LearningRow[], soft: Float32Array): Promise<SoftLossResult>;
  /** Frees the graphs that were kept ready. */
  release(): Promise<void>;
}

export interface SoftLossOptions extends Omit<RowRunnerOptions, 'gradient' | 'probabilities'> {
  /** Rows that go through the model at once, a divisor of `batch`; the sum over parts is the same. Default: all. */
  readonly rowsPerPass?: number;
  /** Share of the teacher in the loss, for rows that have one, 0…1; default 0. */
  readonly distill?: number;
}

export function createSoftLoss({ distill = 0, ...options }: SoftLossOptions): SoftLoss {
  const { hiddenSize, softTokens, batch, rowsPerPass = batch } = options;
  const sizes = { ...options, batch: rowsPerPass };
  const runner = createRowRunner(sizes);
  const teacher = createRowRunner({ ...sizes, softTokens: 1, gradient: false, probabilities: true });
  const nothing = new Float32Array(rowsPerPass * hiddenSize);
  const taught = async (rows: readonly LearningRow[]) => {
    const told = rows.flatMap((row) => (row.teacher === undefined ? [] : [row.teacher]));
    if (distill === 0 || told.length < rows.length) return undefined;
    return (await teacher.run(told, nothing, 0))[TRAINING.probabilities]!;
  };
  const pass = async (rows: readonly LearningRow[], soft: Float32Array, weight: number) => {
    const probabilities = await taught(rows);
    return probabilities === undefined
      ? runner.run(rows, soft, weight)
      : runner.run(rows, soft, weight * (1 - distill), { probabilities, weight: weight * distill });
  };
  const softLoss = async (rows: readonly LearningRow[], soft: Float32Array) => {
    const weight = 1 / rows.reduce((sum, row) => sum + targetCount(row), 0);
    const gradient = new Float32Array(soft.length);
    const stride = softTokens * hiddenSize;
    let loss = 0;
    for (let at = 0; at < rows.length; at += rowsPerPass) {
      const [from, to] = [at * stride, (at + rowsPerPass) * stride];
      const outputs = await pass(rows.slice(at, at + rowsPerPass), soft.slice(from, to), weight);
      loss += (outputs[TRAINING.loss]!.data as Float32Array)[0]!;
      gradient.set(outputs[TRAINING.gradient]!.data as Float32Array, from);
    }
    return { loss, gradient };
  };
  const release = async () => {
    await runner.release();
    await teacher.release();
  };
  return Object.assign(softLoss, { release });
}
