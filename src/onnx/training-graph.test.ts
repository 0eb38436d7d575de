/** Gradients through whole decoders: against PyTorch where there are values of it, and against finite differences. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { hasShared, readShared, sharedNote } from '../testing/shared.ts';
import { torchLlama } from '../testing/zoo/torch-llama.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import { H, type ZooStyle } from '../testing/zoo/zoo-style.ts';
import type { LlamaConfig, LlamaWeights } from './llama/llama-config.ts';
import { readOnnx, writeOnnx } from './onnx-file.ts';
import { DataType, type OnnxModel } from './onnx-model.ts';
import { TRAINING, type TrainingGraphOptions, trainingGraph } from './training-graph.ts';

const ints = (values: readonly number[], dims: readonly number[]) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), dims);
const floats = (values: ArrayLike<number>, dims: readonly number[]) =>
  new Tensor('float32', Float32Array.from(values), dims);
const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

async function lossOf(model: OnnxModel, options: TrainingGraphOptions) {
  const session = await InferenceSession.create(writeOnnx(trainingGraph(model, options)), {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  return async (feeds: Record<string, Tensor>) => {
    const out = await session.run(feeds);
    return {
      loss: Number(out[TRAINING.loss]!.data[0]),
      rows: [...(out[TRAINING.rowLoss]!.data as Float32Array)],
      gradient: out[TRAINING.gradient]?.data as Float32Array,
    };
  };
}

/** Two rows of different length: [a S b S c d e] and [S a S b c – –], targets at their ends. */
const [batch, length, targets, K] = [2, 7, 3, 2];
const feeds = (soft: Float32Array) => ({
  [TRAINING.ids]: ints([3, 0, 4, 0, 5, 9, 2, 0, 7, 0, 11, 6, 0, 0], [batch, length]),
  [TRAINING.soft]: floats(soft, [batch, K, H]),
  [TRAINING.softPositions]: ints([1, 3, 0, 2], [batch, K]),
  [TRAINING.predicting]: ints([3, 4, 5, 2, 3, 0], [batch, targets]),
  [TRAINING.targets]: ints([5, 9, 2, 11, 6, 0], [batch, targets]),
  [TRAINING.weights]: floats([0.2, 0.2, 0.2, 0.2, 0.2, 0], [batch, targets]),
});

const isTrainable = ({ weights, float }: ZooStyle) => weights !== 'int8' && float !== 'float16';

describe('the gradient through a decoder', () => {
  it.each(ZOO.filter(isTrainable))('agrees with finite differences: $name', async ({ ...style }) => {
    const { model } = buildZoo(style);
    const run = await lossOf(model, { batch, length, targets, softTokens: K });
    const soft = Float32Array.from({ length: batch * K * H }, (_, i) => Math.sin(i * 1.3));
    const { gradient, loss, rows } = await run(feeds(soft));
    expect(rows[0]! + rows[1]!).toBeCloseTo(loss, 5);
    // Activations that are computed again are the same.
    const again = await lossOf(model, { batch, length, targets, softTokens: K, recompute: true });
    const second = await again(feeds(soft));
    expect(second.loss).toBeCloseTo(loss, 5);
    for (const [i, v] of gradient.entries()) expect(Math.abs(second.gradient[i]! - v)).toBeLessThan(1e-5);
    for (const row of [0, 1]) {
      const part = gradient.map((v, i) => (Math.floor(i / (K * H)) === row ? v : 0));
      const direction = part.map((v) => v / norm(part));
      const step = 0.02;
      const at = async (d: number) =>
        (await run(feeds(soft.map((v, i) => v + d * step * direction[i]!)))).loss;
      const slope = (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * step);
      expect(slope / norm(part)).toBeCloseTo(1, 2);
    }
  });

  it.each(
    ZOO.filter((s) => s.float === 'float16'),
  )('$name: is near that of the same in float32', async (style) => {
    const soft = Float32Array.from({ length: batch * K * H }, (_, i) => Math.sin(i * 1.3));
    const options = { batch, length, targets, softTokens: K };
    const half = await (await lossOf(buildZoo(style).model, options))(feeds(soft));
    const { float: _, ...wide } = style;
    const full = await (await lossOf(buildZoo(wide as ZooStyle).model, options))(feeds(soft));
    expect(half.loss).toBeCloseTo(full.loss, 2);
    const difference = half.gradient.map((v, i) => v - full.gradient[i]!);
    expect(norm(difference) / norm(full.gradient)).toBeLessThan(0.03);
  });

  it('does not come from behind the soft token, nor from padding', async () => {
    const run = await lossOf(buildZoo(ZOO[0]!).model, { batch, length, targets, softTokens: K });
    const soft = new Float32Array(batch * K * H).fill(0.5);
    const given = feeds(soft);
    // The second soft token of the first row stands behind its only target.
    const early = { ...given, [TRAINING.weights]: floats([0, 0, 0, 1, 0, 0], [batch, targets]) };
    const { gradient, rows } = await run({
      ...early,
      [TRAINING.predicting]: ints([3, 4, 5, 1, 3, 0], [2, 3]),
    });
    expect(rows[0]).toBe(0);
    const parts = [0, 1, 2, 3].map((i) => norm(gradient.subarray(i * H, (i + 1) * H)));
    expect(parts[2]).toBeGreaterThan(1e-4);
    expect([parts[0], parts[1], parts[3]]).toEqual([0, 0, 0]);
    const padded = { ...given, [TRAINING.ids]: ints([3, 0, 4, 0, 5, 9, 2, 0, 7, 0, 11, 6, 33, 17], [2, 7]) };
    expect((await run(padded)).loss).toBe((await run(given)).loss);
  });

  it('is refused with a way out for int8 activations', () => {
    const { model } = buildZoo(ZOO.find((s) => s.weights === 'int8')!);
    expect(() => trainingGraph(model, { batch, length, targets })).toThrow(
      expect.objectContaining({ code: 'unsupported-graph', message: expect.stringContaining('q4 or fp32') }),
    );
  });
});

