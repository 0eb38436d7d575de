import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { TRAINING } from '../onnx/training-graph.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { createReadyGraphs } from './ready-graphs.ts';
import { createRowRunner, type RowRunnerOptions } from './row-runner.ts';
import { type TrainingModel, trainingModel } from './training-model.ts';

const runtime = createNodeRuntime({ threads: 1 });
const model = await loadBaseModel({ source: createFolderSource('public/models/e2p-tiny'), dtypes: ['q4'] });
const training = trainingModel(model);
const { hiddenSize } = model.facts;
const row = (length: number) => ({
  ids: Array.from({ length }, (_, i) => 10 + i),
  ...{ softPositions: [1], targetFrom: length - 3 },
});
const sizes = (length: number) => ({ batch: 1, length, targets: 16, softTokens: 1, gradient: true });
/** What the nodes of a graph may hold is in it. */
const bytesOf = (length: number) => model.weightBytes + 25e6 + training.trainingBytes(sizes(length));

/** Losses of rows of 16, 32 and again 16 tokens, and how many graphs there were, in all and at once. */
async function threeRows(
  keptBytes: number | undefined,
  trainingBytes = training.trainingBytes,
  memoryBytes = runtime.memoryBytes,
  shared = 0,
) {
  let [made, now, most] = [0, 0, 0];
  const counted: TrainingModel = {
    ...{ weightBytes: model.weightBytes, trainingBytes, unpackedBytes: () => shared },
    createTrainingSession: async (on, options) => {
      made++;
      most = Math.max(most, ++now);
      const session = await training.createTrainingSession(on, options);
      return { ...session, release: () => session.release().then(() => void now--) };
    },
  };
  const sizes = { model: counted, hiddenSize, batch: 1, softTokens: 1, keptBytes };
  const runner = createRowRunner({ ...sizes, runtime: { ...runtime, memoryBytes } });
  const losses: number[] = [];
  for (const length of [16, 32, 16]) {
    const out = await runner.run([row(length)], new Float32Array(hiddenSize), 1 / 3);
    losses.push(Number(out[TRAINING.loss]!.data[0]));
  }
  await runner.release();
  expect(now).toBe(0);
  return { losses, made, most };
}

describe('graphs for padded lengths', () => {
  it('are kept as long as they fit together, else the one used longest ago makes room first', async () => {
    const both = await threeRows(bytesOf(16) + bytesOf(32));
    expect(both).toMatchObject({ made: 2, most: 2 });
    const one = await threeRows(bytesOf(16) + bytesOf(32) - 1);
    expect(one).toMatchObject({ made: 3, most: 1 });
    expect(one.losses).toEqual(both.losses);
    expect(both.losses[0]).toBe(both.losses[2]);
    expect(await threeRows(0)).toEqual(one);
    // What they hold together counts once.
    expect(await threeRows(bytesOf(16) + bytesOf(32) - 100, undefined, undefined, 100)).toEqual(both);
    expect(await threeRows(bytesOf(16) + bytesOf(32) - 101, undefined, undefined, 100)).toEqual(one);
    // Where nothing is asked for, an eighth of the machine's memory.
    const machine = 8 * (bytesOf(16) + bytesOf(32));
    expect(await threeRows(undefined, training.trainingBytes, machine)).toEqual(both);
    expect(await threeRows(undefined, training.trainingBytes, machine - 8)).toEqual(one);
  });

  it('are within one bound together where runners share them, and outlive each of them', async () => {
    let [made, now, most] = [0, 0, 0];
    const counted: RowRunnerOptions['model'] = {
      ...{ weightBytes: model.weightBytes, trainingBytes: training.trainingBytes, unpackedBytes: () => 0 },
      createTrainingSession: async (on, options) => {
        made++;
        most = Math.max(most, ++now);
        const session = await training.createTrainingSession(on, options);
        return { ...session, release: () => session.release().then(() => void now--) };
      },
    };
    for (const [keptBytes, expected] of [
      [2 * bytesOf(16), { made: 2, most: 2 }],
      [bytesOf(16), { made: 3, most: 1 }],
    ] as const) {
      [made, now, most] = [0, 0, 0];
      const graphs = createReadyGraphs({ model: counted, runtime, keptBytes });
      const sizes = { model: counted, hiddenSize, runtime, batch: 1, softTokens: 1, graphs };
      const [learner, looker] = [createRowRunner(sizes), createRowRunner({ ...sizes, gradient: false })];
      for (const runner of [learner, looker, learner])
        await runner.run([row(16)], new Float32Array(hiddenSize), 1);
      expect({ made, most }).toEqual(expected);
      await learner.release();
      await looker.run([row(16)], new Float32Array(hiddenSize), 1);
      await graphs.release();
      expect(now).toBe(0);
    }
  });
});

describe('a batch whose run needs more than 2 GB', () => {
  const rows = [14, 16, 9, 12].map((length, i) => ({ ...row(length), softPositions: [i % 3] }));
  const soft = Float32Array.from({ length: 4 * hiddenSize }, (_, i) => Math.sin(i));
  const longer = rows.map(({ ids, targetFrom }) => {
    return { ids: [1, 2, ...ids], targetFrom: targetFrom + 2, softPositions: [-1] };
  });

  /** Also with a teacher; and the sizes of the graphs that were made. */
  async function runAll(trainingBytes: TrainingModel['trainingBytes']) {
    const batches: number[] = [];
    const counted: RowRunnerOptions['model'] = {
      ...{ weightBytes: model.weightBytes, trainingBytes, unpackedBytes: () => 0 },
      createTrainingSession: (on, options) => {
        batches.push(options.batch);
        return training.createTrainingSession(on, options);
      },
    };
    const sizes = { model: counted, hiddenSize, runtime, batch: 4, softTokens: 1 };
    const [teacher, student] = [
      createRowRunner({ ...sizes, gradient: false, probabilities: true }),
      createRowRunner(sizes),
    ];
    const told = (await teacher.run(longer, soft, 0))[TRAINING.probabilities]!;
    const taught = rows.map((_, b) => ({
      ids: Int32Array.from({ length: 3 * 2 }, (_, i) => 20 + 5 * b + i),
      probabilities: Float32Array.from({ length: 3 * 2 }, (_, i) => 0.1 + 0.05 * i),
    }));
    const outputs = await student.run(rows, soft, 0.1, { rows: taught, tokens: 2, weight: 0.2 });
    await teacher.release();
    await student.release();
    const { [TRAINING.loss]: loss, [TRAINING.rowLoss]: each, [TRAINING.gradient]: gradient } = outputs;
    const flat = [told, loss, each, gradient].map((t) => ({ dims: t!.dims, data: t!.data as Float32Array }));
    return { batches, flat };
  }

  it('goes through in parts, with the same outputs', async () => {
    const whole = await runAll(training.trainingBytes);
    const parts = await runAll(({ batch }) => batch * 0.7e9);
    expect([whole.batches, parts.batches]).toEqual([
      [4, 4],
      [2, 2],
    ]);
    for (const [i, { dims, data }] of whole.flat.entries()) {
      expect(parts.flat[i]!.dims).toEqual(dims);
      for (const [at, v] of data.entries()) expect(Math.abs(parts.flat[i]!.data[at]! - v)).toBeLessThan(1e-4);
    }
    const [, , , gradient] = whole.flat;
    expect(Math.hypot(...gradient!.data)).toBeGreaterThan(0.1);
  });
});
