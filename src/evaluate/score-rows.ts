/** How likely the frozen model finds the targets: the summed negative log-likelihood of each row, in batches. */
import { TRAINING } from '../onnx/training-graph.ts';
import {
  createRowRunner,
  paddedLength,
  type RowRunnerOptions,
  type TrainingRow,
} from '../train/row-runner.ts';

export interface ScoredRow extends TrainingRow {
  /** K vectors [H], at `softPositions`; none for a row without soft tokens. */
  readonly soft: readonly Float32Array[];
}

/** Token ids of the target, end of text included. */
export const targetOf = (row: TrainingRow): readonly number[] => row.ids.slice(row.targetFrom);

export interface ScoreOptions extends Omit<RowRunnerOptions, 'gradient'> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** Nats of each row's target, in the order of `rows`; rows may be of any number. */
export async function scoreRows(rows: readonly ScoredRow[], options: ScoreOptions): Promise<Float64Array> {
  const { batch, softTokens, hiddenSize, signal, onProgress } = options;
  const runner = createRowRunner({ ...options, gradient: false });
  const nats = new Float64Array(rows.length);
  // Rows of one length side by side.
  const order = [...rows.keys()].sort((a, b) => paddedLength(rows[a]!) - paddedLength(rows[b]!));
  try {
    for (let start = 0; start < order.length; start += batch) {
      signal?.throwIfAborted();
      const picked = order.slice(start, start + batch);
      const soft = new Float32Array(batch * softTokens * hiddenSize);
      const full = Array.from({ length: batch }, (_, b): TrainingRow => {
        const row = rows[picked[b] ?? picked[0]!]!;
        row.soft.forEach((vector, k) => {
          soft.set(vector, (b * softTokens + k) * hiddenSize);
        });
        const softPositions = Array.from({ length: softTokens }, (_, k) => row.softPositions[k] ?? -1);
        return { ids: row.ids, targetFrom: row.targetFrom, softPositions };
      });
      const perRow = (await runner.run(full, soft, 1))[TRAINING.rowLoss]!.data as Float32Array;
      picked.forEach((at, b) => {
        nats[at] = perRow[b]!;
      });
      onProgress?.(Math.min(order.length, start + batch), order.length);
    }
  } finally {
    await runner.release();
  }
  return nats;
}
