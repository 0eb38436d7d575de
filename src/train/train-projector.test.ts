import { describe, expect, it } from 'vitest';
import { exportGraph } from '../../tools/llama/export-graph.ts';
import { initWeights } from '../../tools/llama/init-weights.ts';
import type { LlamaConfig } from '../../tools/llama/llama-config.ts';
import { seededRandom } from '../generate/sampling.ts';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { type TrainingGraphOptions, trainingGraph } from '../onnx/training-graph.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { createSoftLoss } from './soft-loss.ts';
import { trainProjector } from './train-projector.ts';
import type { TrainingState } from './training-state.ts';

const config: LlamaConfig = {
  vocabSize: 24,
  hiddenSize: 32,
  intermediateSize: 48,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  headDim: 16,
  maxPositions: 32,
  rmsEpsilon: 1e-5,
  ropeTheta: 10000,
};
const runtime = createNodeRuntime();
const batch = 8;
const shape = { dim: 3, hidden: 16, tokens: 1, hiddenSize: 32, outputRms: 1 };
// Fresh weights give nearly the same logits whatever they read; six times as large ones can tell tokens apart.
const weights = new Map(
  [...initWeights(config, seededRandom(1))].map(([name, values]) => [
    name,
    name.includes('norm') ? values : values.map((v) => 6 * v),
  ]),
);
const graph = exportGraph({ config, weights, dtype: 'fp32' });
const lossOptions = {
  model: {
    weightBytes: 0,
    trainingBytes: () => 0,
    unpackedBytes: () => 0,
    createTrainingSession: (on: Runtime, sizes: TrainingGraphOptions) =>
      on.createSession(writeOnnx(trainingGraph(graph, sizes))),
  },
  ...{ hiddenSize: config.hiddenSize, runtime, batch, softTokens: 1 },
};
const softLoss = createSoftLoss(lossOptions);

// Two users; the one's texts say 7, the other's say 9, behind the same prompt.
const users = [Float32Array.of(1, 0, -1), Float32Array.of(-1, 0, 1)];
const examples = Array.from({ length: 64 }, (_, i) => ({
  user: i % 2,
  ids: [1, 0, 3, i % 2 === 0 ? 7 : 9],
  softPositions: [1],
  targetFrom: 3,
}));
const options = { shape, users, examples, softLoss, runtime, batch, learningRate: 0.02 };

describe('training a projector through a frozen model', () => {
  it('learns what only the user can tell: below one bit, where no constant could be', async () => {
    const losses: number[] = [];
    await trainProjector({
      ...options,
      steps: 300,
      prefixDropout: 0,
      noise: 0.05,
      seed: 2,
      onProgress: ({ loss }) => losses.push(loss),
    });
    expect(losses[0]).toBeGreaterThan(2);
    expect(Math.max(...losses.slice(-20))).toBeLessThan(0.5 * Math.LN2);
  });

  it('the same seed gives the same weights', async () => {
    const train = () => trainProjector({ ...options, steps: 5, seed: 3 });
    expect(await train()).toEqual(await train());
  });

  it('goes on from any state to the very same weights, whatever happened in between', async () => {
    const heldOut = { examples: examples.slice(0, 12), every: 4, patience: 40 };
    const given = { ...options, examples: examples.slice(12), seed: 6, steps: 20, heldOut };
    const whole = await trainProjector(given);
    for (const stopAt of [1, 7, 12]) {
      const controller = new AbortController();
      let state: TrainingState | undefined;
      const stopped = trainProjector({
        ...given,
        signal: controller.signal,
        onProgress: ({ step }) => step === stopAt && controller.abort(),
        onState: (told) => {
          state = told;
        },
      });
      await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
      expect(state?.step).toBe(stopAt);
      expect(await trainProjector({ ...given, from: state })).toEqual(whole);
    }
  });

  it('ends early where held-out users get no better, with the weights that were best for them', async () => {
    const looks: number[] = [];
    // Held-out users who say the opposite: learning only makes it worse.
    const opposite = examples.slice(0, 8).map((e) => ({ ...e, user: 1 - e.user }));
    const trained = await trainProjector({
      ...{ ...options, seed: 7, steps: 200, prefixDropout: 0 },
      heldOut: { examples: opposite, every: 5, patience: 15 },
      onProgress: ({ heldOutLoss }) => heldOutLoss !== undefined && looks.push(heldOutLoss),
    });
    expect(trained.steps).toBeLessThan(100);
    expect(trained.best?.loss).toBe(Math.min(...looks));
    expect(trained.steps).toBe(trained.best!.step + 15);
  });

  it('makes one update of several batches, as of one large one', async () => {
    const train = (batch: number, accumulate: number) => {
      const large = createSoftLoss({ ...lossOptions, batch });
      const given = { ...options, softLoss: large, batch, accumulate, steps: 4, prefixDropout: 0, noise: 0 };
      return trainProjector({ ...given, examples: examples.slice(0, 16), seed: 8 });
    };
    const [one, two] = [await train(16, 1), await train(8, 2)];
    const difference = one.weights.fc2Weight.map((v, i) => Math.abs(v - two.weights.fc2Weight[i]!));
    expect(Math.max(...difference)).toBeLessThan(1e-3);
  });

  it('stops when aborted, and says where a loss is no longer finite', async () => {
    const controller = new AbortController();
    const aborted = trainProjector({
      ...options,
      steps: 1000,
      seed: 4,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    const broken = [Float32Array.of(Number.NaN, 0, 0), users[1]!];
    const failing = trainProjector({
      ...options,
      users: broken,
      steps: 5,
      prefixDropout: 0,
      seed: 5,
    });
    await expect(failing).rejects.toMatchObject({ code: 'training-failed' });
    await expect(failing).rejects.toThrow(/at step 0/);
  });
});

describe('steps that hide each person', () => {
  it('learn what many people share, be there noise', async () => {
    const people = Array.from({ length: 96 }, (_, i) => Float32Array.of(i % 2 ? -1 : 1, Math.sin(i), 0));
    const random = seededRandom(6);
    const losses: number[] = [];
    await trainProjector({
      ...{ ...options, users: people, examples: people.map((_, user) => ({ ...examples[user % 2]!, user })) },
      ...{ steps: 80, prefixDropout: 0, noise: 0.05, seed: 2 },
      privacy: { sampling: 0.25, clip: 0.3, noise: 1, unitOf: people.map((_, i) => i), random },
      onProgress: ({ loss }) => losses.push(loss),
    });
    expect(losses[0]).toBeGreaterThan(2);
    expect(Math.max(...losses.slice(-20))).toBeLessThan(0.5 * Math.LN2);
  });
});
