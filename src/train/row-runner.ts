/**
 * Token rows through the training graph: pads them, and keeps one onnxruntime session for each padded length of rows and
 * targets, made when it is first needed.
 */
import { E2PError } from '../error.ts';
import type { BaseModel } from '../model/base-model.ts';
import { TRAINING, type TrainingGraphOptions } from '../onnx/training-graph.ts';
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
   * Bytes that this may hold: the run in progress, and the graphs kept ready, one for each pair of padded lengths, with the weights once for each.
   * Default 3 GB; the graph in use is kept in any case.
   */
  readonly keptBytes?: number | undefined;
}

/** Probabilities [batch, T, V] for the same rows of targets, and the weight of each target token in the loss. */
export interface Teacher {
  readonly probabilities: Tensor;
  readonly weight: number;
}

export interface RowRunner {
  /** One at a time. Outputs of the training graph. `weight`: of each target token in the loss; `soft` [batch, K, H]. */
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
const TARGETS = { step: 16, share: 1 / 2 };
const KEPT_BYTES = 3e9;
/** Held for the nodes of a graph: measured for a decoder of 30 layers, 5,600 nodes. */
const GRAPH_BYTES = 25e6;
/** A graph whose run needs more than this gives it back after each: such runs, one at a time, share it. */
const ARENA_BYTES = 100e6;

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
  const sessions = new Map<string, RuntimeSession>();
  const sizes = new Map<string, GraphBytes>();
  const sessionFor = async (length: number, targets: number, teacher: boolean): Promise<RuntimeSession> => {
    const key = `${length} ${targets} ${teacher}`;
    const graph = { batch, length, targets, softTokens, gradient, probabilities, teacher, recompute };
    const bytes = sizes.get(key) ?? graphBytes(model, graph);
    sizes.set(key, bytes);
    // Room is made first, so that two large graphs never stand side by side.
    const others = [...sessions.keys()].filter((other) => other !== key);
    let held = others.reduce((sum, other) => sum + sizes.get(other)!.kept, bytes.kept + bytes.run);
    for (const unused of others) {
      if (held <= keptBytes) break;
      const session = sessions.get(unused)!;
      sessions.delete(unused);
      held -= sizes.get(unused)!.kept;
      await session.release();
    }
    const session =
      sessions.get(key) ?? (await model.createTrainingSession(runtime, graph, { arena: bytes.keepsRun }));
    sessions.delete(key);
    sessions.set(key, session);
    return session;
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
      return (await sessionFor(length, targets, teacher !== undefined)).run({
        ...(teacher && {
          [TRAINING.teacher]: teacher.probabilities,
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
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}

/** What a graph holds between runs, and what a run takes beside that. */
interface GraphBytes {
  readonly kept: number;
  readonly run: number;
  readonly keepsRun: boolean;
}

function graphBytes(model: RowRunnerOptions['model'], graph: TrainingGraphOptions): GraphBytes {
  const [idle, run] = [model.weightBytes + GRAPH_BYTES, model.trainingBytes(graph)];
  return run <= ARENA_BYTES
    ? { kept: idle + run, run: 0, keepsRun: true }
    : { kept: idle, run, keepsRun: false };
}
