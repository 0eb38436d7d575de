/**
 * The base model's side of projector training: how well do these soft tokens make the frozen model say the
 * targets, and in which direction would they do better? One onnxruntime session for each padded length of rows and
 * targets, made when it is first needed.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { TRAINING } from '../onnx/training-graph.ts';
import type { Runtime, RuntimeSession } from '../runtime/runtime.ts';

/** A tokenised example: a prompt with places for soft tokens, then the target. */
export interface TrainingRow {
  /** The whole sequence; ids at the places of soft tokens are not read. */
  readonly ids: readonly number[];
  /** Where soft token k stands, for each of the K. */
  readonly softPositions: readonly number[];
  /** Index of the first target token; everything from there on is learned. */
  readonly targetFrom: number;
}

export interface SoftLossResult {
  /** Mean negative log-likelihood per target token of the batch, in nats. */
  readonly loss: number;
  /** d loss / d soft [batch, K, H] */
  readonly gradient: Float32Array;
}

export interface SoftLossOptions {
  /** The frozen model; its weights are used as they are stored. */
  readonly model: Pick<BaseModel, 'createTrainingSession'>;
  readonly hiddenSize: number;
  readonly runtime: Runtime;
  readonly batch: number;
  /** K */
  readonly softTokens: number;
  /** Graphs kept ready at once, one for each pair of padded lengths; default 8. Each holds memory of its own. */
  readonly maxSessions?: number;
}

export type SoftLoss = (rows: readonly TrainingRow[], soft: Float32Array) => Promise<SoftLossResult>;

/** Rows are padded to a multiple of this, so that few graphs serve all lengths; targets too. */
const LENGTH_STEP = 16;
const TARGET_STEP = 8;

const roundUp = (count: number, step: number): number => Math.ceil(count / step) * step;

/** The length that a row is padded to. */
export const paddedLength = (row: TrainingRow): number => roundUp(row.ids.length, LENGTH_STEP);

const targetCount = (row: TrainingRow): number => row.ids.length - row.targetFrom;

export function createSoftLoss(options: SoftLossOptions): SoftLoss {
  const { model, hiddenSize, runtime, batch, softTokens, maxSessions = 8 } = options;
  /** The one used last stands last. */
  const sessions = new Map<string, Promise<RuntimeSession>>();
  const sessionFor = async (length: number, targets: number): Promise<RuntimeSession> => {
    const key = `${length} ${targets}`;
    const session =
      sessions.get(key) ?? model.createTrainingSession(runtime, { batch, length, targets, softTokens });
    sessions.delete(key);
    sessions.set(key, session);
    for (const [oldest, unused] of sessions) {
      if (sessions.size <= maxSessions) break;
      sessions.delete(oldest);
      await (await unused).release();
    }
    return session;
  };
  return async (rows, soft) => {
    if (rows.length !== batch) {
      throw new E2PError('invalid-argument', `${rows.length} rows, expected a batch of ${batch}`);
    }
    const length = Math.max(...rows.map(paddedLength));
    const targets = roundUp(Math.max(...rows.map(targetCount)), TARGET_STEP);
    const all = rows.reduce((sum, row) => sum + targetCount(row), 0);
    const integers = (perRow: number, values: (row: TrainingRow) => readonly number[]) => {
      const data = new BigInt64Array(batch * perRow);
      for (const [b, row] of rows.entries()) data.set(values(row).map(BigInt), b * perRow);
      return runtime.tensor('int64', data, [batch, perRow]);
    };
    const weights = new Float32Array(batch * targets);
    for (const [b, row] of rows.entries()) {
      weights.fill(1 / all, b * targets, b * targets + targetCount(row));
    }
    const outputs = await (await sessionFor(length, targets)).run({
      [TRAINING.ids]: integers(length, (row) => row.ids),
      [TRAINING.soft]: runtime.tensor('float32', soft, [batch, softTokens, hiddenSize]),
      [TRAINING.softPositions]: integers(softTokens, (row) => row.softPositions),
      [TRAINING.predicting]: integers(targets, (row) => [...targetPlaces(row)].map((i) => i - 1)),
      [TRAINING.targets]: integers(targets, (row) => row.ids.slice(row.targetFrom)),
      [TRAINING.weights]: runtime.tensor('float32', weights, [batch, targets]),
    });
    return {
      loss: (outputs[TRAINING.loss]!.data as Float32Array)[0]!,
      gradient: outputs[TRAINING.gradient]!.data as Float32Array,
    };
  };
}

function* targetPlaces(row: TrainingRow): Generator<number> {
  for (let i = row.targetFrom; i < row.ids.length; i++) yield i;
}
