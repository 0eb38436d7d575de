/**
 * Token rows through the training graph: pads them, and keeps one onnxruntime session for each padded length of rows and
 * targets, made when it is first needed.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { TRAINING } from '../onnx/training-graph.ts';
import type { Runtime, RuntimeSession, Tensor } from '../runtime/runtime.ts';

/** A tokenised example: a prompt with places for soft tokens, then the target. */
export interface TrainingRow {
  /** The whole sequence; ids at the places of soft tokens are not read. */
  readonly ids: readonly number[];
  /** Where soft token k stands, for each of the K; -1 for one that stands nowhere. */
  readonly softPositions: readonly number[];
  /** Index of the first target token; everything from there on is learned. */
  readonly targetFrom: number;
}

export interface RowRunnerOptions {
  /** The frozen model; its weights are used as they are stored. */
  readonly model: Pick<BaseModel, 'createTrainingSession'>;
  readonly hiddenSize: number;
  readonly runtime: Runtime;
  readonly batch: number;
  /** K */
  readonly softTokens: number;
  /** false: no backward pass. Default true. */
  readonly gradient?: boolean;
  /** Graphs kept ready at once, one for each pair of padded lengths; default 8. Each holds memory of its own. */
  readonly maxSessions?: number;
}

export interface RowRunner {
  /** Outputs of the training graph. `weight`: of each target token in the loss; `soft` [batch, K, H]. */
  run(rows: readonly TrainingRow[], soft: Float32Array, weight: number): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/** Rows are padded to a multiple of this, so that few graphs serve all lengths; targets too. */
const LENGTH_STEP = 16;
const TARGET_STEP = 8;

const roundUp = (count: number, step: number): number => Math.ceil(count / step) * step;

/** The length that a row is padded to. */
export const paddedLength = (row: TrainingRow): number => roundUp(row.ids.length, LENGTH_STEP);

export const targetCount = (row: TrainingRow): number => row.ids.length - row.targetFrom;

export function createRowRunner(options: RowRunnerOptions): RowRunner {
  const { model, hiddenSize, runtime, batch, softTokens, gradient = true, maxSessions = 8 } = options;
  /** The one used last stands last. */
  const sessions = new Map<string, Promise<RuntimeSession>>();
  const sessionFor = async (length: number, targets: number): Promise<RuntimeSession> => {
    const key = `${length} ${targets}`;
    const sizes = { batch, length, targets, softTokens, gradient };
    const session = sessions.get(key) ?? model.createTrainingSession(runtime, sizes);
    sessions.delete(key);
    sessions.set(key, session);
    for (const [oldest, unused] of sessions) {
      if (sessions.size <= maxSessions) break;
      sessions.delete(oldest);
      await (await unused).release();
    }
    return session;
  };
  return {
    run: async (rows, soft, weight) => {
      if (rows.length !== batch) {
        throw new E2PError('invalid-argument', `${rows.length} rows, expected a batch of ${batch}`);
      }
      const length = Math.max(...rows.map(paddedLength));
      const targets = roundUp(Math.max(1, ...rows.map(targetCount)), TARGET_STEP);
      const integers = (perRow: number, values: (row: TrainingRow) => readonly number[]) => {
        const data = new BigInt64Array(batch * perRow);
        for (const [b, row] of rows.entries()) data.set(values(row).map(BigInt), b * perRow);
        return runtime.tensor('int64', data, [batch, perRow]);
      };
      const weights = new Float32Array(batch * targets);
      for (const [b, row] of rows.entries()) {
        weights.fill(weight, b * targets, b * targets + targetCount(row));
      }
      return (await sessionFor(length, targets)).run({
        [TRAINING.ids]: integers(length, (row) => row.ids),
        [TRAINING.soft]: runtime.tensor('float32', soft, [batch, softTokens, hiddenSize]),
        [TRAINING.softPositions]: integers(softTokens, (row) => row.softPositions),
        [TRAINING.predicting]: integers(targets, (row) =>
          Array.from({ length: targetCount(row) }, (_, i) => row.targetFrom + i - 1),
        ),
        [TRAINING.targets]: integers(targets, (row) => row.ids.slice(row.targetFrom)),
        [TRAINING.weights]: runtime.tensor('float32', weights, [batch, targets]),
      });
    },
    release: async () => {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}
