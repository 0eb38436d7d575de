/** Gradients through whole decoders: against PyTorch where there are values of it, and against finite differences. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LlamaConfig, LlamaWeights } from '../../tools/llama/llama-config.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { gradReference, hasShared, readShared, sharedNote } from '../testing/shared.ts';
import { torchLlama } from '../testing/zoo/torch-llama.ts';
import { ZOO } from '../testing/zoo/zoo.ts';
import { buildZoo } from '../testing/zoo/zoo-decoder.ts';
import {
  BATCH,
  floatsOf,
  integersOf,
  isTrainable,
  K,
  LENGTH,
  openLoss,
  someSoft,
  TARGETS,
  zooFeeds,
  zooLoss,
} from '../testing/zoo/zoo-gradient.ts';
import { H, HEAD, HEADS, type ZooStyle } from '../testing/zoo/zoo-style.ts';
import { makeValueInfo } from './builder.ts';
import { inferShapes } from './infer-shapes.ts';
import { readOnnx } from './onnx-file.ts';
import { DataType, type OnnxModel, type OnnxValueInfo } from './onnx-model.ts';
import { TRAINING, trainingGraph } from './training-graph.ts';
import { whyNotTrainable } from './why-not-trainable.ts';

const runtime = createNodeRuntime();
const ints = (values: readonly number[], dims: readonly number[]) => integersOf(runtime, values, dims);
const floats = (values: ArrayLike<number>, dims: readonly number[]) => floatsOf(runtime, values, dims);
const norm = (values: ArrayLike<number>) => Math.hypot(...Array.from(values));

/** Of each product but those of the attention, of each head. */
function productRows(model: OnnxModel): number[] {
  const sizes = { batch: BATCH, length: LENGTH, targets: TARGETS, softTokens: K };
  const { graph } = trainingGraph(model, { ...sizes, gradient: false });
  const values = inferShapes(graph);
  return graph.nodes
    .filter(({ opType }) => opType === 'MatMul' || opType === 'Gemm')
    .map(({ outputs: [y] }) => values.get(y!)!.shape)
    .flatMap((shape) => (shape.length > 3 ? [] : [shape.slice(0, -1).reduce((a, b) => a * b)]));
}

