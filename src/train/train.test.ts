/** Training as a team does it, on the default model and a made-up taste: variants, validation by other users, and retraining. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { project, readProjector, writeProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { Example, Users } from './training-data.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] });
const runtime = createNodeRuntime();

const likesDogs = (i: number) => i % 2 === 1;
const users: Users = {
  dim: 2,
  rows: new Map(
    Array.from({ length: 24 }, (_, i) => [`u${i}`, Float32Array.of(likesDogs(i) ? 1 : -1, Math.sin(i))]),
  ),
};
const day = (n: number) => Date.UTC(2026, 10, n);
const examples: Example[] = [...users.rows.keys()].map((user, i) => ({
  ...{ user, line: i + 1, time: day(1 + i) },
  messages: [{ role: 'user', content: 'What do I like?' }],
  target: likesDogs(i) ? 'Dogs in the park' : 'The sea at night',
  persona: likesDogs(i) ? 'Dogs.' : 'The sea.',
}));
const run = (more: Partial<TrainOptions> = {}) =>
  train({
    ...{ model, runtime, users, examples, space: 's', steps: 40, batch: 8, learningRate: 0.02 },
    ...{ heldOut: 0, ...more },
  });
const first = await run();

describe('a linear projector', () => {
  it('learns, and survives its file', async () => {
    const losses: number[] = [];
    const { projector } = await run({ hidden: 0, onProgress: ({ loss }) => losses.push(loss) });
    // Three batches are everybody once: how many like dogs differs between batches, and their loss with it.
    const [before, after] = [losses.slice(0, 3), losses.slice(36, 39)].map((l) => l.reduce((a, b) => a + b));
    expect(after).toBeLessThan(0.9 * before!);
    const again = readProjector(writeProjector(projector));
    expect(again.hidden).toBe(0);
    const user = Float32Array.of(1, 0.3);
    expect(project(again, user)).toEqual(project(projector, user));
    // Linear in the normed embedding up to the output's length: two opposite users meet in the middle.
    expect(again.weights.fc2Weight).toHaveLength(users.dim * model.facts.hiddenSize);
  });
});

describe('memory', () => {
  it('is told, and bounded by fewer rows at once, then by computing again', async () => {
    const { memory } = first.report;
    expect(memory).toMatchObject({ rowsPerPass: 8, recompute: false });
    const half = await run({ memory: Math.round(memory.bytes * 0.8), steps: 5 });
    expect(half.report.memory).toMatchObject({ rowsPerPass: 4, recompute: false });
    expect(half.report.memory.bytes).toBeLessThan(0.8 * memory.bytes);
    const little = await run({ memory: 2_600_000, steps: 5 });
    expect(little.report.memory).toMatchObject({ rowsPerPass: 2, recompute: true });
    // The same training but for rounding.
    const plain = await run({ steps: 5 });
    for (const other of [half, little]) {
      const [a, b] = [plain, other].map((r) => r.projector.weights.fc2Bias);
      for (const [i, v] of a!.entries()) expect(Math.abs(b![i]! - v)).toBeLessThan(2e-3);
    }
    await expect(run({ memory: 1000 })).rejects.toThrow(
      /^memory is 1000 bytes, expected at least \d+: what one row/,
    );
  });
});

describe('validation by other users', () => {
  it('looks at those, and trains on all of the examples', async () => {
    const [validation, rest] = [examples.slice(0, 6), examples.slice(6)];
    const { report } = await run({ examples: rest, validation, steps: 20 });
    expect(report.users).toEqual({ train: 18, heldOut: 6 });
    expect(report.heldOutLoss).toBeGreaterThan(0);
  });

  it('refuses users who are trained on', async () => {
    const validation = [{ ...examples[3]!, line: 7 }];
    await expect(run({ validation })).rejects.toThrow(/^validation line 7: its user or group is trained on/);
  });
});

describe('retraining', () => {
  const again = { init: first.projector, since: day(19), batch: 4 };

  it('on what is new, leaves old users their texts where nothing changed', async () => {
    const { report } = await run({ ...again, learningRate: 1e-7, steps: 2 });
    expect(report).toMatchObject({ older: 18, examples: { train: 6, heldOut: 0 } });
    expect(report.moved).toBeLessThan(1e-3);
    expect(report.canaries).toEqual({ prompts: 18, same: 18, changed: [] });
  });

  it('says whose text changed', async () => {
    const news = examples.map((e) => ({ ...e, target: 'Nothing but rain' }));
    const { report } = await run({ ...again, examples: news, canaries: examples.slice(0, 3) });
    expect(report.moved).toBeGreaterThan(0.1);
    expect(report.canaries).toEqual({ prompts: 3, same: 0, changed: [1, 2, 3] });
  });

  it('needs dates, and something new', async () => {
    const undated = examples.map(({ time, ...e }) => e);
    await expect(run({ ...again, examples: undated })).rejects.toThrow(/^line 1: field time is missing/);
    await expect(run({ ...again, since: day(29) })).rejects.toThrow('no example is from 2026-11-29');
  });
});
