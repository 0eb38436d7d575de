/** How many rows go through the model at once, and whether activations are kept, so that a step stays within a bound. */
import { E2PError } from '../error.ts';
import { RUN_BYTES, rowsPerRun } from './ready-graphs.ts';
import { paddedLength, paddedTargets } from './row-runner.ts';
import type { LearningRow } from './soft-loss.ts';
import { type Trainable, trainingModel } from './training-model.ts';

export interface MemoryPlan {
  /** Bytes between the nodes of the largest step at most, estimated from the graph; the model's weights are not in it. */
  readonly bytes: number;
  /** Rows of a batch that go through the model at once; of the longest there may be fewer where no limit was given. */
  readonly rowsPerPass: number;
  readonly recompute: boolean;
}

export interface PlanMemoryOptions {
  readonly model: Trainable<'trainingBytes'>;
  readonly rows: readonly LearningRow[];
  readonly batch: number;
  readonly softTokens: number;
  /** k of a teacher; 0 = none. */
  readonly teacherTokens: number;
  /** Bytes; where not given, each batch is parted as `ready-graphs.ts` does it. */
  readonly limit?: number | undefined;
  /** Wanted from the beginning, limit or not. */
  readonly recompute: boolean;
}

/**
 * Fewer rows at once first, which costs little; then everything again on the way back.
 * @throws E2PError `invalid-argument` where one row is too much even so
 */
export function planMemory(options: PlanMemoryOptions): MemoryPlan {
  const { model, rows, batch, softTokens, teacherTokens, limit } = options;
  const length = rows.reduce((most, row) => Math.max(most, paddedLength(row)), 0);
  const targets = rows.reduce((most, row) => Math.max(most, paddedTargets(row)), 0);
  const bytesOf = (rowsPerPass: number, recompute: boolean) =>
    trainingModel(model).trainingBytes({
      batch: rowsPerPass,
      length,
      targets,
      softTokens,
      teacherTokens,
      recompute,
    });
  if (limit === undefined) {
    const { recompute } = options;
    const graph = { batch, length, targets, softTokens, teacherTokens, recompute };
    const rows = rowsPerRun(model, graph, RUN_BYTES);
    const bytes = bytesOf(rows, recompute);
    // Of shorter rows more go through at once.
    return { bytes: rows === batch ? bytes : Math.max(bytes, RUN_BYTES), rowsPerPass: batch, recompute };
  }
  const divisors = Array.from({ length: batch }, (_, i) => batch - i).filter((rows) => batch % rows === 0);
  let least = Infinity;
  for (const recompute of options.recompute ? [true] : [false, true]) {
    for (const rowsPerPass of divisors) {
      const bytes = bytesOf(rowsPerPass, recompute);
      if (bytes <= limit) return { bytes, rowsPerPass, recompute };
      least = Math.min(least, bytes);
    }
  }
  throw new E2PError(
    'invalid-argument',
    `memory is ${limit} bytes, expected at least ${least}: what one row of ${length} tokens needs, with recomputation`,
  );
}
