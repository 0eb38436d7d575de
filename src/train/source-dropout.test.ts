/** One projector for people of one source and of all: gates, by the formula written out, and sources that are left out in training. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { type Projector, project, readProjector, writeProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { fuseEmbeddings } from '../user/fuse-embeddings.ts';
import { randomAt } from './draw-batches.ts';
import { fitFusion } from './fit-fusion.ts';
import { dropSources } from './source-dropout.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { Example, Users } from './training-data.ts';

const widths = [3, 2, 4];

describe('source dropout', () => {
  const values = Float32Array.of(1, 2, 1, 0, 0, 4, 5, 6, 1);
  const random = randomAt(1, 'step', 0);
  const drawn = (dropout: number, noise = 0) =>
    Array.from({ length: 4000 }, () => dropSources(values, { widths, dropout }, noise, random));

  it('leaves sources out whole, as often as it is asked to, and never all of them', () => {
    const all = drawn(0.4);
    const kept = (flag: number) => all.filter((row) => row[flag] === 1).length / all.length;
    for (const row of all) {
      expect([...row.slice(0, 3)]).toEqual(row[2] === 1 ? [1, 2, 1] : [0, 0, 0]);
      expect([...row.slice(3, 5)]).toEqual([0, 0]);
      expect([...row.slice(5)]).toEqual(row[8] === 1 ? [4, 5, 6, 1] : [0, 0, 0, 0]);
      expect(row[2]! + row[8]!).toBeGreaterThan(0);
    }
    // One of the two stays whatever is drawn: 1 − 0.4 / 2 of each.
    for (const flag of [2, 8]) expect(Math.abs(kept(flag) - 0.8)).toBeLessThan(0.03);
  });

  it('adds noise to what is known alone', () => {
    const all = drawn(0, 0.5);
    const deviation = Math.sqrt(all.reduce((sum, row) => sum + (row[0]! - 1) ** 2, 0) / all.length);
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.03);
    for (const row of all) expect([row[2], row[3], row[4], row[8]]).toEqual([1, 0, 0, 1]);
  });
});

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] });
const isDog = (i: number) => i % 2 === 1;
const source = (phase: number): Users => ({
  dim: 2,
  rows: new Map(
    Array.from({ length: 16 }, (_, i) => [`u${i}`, Float32Array.of(isDog(i) ? 1 : -1, Math.sin(i + phase))]),
  ),
});
const sources = { clicks: source(0), words: source(5) };
const fusion = fitFusion('person', sources);
const fused = (id: string, of: readonly (keyof typeof sources)[]) =>
  fuseEmbeddings(
    fusion,
    of.map((space) => ({ space, values: sources[space].rows.get(id)! })),
  ).values;
const ids = [...sources.clicks.rows.keys()];
const users: Users = { dim: 6, rows: new Map(ids.map((id) => [id, fused(id, ['clicks', 'words'])])) };
const examples: Example[] = ids.map((user, i) => ({
  ...{ user, line: i + 1, persona: undefined, target: isDog(i) ? 'Dogs in the park' : 'The sea at night' },
  messages: [{ role: 'user', content: 'What do I like?' }],
}));
const run = (more: Partial<TrainOptions> = {}) =>
  train({
    ...{ model, runtime: createNodeRuntime(), users, examples, space: 'person', slot: 'after-bos', fusion },
    ...{ steps: 6, batch: 8, hidden: 3, learningRate: 0.05, heldOut: 0, noise: 0, prefixDropout: 0, ...more },
  });

describe('a projector with gates', () => {
  it('weights what is known by the formula, and reads nothing of what is not', async () => {
    const { projector } = await run();
    const { contract } = projector;
    expect(contract).toMatchObject({
      version: 3,
      space: { mean: [0, 0, 0, 0, 0, 0], sources: { widths: [3, 3], gated: true } },
    });
    // They have learned something, and the file keeps it.
    expect(projector.weights.gateWeight!.some((w) => w !== 0)).toBe(true);
    const read = readProjector(writeProjector(projector));
    for (const of of [['clicks'], ['words'], ['clicks', 'words']] as const) {
      const x = fused('u3', of);
      const [found, again] = [project(projector, x)[0]!, project(read, x)[0]!];
      expect(again).toEqual(found);
      for (const [i, value] of byHand(projector, [...x]).entries()) expect(found[i]).toBeCloseTo(value, 4);
    }
  });

  it('has none where it is told so, and is trained as if without where every gate is 1', async () => {
    const { projector } = await run({ gate: false });
    expect(projector.weights.gateWeight).toBeUndefined();
    expect(projector.contract).toMatchObject({ version: 2, space: { sources: { gated: false } } });
  });

  it('is refused for users who were not fused so, and files whose gates do not fit', async () => {
    await expect(
      run({ users: { dim: 5, rows: new Map(ids.map((id) => [id, new Float32Array(5)])) } }),
    ).rejects.toThrow(/users have 5 numbers each, the fusion makes 6/);
    const { projector } = await run({ steps: 1 });
    const space = { ...projector.contract.space, sources: { widths: [3, 2], gated: true } };
    const wrong = writeProjector({ ...projector, contract: { ...projector.contract, space } });
    expect(() => readProjector(wrong)).toThrow(/space\.sources\.widths.*expected 6 in sum/);
  });

  it('goes on from one that reads the same sources in the same way, and from no other', async () => {
    const begun = async (more: Partial<TrainOptions>) => (await run({ steps: 1, ...more })).projector;
    const refusal = (message: RegExp) =>
      expect.objectContaining({ code: 'contract-mismatch', message: expect.stringMatching(message) });
    const [plain, gated] = [await begun({ fusion: undefined }), await begun({})];
    await expect(run({ init: plain })).rejects.toThrow(
      refusal(/fusion is of sources 3,3 wide, expected none/),
    );
    await expect(run({ init: gated, gate: false })).rejects.toThrow(refusal(/gate is false, expected true/));
    expect((await begun({ init: gated })).contract.space.sources).toEqual({ widths: [3, 3], gated: true });
  });

  it('gives everybody the same as a constant control, whatever sources they have', async () => {
    const { projector } = await run({ constant: true });
    const [one, both] = [
      project(projector, fused('u3', ['clicks'])),
      project(projector, fused('u4', ['clicks', 'words'])),
    ];
    expect(one).toEqual(both);
  });
});

/** Forward pass of the first soft token, from the documented formula. */
function byHand({ contract, hidden, weights }: Projector, x: number[]): number[] {
  const mean = x.reduce((a, b) => a + b) / x.length;
  const deviation = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length + 1e-5);
  const n = x.map((v, i) => ((v - mean) / deviation) * weights.normWeight[i]! + weights.normBias[i]!);
  const row = (matrix: Float32Array, r: number, v: number[]) =>
    v.reduce((sum, value, i) => sum + value * matrix[r * v.length + i]!, 0);
  const gate = [0, 1].map(
    (s) => 2 / (1 + Math.exp(-(row(weights.gateWeight!, s, n) + weights.gateBias![s]!))),
  );
  const z = n.map((v, i) => v * gate[i < 3 ? 0 : 1]! * x[i < 3 ? 2 : 5]!);
  const erf = (t: number) => {
    // Abramowitz & Stegun 7.1.26, to 1.5e-7.
    const k = 1 / (1 + 0.3275911 * Math.abs(t));
    const poly =
      k * (0.254829592 + k * (-0.284496736 + k * (1.421413741 + k * (-1.453152027 + k * 1.061405429))));
    return Math.sign(t) * (1 - poly * Math.exp(-t * t));
  };
  const inner = Array.from(
    { length: hidden },
    (_, r) => row(weights.fc1Weight, r, z) + weights.fc1Bias[r]!,
  ).map((v) => (v / 2) * (1 + erf(v / Math.SQRT2)));
  const y = Array.from(
    { length: contract.model.hiddenSize },
    (_, r) => row(weights.fc2Weight, r, inner) + weights.fc2Bias[r]!,
  );
  const rms = Math.sqrt(y.reduce((sum, v) => sum + v * v, 0) / y.length + 1e-5);
  return y.map((v) => (v / rms) * contract.outputRms * weights.gain[0]!);
}
