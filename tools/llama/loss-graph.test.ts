import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../../src/onnx/onnx-file.ts';
import type { OnnxModel } from '../../src/onnx/onnx-model.ts';
import { initWeights } from './init-weights.ts';
import { EMBEDDING, type LlamaConfig, type LlamaWeights, llamaWeightShapes } from './llama-config.ts';
import { pretrainGraph } from './loss-graph.ts';

const tiny: LlamaConfig = {
  vocabSize: 11,
  hiddenSize: 8,
  intermediateSize: 12,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 4,
  maxPositions: 16,
  rmsEpsilon: 1e-5,
  ropeTheta: 10_000,
};

type Feeds = Record<string, Tensor>;
const floats = (values: ArrayLike<number>, dims: readonly number[]) =>
  new Tensor('float32', Float32Array.from(values), dims);
const ints = (values: readonly number[], dims: readonly number[]) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
const weightFeeds = (config: LlamaConfig, weights: LlamaWeights): Feeds =>
  Object.fromEntries(
    llamaWeightShapes(config).map(({ name, dims }) => [name, floats(weights.get(name)!, dims)]),
  );

async function runner(model: OnnxModel) {
  const session = await InferenceSession.create(writeOnnx(model), {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  return async (feeds: Feeds) => {
    const out = await session.run(feeds);
    return (name: string) => out[name]!.data as Float32Array;
  };
}

describe('the pretraining graph', () => {
  it('has the loss that one works out by hand', async () => {
    // No layers and a one-hot table: after the norm, a token's own logit is √H (all but ε), every other one 0.
    const config = { ...tiny, layers: 0, vocabSize: 8 };
    const weights = new Map([
      [EMBEDDING, Float32Array.from({ length: 64 }, (_, i) => (i % 9 === 0 ? 1 : 0))],
      ['model.layers.0.final_norm_layernorm.weight', new Float32Array(8).fill(1)],
    ]);
    const run = await runner(pretrainGraph({ config, batch: 2, length: 3 }));
    const out = await run({
      ...weightFeeds(config, weights),
      input_ids: ints([1, 1, 2, 3, 4, 0], [2, 3]),
      loss_weights: floats([9, 0.5, 0.25, 9, 0.25, 0], [2, 3]),
    });
    const logit = 1 / Math.sqrt(1 / 8 + 1e-5);
    const logSum = Math.log(Math.exp(logit) + 7);
    const [same, other] = [logSum - logit, logSum];
    expect(out('row_loss')[0]).toBeCloseTo(0.5 * same + 0.25 * other, 5);
    expect(out('row_loss')[1]).toBeCloseTo(0.25 * other, 5);
    expect(out('loss')[0]).toBeCloseTo(0.5 * same + 0.5 * other, 5);
  });

  it('has a gradient for every weight, which agrees with finite differences', async () => {
    const weights = initWeights(tiny, uniform(5));
    const run = await runner(pretrainGraph({ config: tiny, batch: 2, length: 5 }));
    const feeds = {
      ...weightFeeds(tiny, weights),
      input_ids: ints([1, 4, 7, 2, 3, 1, 9, 4, 0, 0], [2, 5]),
      loss_weights: floats([0, 0.2, 0.2, 0.1, 0.1, 0, 0.2, 0.2, 0, 0], [2, 5]),
    };
    const out = await run(feeds);
    for (const { name, dims } of llamaWeightShapes(tiny)) {
      const gradient = out(`grad/${name}`);
      const direction = gradient.map((g) => g / norm(gradient));
      const slope = await directionalSlope(
        (moved) => run({ ...feeds, [name]: floats(moved, dims) }),
        weights.get(name)!,
        direction,
      );
      expect(slope / norm(gradient), name).toBeCloseTo(1, 2);
    }
  });
});

const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

/** d loss / d t of the loss at `point` + t·`direction`, by a fourth-order difference. */
async function directionalSlope(
  run: (moved: Float32Array) => Promise<(name: string) => Float32Array>,
  point: Float32Array,
  direction: Float32Array,
): Promise<number> {
  const step = 0.02;
  const at = async (d: number) => (await run(point.map((x, i) => x + d * step * direction[i]!)))('loss')[0]!;
  return (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * step);
}

function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}
