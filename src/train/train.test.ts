/** Training as a team does it, on the default model and a made-up taste: variants, validation by other users, and retraining. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { normalised, project, readProjector, writeProjector } from '../projector/projector.ts';
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

describe('an attribute that is hidden', () => {
  const isNorth = (i: number) => i % 4 >= 2;
  const wider: Users = {
    dim: 4,
    rows: new Map(
      [...users.rows].map(([id, row], i) => [
        id,
        Float32Array.of(row[0]!, isNorth(i) ? 1.5 : -1, Math.cos(3 * i), row[1]!),
      ]),
    ),
  };
  const ids = [...wider.rows.keys()];
  const towns = new Map(ids.map((id, i) => [id, isNorth(i) ? 'north' : 'south']));
  const hidden = { users: wider, hide: { name: 'town', answers: towns } };

  it('cannot be recovered linearly from what the layers of the file read, while they learn the rest', async () => {
    const losses: number[] = [];
    const { projector } = await run({ ...hidden, onProgress: ({ loss }) => losses.push(loss) });
    const { contract, weights } = readProjector(writeProjector(projector));
    expect(contract.training).toMatchObject({ erased: 'town', erasedUsers: 24 });
    const { mean, scale } = contract.space;
    const normed = [...wider.rows.values()].map((row) =>
      normalised(Float64Array.from(row, (v, i) => (v - mean[i]!) / scale[i]!)),
    );
    /** How far apart the means of two halves of the users are, seen by each number of the inner layer before its GELU. */
    const gaps = (side: (i: number) => boolean, { fc1Weight } = weights) =>
      Array.from({ length: fc1Weight.length / 4 }, (_, h) =>
        normed.reduce(
          (sum, n, i) => sum + (side(i) ? 1 : -1) * n.reduce((s, v, j) => s + v * fc1Weight[h * 4 + j]!, 0),
          0,
        ),
      );
    const most = (found: readonly number[]) => Math.max(...found.map(Math.abs)) / ids.length;
    expect(most(gaps(isNorth))).toBeLessThan(1e-6);
    expect(most(gaps(likesDogs))).toBeGreaterThan(0.1);
    expect(most(gaps(isNorth, (await run({ users: wider, steps: 1 })).projector.weights))).toBeGreaterThan(
      0.1,
    );
    const [before, after] = [losses.slice(0, 3), losses.slice(-3)].map((l) => l.reduce((a, b) => a + b));
    expect(after).toBeLessThan(0.9 * before!);
  });

  it('stays so when a training goes on from a checkpoint, and is no other one', async () => {
    let bytes = new Uint8Array(0);
    const onCheckpoint = (now: Uint8Array) => {
      if (bytes.length === 0) bytes = now.slice();
    };
    const options = { ...hidden, heldOut: 0.25, steps: 12 };
    const whole = await run({ ...options, checkpointEvery: 6, onCheckpoint });
    const checkpoint = { bytes, name: 'c' };
    const resumed = await run({ ...options, checkpoint });
    for (const [i, v] of whole.projector.weights.fc1Weight.entries())
      expect(resumed.projector.weights.fc1Weight[i]).toBeCloseTo(v, 5);
    const answers = new Map(towns).set('u1', 'north').set('u2', 'south');
    await expect(run({ ...options, checkpoint, hide: { name: 'town', answers } })).rejects.toThrow(
      /it was made with erasure = /,
    );
  });

  it.each([
    [
      'of some users',
      (id: string) => (id === 'u3' ? undefined : towns.get(id)),
      /1 of 24 users .* no answer/,
    ],
    ['that is the same of all', () => 'north', /all users have the same answer/],
    [
      'of more classes than numbers',
      (id: string) => id,
      /24 different answers, expected fewer than the 4 num/,
    ],
  ])('is refused where it is one %s', async (_, of, reason) => {
    const answers = new Map(ids.flatMap((id) => (of(id) === undefined ? [] : [[id, of(id)!] as const])));
    await expect(run({ ...hidden, hide: { name: 'town', answers } })).rejects.toMatchObject({
      code: 'invalid-data',
      message: expect.stringMatching(reason),
    });
  });

  it('is fitted on users without texts too, where it is known of them, and on nobody who is held out', async () => {
    const more = Array.from({ length: 10 }, (_, i) => [`v${i}`, Float32Array.of(i, 1, 0, i % 3)] as const);
    const all: Users = { dim: 4, rows: new Map([...wider.rows, ...more]) };
    const answers = new Map([
      ...towns,
      ...more.slice(0, 7).map(([id], i) => [id, i % 2 ? 'north' : 'south'] as const),
    ]);
    const { report, projector } = await run({
      users: all,
      hide: { name: 'town', answers },
      heldOut: 0.25,
      steps: 1,
    });
    expect(projector.contract.training).toMatchObject({ erasedUsers: report.users.train + 7 });
  });

  it('is refused with gates', async () => {
    const fusion = {
      version: 1,
      space: 's',
      sources: [{ space: 'a', mean: [0, 0, 0], scale: [1, 1, 1] }],
    } as const;
    await expect(run({ ...hidden, fusion })).rejects.toThrow(/"town": the projector has a gate/);
    const { projector } = await run({ ...hidden, fusion, gate: false, steps: 1 });
    expect(projector.contract.training).toMatchObject({ erased: 'town' });
  });
});
