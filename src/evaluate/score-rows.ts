/**
 * How likely the frozen model finds the targets: the summed negative log-likelihood of each row, in batches. Rows of one size stand side by
 * side, whatever they are about, so that the graph of a size is made once and freed before the next.
 */
import { E2PError } from '../error.ts';
import { TRAINING } from '../onnx/training-graph.ts';
import {
  createRowRunner,
  paddedLength,
  paddedTargets,
  type RowRunnerOptions,
  type TrainingRow,
} from '../train/row-runner.ts';
import { namingLines } from './example-error.ts';
import { eachPiece, openScoreLog, type ScoreLog } from './score-log.ts';

export interface ScoredRow extends TrainingRow {
  /** K vectors [H], at `softPositions`; none for a row without soft tokens. */
  readonly soft: readonly Float32Array[];
  /** Of its example in the data, for messages. */
  readonly line: number;
}

/** What has to be known of a row before it is scored. */
export interface RowSize {
  /** Tokens, padded. */
  readonly length: number;
  /** Target tokens, padded. */
  readonly targets: number;
  /** K */
  readonly soft: number;
}

/** Token ids of the target, end of text included. */
export const targetOf = (row: TrainingRow): readonly number[] => row.ids.slice(row.targetFrom);

export const sizeOf = (row: ScoredRow): RowSize => ({
  length: paddedLength(row),
  targets: paddedTargets(row),
  soft: row.soft.length,
});

export interface ScoreOptions extends Pick<RowRunnerOptions, 'model' | 'hiddenSize' | 'runtime' | 'batch'> {
  /** Batches that it has are not scored again. Default: all are. */
  readonly log?: ScoreLog;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/**
 * Nats of each row's target, in the order of `sizes`.
 * @param rowAt makes a row when it is its turn: many rows with their vectors would fill the memory
 * @throws E2PError `runtime-failed` naming the lines
 */
export async function scoreRows(
  sizes: readonly RowSize[],
  rowAt: (at: number) => ScoredRow | Promise<ScoredRow>,
  { log = openScoreLog(undefined, {}), signal, onProgress, ...options }: ScoreOptions,
): Promise<Float64Array> {
  const { batch, hiddenSize } = options;
  const softTokens = sizes.reduce((most, { soft }) => Math.max(most, soft), 1);
  // Only the graph in use is kept: no size comes back.
  const runner = createRowRunner({ ...options, softTokens, gradient: false, keptBytes: 0 });
  const score = async (picked: readonly number[]): Promise<number[]> => {
    const rows = await Promise.all(picked.map(rowAt));
    const soft = new Float32Array(batch * softTokens * hiddenSize);
    const full = Array.from({ length: batch }, (_, b): TrainingRow => {
      const { ids, targetFrom, softPositions, soft: vectors } = rows[b] ?? rows[0]!;
      vectors.forEach((vector, k) => {
        soft.set(vector, (b * softTokens + k) * hiddenSize);
      });
      const positions = Array.from({ length: softTokens }, (_, k) => softPositions[k] ?? -1);
      return { ids, targetFrom, softPositions: positions };
    });
    const lines = rows.map((row) => row.line);
    const outputs = await namingLines(lines, () => runner.run(full, soft, 1));
    const nats = [...(outputs[TRAINING.rowLoss]!.data as Float32Array)].slice(0, rows.length);
    const bad = nats.findIndex((v) => !Number.isFinite(v));
    if (bad < 0) return nats;
    throw new E2PError(
      'runtime-failed',
      `line ${lines[bad]}: the likelihood of its target is ${nats[bad]}, expected a finite number`,
    );
  };
  const order = [...sizes.keys()].sort(
    (a, b) => sizes[a]!.length - sizes[b]!.length || sizes[a]!.targets - sizes[b]!.targets || a - b,
  );
  const batches = Array.from({ length: Math.ceil(order.length / batch) }, (_, i) =>
    order.slice(i * batch, (i + 1) * batch),
  );
  const rowsIn = (count: number) => Math.min(order.length, count * batch);
  try {
    const found = await eachPiece(
      batches.map((_, i) => `batch ${i}`),
      (i) => score(batches[i]!),
      { log, signal, onProgress: (done, all) => onProgress?.(rowsIn(done), rowsIn(all)) },
    );
    const nats = new Float64Array(sizes.length);
    for (const [i, picked] of batches.entries())
      for (const [b, at] of picked.entries()) nats[at] = found[i]![b]!;
    return nats;
  } finally {
    await runner.release();
  }
}