/** What stories260k is, in the words of its config.json. */
const STORIES: LlamaConfig = {
  ...{ vocabSize: 512, hiddenSize: 64, intermediateSize: 172, layers: 5, heads: 8, kvHeads: 4, headDim: 16 },
  ...{ maxPositions: 512, rmsEpsilon: 1e-5, ropeTheta: 10_000 },
};

const floatWeights = ({ graph }: OnnxModel): LlamaWeights =>
  new Map(
    graph.initializers
      .filter((t) => t.dataType === DataType.float32)
      .map((t) => [t.name, new Float32Array(Uint8Array.from(t.rawData!).buffer)]),
  );

interface ReferenceCase {
  readonly id: string;
  readonly prompt_ids: readonly number[];
  readonly target_mask: readonly number[];
  readonly vector: readonly number[];
  readonly loss: number;
  readonly grad: readonly number[];
  readonly loss_after_step: { readonly learning_rate: number; readonly loss: number };
}

describe.skipIf(!hasShared)(`the gradient against PyTorch${sharedNote}`, () => {
  const cases: readonly ReferenceCase[] = hasShared
    ? JSON.parse(new TextDecoder().decode(readShared('reference/grad-reference.json'))).cases
    : [];
  const file = (path: string) => readOnnx(readShared(`models/${path}`));
  const genai = 'stories260k/onnx/model.onnx';
  const models: readonly (readonly [string, () => OnnxModel])[] = [
    ['genai style', () => file(genai)],
    ['genai style with position_ids', () => file('stories260k-position-ids/onnx/model.onnx')],
    ['torch style', () => torchLlama(STORIES, floatWeights(file(genai)))],
  ];
  describe.each(models)('%s', (_, model) => {
    it.each(cases)('$id', async ({ prompt_ids: ids, target_mask, vector, loss, grad, loss_after_step }) => {
      const at = target_mask.flatMap((wanted, i) => (wanted ? [i] : []));
      const length = ids.length + 1;
      const run = await lossOf(model(), {
        ...{ batch: 1, length, targets: at.length },
      });
      const step = (soft: readonly number[]) =>
        run({
          [TRAINING.ids]: ints([ids[0]!, 0, ...ids.slice(1)], [1, length]),
          [TRAINING.soft]: floats(soft, [1, 1, 64]),
          [TRAINING.softPositions]: ints([1], [1, 1]),
          // The vector stands before every token but BOS: token i is at i + 1, predicted from i.
          [TRAINING.predicting]: ints(at, [1, at.length]),
          [TRAINING.targets]: ints(
            at.map((i) => ids[i]!),
            [1, at.length],
          ),
          [TRAINING.weights]: floats(
            at.map(() => 1 / at.length),
            [1, at.length],
          ),
        });
      const found = await step(vector);
      expect(Math.abs(found.loss / loss - 1)).toBeLessThan(1e-4);
      expect(norm(found.gradient.map((v, i) => v - grad[i]!)) / norm(grad)).toBeLessThan(1e-3);
      const rate = loss_after_step.learning_rate;
      const after = await step(vector.map((v, i) => v - rate * found.gradient[i]!));
      expect(Math.abs(after.loss / loss_after_step.loss - 1)).toBeLessThan(1e-4);
    });
  });
});
