/** The projector as a graph: the numbers of the projector that ships, and gradients against differences, in every form. */
import { describe, expect, it } from 'vitest';
import { writeOnnx } from '../onnx/onnx-file.ts';
import { type Projector, type ProjectorWeights, project } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { fitErasure, foldErasure } from './erase-attribute.ts';
import { flatten, initialParameters, parameterLayout, unflatten } from './parameters.ts';
import {
  alignmentGraph,
  type ProjectorShape,
  projectorGraph,
  projectorParameters,
} from './projector-graph.ts';

const plain: ProjectorShape = { dim: 5, hidden: 6, tokens: 2, hiddenSize: 4, outputRms: 0.7 };
const batch = 3;
const wave = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + phase));
const rows = wave(7 * 4, 20);
const crowd = Array.from({ length: 9 }, (_, i) => wave(5, 3 * i));
const erasure = fitErasure(
  crowd,
  crowd.map((_, i) => i % 2),
);
const FORMS: readonly (readonly [string, ProjectorShape])[] = [
  ['with a hidden layer', plain],
  ['linear', { ...plain, hidden: 0 }],
  ['residual', { ...plain, residual: true }],
  ['anchored', { ...plain, anchors: { rows, count: 7 } }],
  [
    'anchored by keys, residual',
    { ...plain, residual: true, anchors: { rows, keys: wave(7 * 3, 30), count: 7 } },
  ],
  ['with an erasure', { ...plain, erasure }],
  ['with an erasure, residual', { ...plain, residual: true, erasure }],
  ['with an erasure, residual, linear', { ...plain, hidden: 0, residual: true, erasure }],
  ['with gates', { ...plain, gated: [2, 3] }],
  ['with gates, residual, linear', { ...plain, hidden: 0, residual: true, gated: [3, 2] }],
];
const x = wave(batch * plain.dim, 9);
const upstream = wave(batch * plain.tokens * plain.hiddenSize, 11);
const runtime = createNodeRuntime();

function weightsOf(shape: ProjectorShape): ProjectorWeights {
  const layout = parameterLayout(shape);
  return unflatten(wave(layout.at(-1)!.to, 1), layout);
}

const feeds = (shape: ProjectorShape, weights: ProjectorWeights) =>
  Object.fromEntries(
    projectorParameters(shape).map(({ name, dims }) => [
      name,
      runtime.tensor('float32', weights[name]!, dims),
    ]),
  );

async function run(shape: ProjectorShape, weights: ProjectorWeights) {
  const session = await runtime.createSession(writeOnnx(projectorGraph(shape, batch)));
  return session.run({
    x: runtime.tensor('float32', x, [batch, shape.dim]),
    upstream: runtime.tensor('float32', upstream, [batch, shape.tokens, shape.hiddenSize]),
    ...feeds(shape, weights),
  });
}

/** The projector that ships, on one row. */
function soft(shape: ProjectorShape, weights: ProjectorWeights, row: number, of = x): number[] {
  const ones = new Array(shape.dim).fill(1);
  const { anchors, erasure } = shape;
  const projector = {
    contract: {
      space: {
        ...{ id: 's', dim: shape.dim, mean: ones.map(() => 0), scale: ones },
        ...(shape.gated && { sources: { widths: shape.gated, gated: true } }),
      },
      model: { hiddenSize: shape.hiddenSize },
      tokens: shape.tokens,
      outputRms: shape.outputRms,
    },
    hidden: shape.hidden,
    weights: erasure ? foldErasure(weights, erasure) : weights,
    ...(anchors && { anchors: { ...anchors, ids: Array.from({ length: anchors.count }, (_, i) => i) } }),
  } as unknown as Projector;
  return project(projector, of.slice(row * shape.dim, (row + 1) * shape.dim)).flatMap((v) => [...v]);
}

/** d f / d weights[name][at], by central differences. */
function slope(
  weights: ProjectorWeights,
  name: keyof ProjectorWeights,
  at: number,
  f: (w: ProjectorWeights) => number,
) {
  const moved = (by: number) => f({ ...weights, [name]: weights[name]!.with(at, weights[name]![at]! + by) });
  return (moved(0.01) - moved(-0.01)) / 0.02;
}

