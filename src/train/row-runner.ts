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
  readonly model: Pick<BaseModel, 'createTrainingSession' | 'trainingBytes' | 'weightBytes'>;
  readonly hiddenSize: number;
  readonly runtime: Runtime;
  readonly batch: number;
  /** K */
  readonly softTokens: number;
  /** false: no backward pass. Default true. */
  readonly gradient?: boolean;
  /** Give out probabilities, to be a teacher. */
  readonly probabilities?: boolean;
  /** Less memory for more time. Default false. */
  readonly recompute?: boolean;
  /**
   * Bytes that graphs kept ready may hold together, one for each pair of padded lengths: the activations of each, and weights maybe again.
   * Default 1.5 GB; the graph in use is kept in any case.
   */
  readonly keptBytes?: number | undefined;
}

/** What a teacher would most likely say at each target of a row, computed once. */
export interface TeacherRow {
  /** [targets, k] */
  readonly ids: Int32Array;
  /** [targets, k] */
  readonly probabilities: Float32Array;
}

/** A teacher's rows for a batch, and the weight of each target token in the loss. */
export interface Teacher {
  readonly rows: readonly TeacherRow[];
  /** k */
  readonly tokens: number;
  readonly weight: number;
}

export interface RowRunner {
  /** Outputs of the training graph. `weight`: of each target token in the loss; `soft` [batch, K, H]. */
  run(
    rows: readonly TrainingRow[],
    soft: Float32Array,
    weight: number,
    teacher?: Teacher,
  ): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/**
 * Rows and targets are padded to few lengths, since making a graph costs as much as many steps: multiples of the first number, and of a
 * share of the power of two below, where that is more.
 */
const LENGTHS = { step: 16, share: 1 / 4 };
const TARGETS = { step: 8, share: 1 / 2 };
const KEPT_BYTES = 1.5e9;

function roundUp(count: number, { step, share }: typeof LENGTHS): number {
  const below = 2 ** Math.floor(Math.log2(Math.max(1, count - 1)));
  const unit = Math.max(step, below * share);
  return Math.ceil(count / unit) * unit;
}

/** The length that a row is padded to. */
export const paddedLength = (row: TrainingRow): number => roundUp(row.ids.length, LENGTHS);

/** The number that its targets are padded to. */
export const paddedTargets = (row: TrainingRow): number => roundUp(Math.max(1, targetCount(row)), TARGETS);

export const targetCount = (row: TrainingRow): number => row.ids.length - row.targetFrom;

export function createRowRunner(options: RowRunnerOptions): RowRunner {
  const { model, hiddenSize, runtime, batch, softTokens } = options;
  const { keptBytes = KEPT_BYTES } = options;
  const { gradient = true, probabilities = false, recompute = false } = options;
  /** The one used last stands last. */
  const sessions = new Map<string, { readonly session: Promise<RuntimeSession>; readonly bytes: number }>();
  let held = 0;
  const sessionFor = async (
    length: number,
    targets: number,
    teacherTokens: number,
  ): Promise<RuntimeSession> => {
    const key = `${length} ${targets} ${teacherTokens}`;
    const sizes = { batch, length, targets, softTokens, gradient, probabilities, teacherTokens, recompute };
    const known = sessions.get(key);
    const bytes = known?.bytes ?? model.weightBytes + model.trainingBytes(sizes);
    if (known === undefined) held += bytes;
    // Room is made first, so that two large graphs never stand side by side.
    for (const [name, unused] of sessions) {
      if (held <= keptBytes || name === key) break;
      sessions.delete(name);
      held -= unused.bytes;
      await (await unused.session).release();
    }
    const session = known?.session ?? model.createTrainingSession(runtime, sizes);
    sessions.delete(key);
    sessions.set(key, { session, bytes });
    return session;
  };
  const teacherFeeds = ({ rows, tokens }: Teacher, targets: number) => {
    const ids = new BigInt64Array(batch * targets * tokens);
    const probabilities = new Float32Array(ids.length);
    for (const [b, row] of rows.entries()) {
      ids.set(BigInt64Array.from(row.ids, BigInt), b * targets * tokens);
      probabilities.set(row.probabilities, b * targets * tokens);
    }
    const dims = [batch, targets, tokens];
    return {
      [TRAINING.teacherIds]: runtime.tensor('int64', ids, dims),
      [TRAINING.teacherProbabilities]: runtime.tensor('float32', probabilities, dims),
    };
  };
  return {
    run: async (rows, soft, weight, teacher) => {
      if (rows.length !== batch) {
        throw new E2PError('invalid-argument', `${rows.length} rows, expected a batch of ${batch}`);
      }
      const length = Math.max(...rows.map(paddedLength));
      const targets = Math.max(...rows.map(paddedTargets));
      const integers = (perRow: number, values: (row: TrainingRow) => readonly number[]) => {
        const data = new BigInt64Array(batch * perRow);
        for (const [b, row] of rows.entries()) data.set(values(row).map(BigInt), b * perRow);
        return runtime.tensor('int64', data, [batch, perRow]);
      };
      const weights = (each: number) => {
        const data = new Float32Array(batch * targets);
        for (const [b, row] of rows.entries()) data.fill(each, b * targets, b * targets + targetCount(row));
        return runtime.tensor('float32', data, [batch, targets]);
      };
      return (await sessionFor(length, targets, teacher?.tokens ?? 0)).run({
        ...(teacher && {
          ...teacherFeeds(teacher, targets),
          [TRAINING.teacherWeights]: weights(teacher.weight),
        }),
        [TRAINING.ids]: integers(length, (row) => row.ids),
        [TRAINING.soft]: runtime.tensor('float32', soft, [batch, softTokens, hiddenSize]),
        [TRAINING.softPositions]: integers(softTokens, (row) => row.softPositions),
        [TRAINING.predicting]: integers(targets, (row) =>
          Array.from({ length: targetCount(row) }, (_, i) => row.targetFrom + i - 1),
        ),
        [TRAINING.targets]: integers(targets, (row) => row.ids.slice(row.targetFrom)),
        [TRAINING.weights]: weights(weight),
      });
    },
    release: async () => {
      for (const { session } of sessions.values()) await (await session).release();
      sessions.clear();
      held = 0;
    },
  };
}
