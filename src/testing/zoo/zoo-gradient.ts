/**
 * For tests only: loss and soft-token gradient of a zoo model through its training graph, on any runtime, in Node or in a browser.
 * Two rows of different length, [a S b S c d e] and [S a S b c – –], with targets at their ends.
 */
import { writeOnnx } from '../../onnx/onnx-file.ts';
import type { OnnxModel } from '../../onnx/onnx-model.ts';
import { TRAINING, type TrainingGraphOptions, trainingGraph } from '../../onnx/training-graph.ts';
import type { Feeds, Runtime } from '../../runtime/runtime.ts';
import { H, type ZooStyle } from './zoo-style.ts';

export const [BATCH, LENGTH, TARGETS, K] = [2, 7, 3, 2];

/** int8 activations have no gradient; float16 is compared with float32 instead of with differences. */
export const isTrainable = ({ weights, float }: ZooStyle): boolean =>
  weights !== 'int8' && float !== 'float16';

export interface LossRun {
  readonly loss: number;
  /** Of each row. */
  readonly rows: readonly number[];
  /** d loss / d soft [BATCH, K, H] */
  readonly gradient: Float32Array;
}

export const integersOf = (runtime: Runtime, values: readonly number[], dims: readonly number[]) =>
  runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
export const floatsOf = (runtime: Runtime, values: ArrayLike<number>, dims: readonly number[]) =>
  runtime.tensor('float32', Float32Array.from(values), dims);

/** A training graph as a function. */
export async function openLoss(runtime: Runtime, model: OnnxModel, options: TrainingGraphOptions) {
  const session = await runtime.createSession(writeOnnx(trainingGraph(model, options)), {
    lean: true,
    asWritten: true,
  });
  return async (feeds: Feeds): Promise<LossRun> => {
    const out = await session.run(feeds);
    return {
      loss: Number(out[TRAINING.loss]!.data[0]),
      rows: [...(out[TRAINING.rowLoss]!.data as Float32Array)],
      gradient: out[TRAINING.gradient]?.data as Float32Array,
    };
  };
}

export const someSoft = (): Float32Array =>
  Float32Array.from({ length: BATCH * K * H }, (_, i) => Math.sin(i * 1.3));

export const zooFeeds = (runtime: Runtime, soft: Float32Array) => ({
  [TRAINING.ids]: integersOf(runtime, [3, 0, 4, 0, 5, 9, 2, 0, 7, 0, 11, 6, 0, 0], [BATCH, LENGTH]),
  [TRAINING.soft]: floatsOf(runtime, soft, [BATCH, K, H]),
  [TRAINING.softPositions]: integersOf(runtime, [1, 3, 0, 2], [BATCH, K]),
  [TRAINING.predicting]: integersOf(runtime, [3, 4, 5, 2, 3, 0], [BATCH, TARGETS]),
  [TRAINING.targets]: integersOf(runtime, [5, 9, 2, 11, 6, 0], [BATCH, TARGETS]),
  [TRAINING.weights]: floatsOf(runtime, [0.2, 0.2, 0.2, 0.2, 0.2, 0], [BATCH, TARGETS]),
});

/** As a function of the soft tokens. */
export async function zooLoss(
  runtime: Runtime,
  model: OnnxModel,
  options: Pick<TrainingGraphOptions, 'recompute' | 'heads'> = {},
): Promise<(soft: Float32Array) => Promise<LossRun>> {
  const sizes = { batch: BATCH, length: LENGTH, targets: TARGETS, softTokens: K };
  const run = await openLoss(runtime, model, { ...sizes, ...options });
  return (soft) => run(zooFeeds(runtime, soft));
}