describe.each(FORMS)('the projector graph, %s', (_, shape) => {
  const weights = weightsOf(shape);

  it('gives the same soft tokens as the projector that ships', async () => {
    const found = (await run(shape, weights)).soft!.data as Float32Array;
    const expected = [0, 1, 2].flatMap((row) => soft(shape, weights, row));
    for (const [i, v] of expected.entries()) expect(found[i]).toBeCloseTo(v, 5);
  });

  it('its parameter gradients are those of finite differences of the shipping projector', async () => {
    const outputs = await run(shape, weights);
    const product = (changed: ProjectorWeights) =>
      [0, 1, 2].flatMap((row) => soft(shape, changed, row)).reduce((sum, v, i) => sum + v * upstream[i]!, 0);
    for (const { name } of projectorParameters(shape)) {
      const found = outputs[`grad/${name}`]!.data as Float32Array;
      const at = Math.floor(found.length / 2);
      expect(found[at], name).toBeCloseTo(slope(weights, name, at, product), 2);
    }
  });

  it('has the gradient of its input too, where that is asked for', async () => {
    const session = await runtime.createSession(writeOnnx(projectorGraph(shape, batch, ['x'])));
    const outputs = await session.run({
      x: runtime.tensor('float32', x, [batch, shape.dim]),
      upstream: runtime.tensor('float32', upstream, [batch, shape.tokens, shape.hiddenSize]),
      ...feeds(shape, weights),
    });
    const product = (at: number, by: number) => {
      const moved = x.with(at, x[at]! + by);
      return [0, 1, 2]
        .flatMap((row) => soft(shape, weights, row, moved))
        .reduce((sum, v, i) => sum + v * upstream[i]!, 0);
    };
    const found = outputs['grad/x']!.data as Float32Array;
    for (const at of [1, 7, 13])
      expect(found[at]).toBeCloseTo((product(at, 0.01) - product(at, -0.01)) / 0.02, 2);
    await session.release();
  });

  it('is aligned by the cross-entropy of the words among candidates, with its gradient', async () => {
    const width = shape.anchors?.keys ? 3 : shape.hiddenSize;
    const candidates = wave(6 * width, 40);
    const alignment = { candidates, targets: 2, logSharpness: Math.log(5) };
    const session = await runtime.createSession(writeOnnx(alignmentGraph(shape, batch, alignment)));
    const align = (using: ProjectorWeights) =>
      session.run({
        x: runtime.tensor('float32', x, [batch, shape.dim]),
        targets: runtime.tensor('int64', BigInt64Array.of(0n, 3n, 5n, 0n, 2n, 1n), [batch, 2]),
        weights: runtime.tensor('float32', Float32Array.of(0.5, 0.5, 1, 0, 0.5, 0.5), [batch, 2]),
        ...feeds(shape, using),
      });
    const lossOf = async (using: ProjectorWeights) => ((await align(using)).loss!.data as Float32Array)[0]!;
    const outputs = await align(weights);
    for (const { name } of projectorParameters(shape)) {
      if (name === 'gain') continue;
      const found = outputs[`grad/${name}`]!.data as Float32Array;
      const at = Math.floor(found.length / 2);
      const by = async (step: number) =>
        lossOf({ ...weights, [name]: weights[name]!.with(at, weights[name]![at]! + step) });
      expect(found[at], name).toBeCloseTo(((await by(0.005)) - (await by(-0.005))) / 0.01, 2);
    }
    await session.release();
  });
});

describe('alignment', () => {
  it('of a projector that gives out its input is −log softmax(sharpness · cos) by hand', async () => {
    const shape: ProjectorShape = { dim: 2, hidden: 0, tokens: 1, hiddenSize: 2, outputRms: 1 };
    const layout = parameterLayout(shape);
    const identity = {
      ...unflatten(new Float32Array(layout.at(-1)!.to), layout),
      normWeight: Float32Array.of(1, 1),
    };
    const weights = { ...identity, fc2Weight: Float32Array.of(1, 0, 0, 1) };
    const candidates = Float32Array.of(1, 0, 0, 2, -3, 3);
    const alignment = { candidates, targets: 1, logSharpness: Math.log(2) };
    const session = await runtime.createSession(writeOnnx(alignmentGraph(shape, 1, alignment)));
    const outputs = await session.run({
      x: runtime.tensor('float32', Float32Array.of(3, -1), [1, 2]),
      targets: runtime.tensor('int64', BigInt64Array.of(0n), [1, 1]),
      weights: runtime.tensor('float32', Float32Array.of(1), [1, 1]),
      ...feeds(shape, weights),
    });
    // LayerNorm of (3, −1) is (1, −1); its cosines with the candidates are √½, −√½ and −1.
    const scores = [Math.SQRT1_2, -Math.SQRT1_2, -1].map((c) => Math.exp(2 * c));
    const expected = -Math.log(scores[0]! / scores.reduce((a, b) => a + b));
    expect((outputs.loss!.data as Float32Array)[0]).toBeCloseTo(expected, 4);
    await session.release();
  });
});

describe('parameters', () => {
  it('go into one vector and back; a residual projector begins as the identity beside small layers', () => {
    const shape = FORMS[4]![1];
    const layout = parameterLayout({ ...shape, tokens: 1 });
    const fresh = unflatten(initialParameters(layout, Math.random), layout);
    expect([...fresh.skipWeight]).toEqual([1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0]);
    expect(Math.max(...fresh.fc2Weight.map(Math.abs))).toBeLessThan(0.1 / Math.sqrt(6));
    expect(unflatten(flatten(fresh, layout), layout)).toEqual(fresh);
  });
});
