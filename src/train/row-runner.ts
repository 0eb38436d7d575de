/** Token rows through the training graph: pads them to one of few lengths, and runs the graph that is kept ready for it. */
import { E2PError } from '../error.ts';
import { TRAINING } from '../onnx/training-graph.ts';
import type { Tensor } from '../runtime/runtime.ts';
import { createReadyGraphs, type ReadyGraphs, type ReadyGraphsOptions } from './ready-graphs.ts';

/** A tokenised example: a prompt with places for soft tokens, then the target. */
export interface TrainingRow {
  /** The whole sequence; ids at the places of soft tokens are not read. */
  readonly ids: readonly number[];
  /** Where soft token k stands, for each of the K; -1 for one that stands nowhere. */
  readonly softPositions: readonly number[];
  /** Index of the first target token; everything from there on is learned. */
  readonly targetFrom: number;
}

/** `model` is frozen; its weights are used as they are stored. */
export interface RowRunnerOptions extends ReadyGraphsOptions {
  readonly hiddenSize: number;
  readonly batch: number;
  /** K */
  readonly softTokens: number;
  /** false: no backward pass. Default true. */
  readonly gradient?: boolean;
  /** Give out probabilities, to be a teacher. */
  readonly probabilities?: boolean;
  /** Less memory for more time. Default false. */
  readonly recompute?: boolean;
  /** Made before and released by whoever made them: runners that share them stay within one bound together. Default: the runner's own. */
  readonly graphs?: ReadyGraphs;
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

export const targetTokens = (rows: readonly TrainingRow[]): number =>
  rows.reduce((sum, row) => sum + targetCount(row), 0);

export function createRowRunner(options: RowRunnerOptions): RowRunner {
  const { hiddenSize, runtime, batch, softTokens } = options;
  const { gradient = true, probabilities = false, recompute = false } = options;
  const graphs = options.graphs ?? createReadyGraphs(options);
  const feeds = (rows: readonly TrainingRow[], length: number, targets: number, weight: number) => {
    const integers = (perRow: number, values: (row: TrainingRow) => readonly number[]) => {
      const data = new BigInt64Array(rows.length * perRow);
      for (const [b, row] of rows.entries()) data.set(values(row).map(BigInt), b * perRow);
      return runtime.tensor('int64', data, [rows.length, perRow]);
    };
    return {
      [TRAINING.ids]: integers(length, (row) => row.ids),
      [TRAINING.softPositions]: integers(softTokens, (row) => row.softPositions),
      [TRAINING.predicting]: integers(targets, (row) =>
        Array.from({ length: targetCount(row) }, (_, i) => row.targetFrom + i - 1),
      ),
      [TRAINING.targets]: integers(targets, (row) => row.ids.slice(row.targetFrom)),
      [TRAINING.weights]: weights(rows, targets, weight),
    };
  };
  const weights = (rows: readonly TrainingRow[], targets: number, each: number) => {
    const data = new Float32Array(rows.length * targets);
    for (const [b, row] of rows.entries()) data.fill(each, b * targets, b * targets + targetCount(row));
    return runtime.tensor('float32', data, [rows.length, targets]);
  };
  /** Rows `from` to `to` of values [batch, …]. */
  const part = (values: Float32Array, from: number, to: number, dims: readonly number[]) => {
    const stride = values.length / batch;
    return runtime.tensor('float32', values.slice(from * stride, to * stride), [to - from, ...dims]);
  };
  /** The loss is a sum; all else has a row for each row. */
  const joined = (parts: readonly Record<string, Tensor>[]): Record<string, Tensor> => {
    const [first] = parts;
    if (parts.length === 1) return first!;
    const join = (name: string): Tensor => {
      const all = parts.map((outputs) => outputs[name]!.data as Float32Array);
      const { dims } = first![name]!;
      if (dims.length === 0) {
        const sum = all.reduce((total, [value]) => total + value!, 0);
        return runtime.tensor('float32', Float32Array.of(sum), []);
      }
      const values = new Float32Array(all.length * all[0]!.length);
      for (const [i, some] of all.entries()) values.set(some, i * some.length);
      return runtime.tensor('float32', values, [batch, ...dims.slice(1)]);
    };
    return Object.fromEntries(Object.keys(first!).map((name) => [name, join(name)]));
  };
  /** Of the rows from `from` on. */
  const teacherFeeds = (
    teacher: Teacher,
    some: readonly TrainingRow[],
    from: number,
    targets: number,
  ): Record<string, Tensor> => {
    const { tokens } = teacher;
    const ids = new BigInt64Array(some.length * targets * tokens);
    const probabilities = new Float32Array(ids.length);
    for (const [b] of some.entries()) {
      const told = teacher.rows[from + b]!;
      ids.set(BigInt64Array.from(told.ids, BigInt), b * targets * tokens);
      probabilities.set(told.probabilities, b * targets * tokens);
    }
    const dims = [some.length, targets, tokens];
    return {
      [TRAINING.teacherIds]: runtime.tensor('int64', ids, dims),
      [TRAINING.teacherProbabilities]: runtime.tensor('float32', probabilities, dims),
      [TRAINING.teacherWeights]: weights(some, targets, teacher.weight),
    };
  };
  return {
    run: async (rows, soft, weight, teacher) => {
      if (rows.length !== batch) {
        throw new E2PError('invalid-argument', `${rows.length} rows, expected a batch of ${batch}`);
      }
      const length = Math.max(...rows.map(paddedLength));
      const targets = Math.max(...rows.map(paddedTargets));
      const { session, rows: count } = await graphs.take({
        ...{ batch, length, targets, softTokens, gradient, probabilities, recompute },
        teacherTokens: teacher?.tokens ?? 0,
      });
      const parts: Record<string, Tensor>[] = [];
      for (let from = 0; from < batch; from += count) {
        const some = rows.slice(from, from + count);
        parts.push(
          await session.run({
            ...feeds(some, length, targets, weight),
            [TRAINING.soft]: part(soft, from, from + count, [softTokens, hiddenSize]),
            ...(teacher && teacherFeeds(teacher, some, from, targets)),
          }),
        );
      }
      return joined(parts);
    },
    release: async () => {
      if (options.graphs === undefined) await graphs.release();
    },
  };
}
