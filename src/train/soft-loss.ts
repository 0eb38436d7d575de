/**
 * The base model's side of projector training: how well do these soft tokens make the frozen model say the
 * targets, and in which direction would they do better?
 *
 * With distillation the same frozen model is teacher as well: it reads the row in which the user is told in words, and what it would
 * most likely say there is learned beside the target itself. That is computed once for each row, when it first comes up.
 */
import { highest } from '../generate/highest.ts';
import { TRAINING } from '../onnx/training-graph.ts';
import { createReadyGraphs } from './ready-graphs.ts';
import {
  createRowRunner,
  type RowRunner,
  type RowRunnerOptions,
  type TeacherRow,
  type TrainingRow,
  targetCount,
  targetTokens,
} from './row-runner.ts';

export interface SoftLossResult {
  /** Mean negative log-likelihood per target token of the batch, in nats; with distillation mixed with the cross-entropy to the teacher. */
  readonly loss: number;
  /** d loss / d soft [batch, P, H] */
  readonly gradient: Float32Array;
}

/** A row, and where distilled from: the row with the user in words instead of soft tokens, its target the same. */
export interface LearningRow extends TrainingRow {
  readonly teacher?: TrainingRow;
}

/** The base model as a function of soft tokens: loss, and its gradient. */
export interface SoftLoss {
  /** Loss and gradient. `soft`: what stands at each of a row's P soft positions, `[batch, P, H]` */
  (rows: readonly LearningRow[], soft: Float32Array): Promise<SoftLossResult>;
  /** The loss of the targets alone, by a forward pass: what held-out users are looked at with. */
  lossOf(rows: readonly LearningRow[], soft: Float32Array): Promise<number>;
  /** Frees the graphs that were kept ready, where they are its own. */
  release(): Promise<void>;
}

export interface SoftLossOptions extends Omit<RowRunnerOptions, 'gradient' | 'probabilities'> {
  /** Rows that go through the model at once, a divisor of `batch`; the sum over parts is the same. Default: all. */
  readonly rowsPerPass?: number;
  /** Share of the teacher in the loss, for rows that have one, 0…1; default 0. */
  readonly distill?: number;
  /** k: likeliest tokens of the teacher that are learned; default 16. */
  readonly teacherTokens?: number;
}

export const TEACHER_TOKENS = 16;

/** Of one model and runtime, for batches of these sizes; graphs of each length are made when they are first needed. */
export function createSoftLoss({
  distill = 0,
  teacherTokens: tokens = TEACHER_TOKENS,
  ...options
}: SoftLossOptions): SoftLoss {
  const { hiddenSize, softTokens, batch, rowsPerPass = batch } = options;
  // Learning, looking and teaching take turns: what is kept ready for all three stays within one bound.
  const graphs = options.graphs ?? createReadyGraphs(options);
  const sizes = { ...options, graphs, batch: rowsPerPass };
  const runner = createRowRunner(sizes);
  const looker = createRowRunner({ ...sizes, gradient: false });
  const teacher = createRowRunner({ ...sizes, softTokens: 1, gradient: false, probabilities: true });
  const taught = new Map<TrainingRow, TeacherRow>();

  const teach = async (rows: readonly LearningRow[]) => {
    const told = rows.flatMap((row) => (row.teacher === undefined ? [] : [row.teacher]));
    if (distill === 0 || told.length < rows.length) return undefined;
    if (!told.every((row) => taught.has(row))) {
      const found = await likeliest(teacher, told, tokens, hiddenSize);
      for (const [i, row] of told.entries()) taught.set(row, found[i]!);
    }
    return told.map((row) => taught.get(row)!);
  };
  const pass = async (rows: readonly LearningRow[], soft: Float32Array, weight: number) => {
    const told = await teach(rows);
    return told === undefined
      ? runner.run(rows, soft, weight)
      : runner.run(rows, soft, weight * (1 - distill), { rows: told, tokens, weight: weight * distill });
  };
  /** The loss of a batch in parts of `rowsPerPass`; what `run` gives out for each goes to `onPart`. */
  const inParts = async (
    run: typeof pass,
    rows: readonly LearningRow[],
    soft: Float32Array,
    onPart: (outputs: Awaited<ReturnType<typeof pass>>, from: number) => void = () => {},
  ): Promise<number> => {
    const weight = 1 / targetTokens(rows);
    const stride = softTokens * hiddenSize;
    let loss = 0;
    for (let at = 0; at < rows.length; at += rowsPerPass) {
      const [from, to] = [at * stride, (at + rowsPerPass) * stride];
      const outputs = await run(rows.slice(at, at + rowsPerPass), soft.slice(from, to), weight);
      loss += (outputs[TRAINING.loss]!.data as Float32Array)[0]!;
      onPart(outputs, from);
    }
    return loss;
  };
  const softLoss = async (rows: readonly LearningRow[], soft: Float32Array) => {
    const gradient = new Float32Array(soft.length);
    const loss = await inParts(pass, rows, soft, (outputs, from) => {
      gradient.set(outputs[TRAINING.gradient]!.data as Float32Array, from);
    });
    return { loss, gradient };
  };
  const lossOf = (rows: readonly LearningRow[], soft: Float32Array) =>
    inParts((part, placed, weight) => looker.run(part, placed, weight), rows, soft);
  const release = async () => {
    if (options.graphs === undefined) await graphs.release();
  };
  return Object.assign(softLoss, { lossOf, release });
}

/** The k likeliest tokens at each target of the rows. */
async function likeliest(
  teacher: RowRunner,
  rows: readonly TrainingRow[],
  k: number,
  hiddenSize: number,
): Promise<TeacherRow[]> {
  const nothing = new Float32Array(rows.length * hiddenSize);
  const { dims, data } = (await teacher.run(rows, nothing, 0))[TRAINING.probabilities]!;
  const [, targets, vocabulary] = dims as [number, number, number];
  return rows.map((row, b) => {
    const count = targetCount(row);
    const found = { ids: new Int32Array(count * k), probabilities: new Float32Array(count * k) };
    for (let t = 0; t < count; t++) {
      const at = (b * targets + t) * vocabulary;
      const shares = (data as Float32Array).subarray(at, at + vocabulary);
      for (const [i, id] of highest(shares, k).entries()) {
        found.ids[t * k + i] = id;
        found.probabilities[t * k + i] = shares[id]!;
      }
    }
    return found;
  });
}