describe('the gradient through a decoder', () => {
  it.each(ZOO.filter(isTrainable))('agrees with finite differences: $name', async ({ ...style }) => {
    const { model } = buildZoo(style);
    const run = await zooLoss(runtime, model);
    const soft = someSoft();
    const { gradient, loss, rows } = await run(soft);
    expect(rows[0]! + rows[1]!).toBeCloseTo(loss, 5);
    // Activations that are computed again are the same.
    const second = await (await zooLoss(runtime, model, { recompute: true }))(soft);
    expect(second.loss).toBeCloseTo(loss, 5);
    for (const [i, v] of gradient.entries()) expect(Math.abs(second.gradient[i]! - v)).toBeLessThan(1e-5);
    for (const row of [0, 1]) {
      const part = gradient.map((v, i) => (Math.floor(i / (K * H)) === row ? v : 0));
      const direction = part.map((v) => v / norm(part));
      const step = 0.02;
      const at = async (d: number) => (await run(soft.map((v, i) => v + d * step * direction[i]!))).loss;
      const slope = (8 * ((await at(1)) - (await at(-1))) - ((await at(2)) - (await at(-2)))) / (12 * step);
      expect(slope / norm(part)).toBeCloseTo(1, 2);
    }
  });

  it.each(
    ZOO.filter((s) => s.float === 'float16'),
  )('$name: is near that of the same in float32', async (style) => {
    const half = await (await zooLoss(runtime, buildZoo(style).model))(someSoft());
    const { float: _, ...wide } = style;
    const full = await (await zooLoss(runtime, buildZoo(wide as ZooStyle).model))(someSoft());
    expect(half.loss).toBeCloseTo(full.loss, 2);
    const difference = half.gradient.map((v, i) => v - full.gradient[i]!);
    expect(norm(difference) / norm(full.gradient)).toBeLessThan(0.03);
  });

  it('does not come from behind the soft token, nor from padding', async () => {
    const sizes = { batch: BATCH, length: LENGTH, targets: TARGETS, softTokens: K };
    const run = await openLoss(runtime, buildZoo(ZOO[0]!).model, sizes);
    const given = zooFeeds(runtime, new Float32Array(BATCH * K * H).fill(0.5));
    // The second soft token of the first row stands behind its only target.
    const early = { ...given, [TRAINING.weights]: floats([0, 0, 0, 1, 0, 0], [BATCH, TARGETS]) };
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

  // Whose Slice of the logits to keep stands in the way.
  const isSliced = ({ name }: ZooStyle) => name === 'num_logits_to_keep';
  it.each(
    ZOO.filter((s) => isTrainable(s) && !isSliced(s)),
  )('$name: the last feed-forward layer reads targets only', (style) => {
    // Out of the attention, up, down, into the vocabulary; and no other row behind them.
    expect(productRows(buildZoo(style).model).slice(-4)).toEqual(Array(4).fill(BATCH * TARGETS));
  });

  it('the same where the gate is a Sigmoid and a Mul, as torch exports it', () => {
    const model = readOnnx(
      readFileSync(new URL('../../public/models/e2p-tiny/onnx/model.onnx', import.meta.url)),
    );
    expect(productRows(model).slice(-5)).toEqual(Array(5).fill(BATCH * TARGETS));
  });

  it('is refused by the name of an operator before the head whose shape is not known', () => {
    const { model } = buildZoo(ZOO[0]!);
    const { nodes: given } = model.graph;
    const at = given.findLastIndex(({ opType }) => /^(MatMul|Gemm)/.test(opType));
    const [head, x] = [given[at]!, given[at]!.inputs[0]!];
    const elu = { ...head, opType: 'Elu', domain: '', name: 'strange', inputs: [x], outputs: ['elu'] };
    const nodes = given.with(at, { ...head, inputs: ['elu', ...head.inputs.slice(1)] }).toSpliced(at, 0, elu);
    const reason = whyNotTrainable({ ...model, graph: { ...model.graph, nodes } });
    expect(reason).toMatch(/cannot differentiate Elu \(node strange\)/);
  });

  it('has the sizes of keys and values from config.json where the file leaves them open', async () => {
    const { model } = buildZoo(ZOO[0]!);
    const isCache = (name: string) => name.startsWith('past') || name.startsWith('present');
    const open = (v: OnnxValueInfo) =>
      isCache(v.name) ? makeValueInfo(v.name, 'float32', ['batch', 'heads', `${v.name} length`, 'size']) : v;
    const { inputs, outputs } = model.graph;
    const graph = { ...model.graph, inputs: inputs.map(open), outputs: outputs.map(open) };
    expect(graph.inputs.filter((v) => isCache(v.name)).length).toBeGreaterThan(0);
    const stated = await (await zooLoss(runtime, model))(someSoft());
    const heads = { kvHeads: HEADS, headSize: HEAD };
    expect(await (await zooLoss(runtime, { ...model, graph }, { heads }))(someSoft())).toEqual(stated);
    await expect(zooLoss(runtime, { ...model, graph })).rejects.toThrow(
      expect.objectContaining({ code: 'invalid-model', message: expect.stringContaining('[?, ?, ?, ?]') }),
    );
  });

  it('is the same in whatever order the nodes stand in the file', async () => {
    const { model } = buildZoo(ZOO.find((s) => s.attention === 'decomposed')!);
    const backwards = { ...model, graph: { ...model.graph, nodes: model.graph.nodes.toReversed() } };
    const [expected, found] = [await zooLoss(runtime, model), await zooLoss(runtime, backwards)];
    const [a, b] = [await expected(someSoft()), await found(someSoft())];
    expect(b.loss).toBeCloseTo(a.loss, 6);
    for (const [i, v] of a.gradient.entries()) expect(Math.abs(b.gradient[i]! - v)).toBeLessThan(1e-6);
  });

  it.each(ZOO)('can be had, or not for a reason: $name', (style) => {
    const reason = whyNotTrainable(buildZoo(style).model);
    if (style.weights === 'int8')
      expect(reason).toMatch(/int8, which has no gradient; train with the q4 or fp32/);
    else expect(reason).toBeUndefined();
  });

  it('is refused with a way out for int8 activations', () => {
    const { model } = buildZoo(ZOO.find((s) => s.weights === 'int8')!);
    expect(() => trainingGraph(model, { batch: BATCH, length: LENGTH, targets: TARGETS })).toThrow(
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

describe.skipIf(!hasShared)(`the gradient against PyTorch${sharedNote}`, () => {
  const cases = hasShared ? gradReference() : [];
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
      const run = await openLoss(runtime, model(), { batch: 1, length, targets: at.length });
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
