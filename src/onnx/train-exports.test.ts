/**
 * Small decoders as real exporters wrote them, of a kind that training once refused or got wrong: the loss is the one that the file's own
 * logits give, and the gradient agrees with finite differences.
 */
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import type { ExternalData, Tensor } from '../runtime/runtime.ts';
import { hasShared, readShared, sharedNote, sharedPath } from '../testing/shared.ts';
import { floatsOf, integersOf } from '../testing/zoo/zoo-gradient.ts';
import { type CacheHeads, cacheDims } from './cache-dims.ts';
import { externalLocations } from './external-weights.ts';
import { inspectGraph } from './inspect/inspect-graph.ts';
import { normsOutside } from './norms-outside.ts';
import { readOnnx, writeOnnx } from './onnx-file.ts';
import type { OnnxModel } from './onnx-model.ts';
import { TRAINING, trainingGraph } from './training-graph.ts';

const runtime = createNodeRuntime();
const [BATCH, LENGTH, T, K] = [2, 12, 3, 2];
const HEADS: CacheHeads = { kvHeads: 2, headSize: 16 };
const EXPORTS = [
  'llama-optimum-isnan.onnx',
  'llama-optimum-eager-flatten.onnx',
  'genai-qwen3-webgpu/model.onnx',
];
const ids = Array.from({ length: BATCH * LENGTH }, (_, i) => 3 + ((i * 7) % 50));
/** The last tokens of the first row, and three in the middle of the second. */
const predicting = [8, 9, 10, 4, 5, 6];
const targets = predicting.map((at, i) => ids[Math.floor(i / T) * LENGTH + at + 1]!);
const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

function open(path: string): { model: OnnxModel; externalData: ExternalData[] } {
  const model = readOnnx(readShared(`exports/${path}`), path);
  const folder = dirname(sharedPath(`exports/${path}`));
  return {
    model,
    externalData: externalLocations(model).map((name) => ({
      path: name,
      data: { file: `${folder}/${name}` },
    })),
  };
}

/** −Σ log p of the targets, from all logits of the file. */
async function lossOfFile(path: string): Promise<number> {
  const { model, externalData } = open(path);
  const facts = inspectGraph(model, path);
  const session = await runtime.createSession(writeOnnx(normsOutside(model)), { externalData });
  const perPosition = ids.map((_, i) => i % LENGTH);
  const given: readonly (readonly [string | undefined, readonly number[]])[] = [
    [facts.ids.name, ids],
    [facts.attentionMask?.name, ids.map(() => 1)],
    [facts.positionIds?.name, perPosition],
  ];
  const feeds: Record<string, Tensor> = Object.fromEntries(
    facts.cache.map((c) => [c.past, floatsOf(runtime, [], cacheDims(c, { rows: BATCH, length: 0 }, HEADS))]),
  );
  for (const [name, values] of given) {
    if (name !== undefined) feeds[name] = integersOf(runtime, values, [BATCH, LENGTH]);
  }
  const logits = (await session.run(feeds))[facts.head.logits]!;
  const width = logits.dims.at(-1)!;
  await session.release();
  return predicting.reduce((sum, at, i) => {
    const row = Math.floor(i / T) * LENGTH + at;
    const values = Array.from(logits.data as Float32Array).slice(row * width, (row + 1) * width);
    return sum + Math.log(values.reduce((total, v) => total + Math.exp(v), 0)) - values[targets[i]!]!;
  }, 0);
}

async function openLoss(path: string) {
  const { model, externalData } = open(path);
  const sizes = { batch: BATCH, length: LENGTH, targets: T, softTokens: K, heads: HEADS };
  const graph = trainingGraph(model, { ...sizes, fileName: path });
  const session = await runtime.createSession(writeOnnx(graph), {
    externalData,
    lean: true,
    asWritten: true,
  });
  const { hiddenSize } = inspectGraph(model, path);
  const run = async (soft: Float32Array, softPositions: readonly number[]) => {
    const out = await session.run({
      [TRAINING.ids]: integersOf(runtime, ids, [BATCH, LENGTH]),
      [TRAINING.soft]: floatsOf(runtime, soft, [BATCH, K, hiddenSize]),
      [TRAINING.softPositions]: integersOf(runtime, softPositions, [BATCH, K]),
      [TRAINING.predicting]: integersOf(runtime, predicting, [BATCH, T]),
      [TRAINING.targets]: integersOf(runtime, targets, [BATCH, T]),
      [TRAINING.weights]: floatsOf(runtime, Array(BATCH * T).fill(1), [BATCH, T]),
    });
    return {
      loss: Number(out[TRAINING.loss]!.data[0]),
      gradient: out[TRAINING.gradient]!.data as Float32Array,
    };
  };
  const soft = Float32Array.from({ length: BATCH * K * hiddenSize }, (_, i) => Math.sin(i * 1.3));
  return { run, soft };
}

describe.skipIf(!hasShared)(`training through a real export${sharedNote}`, () => {
  it.each(EXPORTS)('%s: has the loss of its own logits', async (path) => {
    const { run, soft } = await openLoss(path);
    const { loss } = await run(soft, [-1, -1, -1, -1]);
    expect(Math.abs(loss / (await lossOfFile(path)) - 1)).toBeLessThan(1e-5);
  });

  it.each(EXPORTS)('%s: its gradient agrees with finite differences', async (path) => {
    const { run, soft } = await openLoss(path);
    const { gradient } = await run(soft, [1, 5, 0, 2]);
    const direction = gradient.map((v) => v / norm(gradient));
    const step = 0.02;
    const at = async (d: number) =>
      (
        await run(
          soft.map((v, i) => v + d * step * direction[i]!),
          [1, 5, 0, 2],
        )
      ).loss;
    const slope = (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * step);
    expect(norm(gradient)).toBeGreaterThan(1e-3);
    expect(slope / norm(gradient)).toBeCloseTo(1, 2);
  });
});
