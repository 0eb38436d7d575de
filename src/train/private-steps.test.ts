/** Steps that hide a person: clipped as a whole, noise of the size that the account says, everybody drawn alone; and a whole training of it. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../generate/sampling.ts';
import { loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { epsilonOfSteps } from './dp-accounting.ts';
import { gaussian } from './draw-batches.ts';
import { initialParameters, parameterLayout } from './parameters.ts';
import { createPrivateGradient, type PrivateSteps } from './private-steps.ts';
import { createProjectorSession, type ProjectorSession } from './projector-session.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { Example, Users } from './training-data.ts';

const runtime = createNodeRuntime();
const shape = { dim: 4, hidden: 6, tokens: 1, hiddenSize: 8, outputRms: 1 };
const layout = parameterLayout(shape);
const size = layout.at(-1)!.to;
const parameters = initialParameters(layout, seededRandom(1));
const random = seededRandom(2);
const numbers = (count: number) => Float32Array.from({ length: count }, () => gaussian(random));
const users = Array.from({ length: 5 }, () => numbers(shape.dim));
/** One to three rows each, of one to three targets; the last user's are a thousand times as steep. */
const examples = users.flatMap((_, user) =>
  Array.from({ length: 1 + (user % 3) }, (_, n) => ({
    ...{ user, ids: Array.from({ length: 5 + n }, () => 1), softPositions: [1], targetFrom: 4 },
    upstream: numbers(shape.hiddenSize).map((v) => (user === 4 ? 1000 : 0.01) * v),
  })),
);
const batch = 4;

let alone: ProjectorSession;
beforeAll(async () => {
  alone = await createProjectorSession({ shape, layout, runtime, batch: 1, vectors: 1, places: 1 });
});
afterAll(() => alone.release());

/** What a model would say of the rows that are in the batch; a row without a target says nothing. */
async function gradientOf(privacy: Partial<PrivateSteps>, rows = examples, drawn = seededRandom(7)) {
  const steps = await createPrivateGradient({
    ...{ shape, layout, runtime, batch, vectors: 1, examples: rows },
    privacy: { sampling: 1, clip: 1e9, noise: 0, unitOf: users.map((_, i) => i), random: drawn, ...privacy },
    readRows: async (read) => {
      const [x, upstream] = [shape.dim, shape.hiddenSize].map((width) => new Float32Array(batch * width));
      for (const [b, row] of read.entries()) {
        if (row.targetFrom === row.ids.length) continue;
        x!.set(users[row.user]!, b * shape.dim);
        upstream!.set((row as (typeof examples)[number]).upstream, b * shape.hiddenSize);
      }
      return { x: x!, upstream: upstream!, nats: 1 };
    },
  });
  const gradient = new Float32Array(size);
  await steps.add(parameters, gradient);
  await steps.release();
  return gradient;
}

/** Of the mean over a user's target tokens, each row by itself. */
async function ownGradient(user: number): Promise<Float32Array> {
  const rows = examples.filter((row) => row.user === user);
  const targets = rows.reduce((sum, { ids, targetFrom }) => sum + ids.length - targetFrom, 0);
  const gradient = new Float32Array(size);
  for (const { upstream } of rows)
    await alone.addGradient(
      parameters,
      users[user]!,
      upstream.map((v) => v / targets),
      gradient,
    );
  return gradient;
}
const length = (values: Float32Array) => Math.hypot(...values);
const difference = (a: Float32Array, b: Float32Array) => a.map((v, i) => v - b[i]!);

describe('a step that hides a person', () => {
  it('is the mean of what each says, whoever shares a batch with whom', async () => {
    const all = await Promise.all(users.map((_, user) => ownGradient(user)));
    const mean = all[0]!.map((_, i) => all.reduce((sum, own) => sum + own[i]!, 0) / users.length);
    const found = await gradientOf({});
    expect(length(difference(found, mean))).toBeLessThan(1e-4 * length(mean));
  });

  it('changes by no more than the clip with any one person, however steep their rows', async () => {
    const clip = 0.02;
    const all = await gradientOf({ clip });
    for (const [user] of users.entries()) {
      const rest = await gradientOf(
        { clip },
        examples.filter((row) => row.user !== user),
      );
      const sums = difference(
        all.map((v) => v * users.length),
        rest.map((v) => v * (users.length - 1)),
      );
      const own = Math.min(clip, length(await ownGradient(user)));
      expect(Math.abs(length(sums) - own)).toBeLessThan(1e-4 * clip);
    }
    // Two who share data count as one.
    const unitOf = [0, 1, 2, 3, 3];
    const apart = await gradientOf(
      { clip, unitOf, sampling: 1 },
      examples.filter((row) => row.user >= 3),
    );
    expect(length(apart)).toBeLessThanOrEqual(clip * (1 + 1e-5));
  });

  it('has noise of the size that is accounted for, and other noise each time', async () => {
    const steps = { clip: 0.5, noise: 2 };
    const still = await gradientOf({ clip: 0.5 });
    const found = [1, 2, 3, 4].map((seed) => gradientOf(steps, examples, seededRandom(seed)));
    const noise = (await Promise.all(found)).flatMap((noisy) => [...difference(noisy, still)]);
    const expected = (2 * 0.5) / users.length;
    const deviation = Math.sqrt(noise.reduce((sum, v) => sum + v * v, 0) / noise.length);
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.1);
  });

  it('draws each person alone', async () => {
    let steps = 0;
    const counts = new Map<number, number>();
    const drawn = seededRandom(5);
    const privacy = { sampling: 0.3, clip: 1, noise: 0, unitOf: [0, 1, 2, 3, 4], random: drawn };
    const private_ = await createPrivateGradient({
      ...{ shape, layout, runtime, batch, vectors: 1, examples, privacy },
      readRows: async (rows) => {
        const told = rows.filter((row) => row.targetFrom < row.ids.length).map(({ user }) => user);
        for (const user of new Set(told)) counts.set(user, (counts.get(user) ?? 0) + 1 / 1);
        return {
          ...{ x: new Float32Array(batch * shape.dim), nats: 0 },
          upstream: new Float32Array(batch * shape.hiddenSize),
        };
      },
    });
    for (; steps < 400; steps++) await private_.add(parameters, new Float32Array(size));
    await private_.release();
    // Who has several rows may be in two batches of a step.
    const share = counts.get(0)! / steps;
    expect(Math.abs(share - 0.3)).toBeLessThan(0.07);
  });
});

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] });
const rows = (count: number, name: string) =>
  new Map(
    Array.from({ length: count }, (_, i) => [
      `${name}${i}`,
      Float32Array.of(i % 2 ? 1 : -1, Math.sin(i), Math.cos(3 * i)),
    ]),
  );
const taught: Users = { dim: 3, rows: rows(48, 'u') };
const lessons: Example[] = [...taught.rows.keys()].map((user, i) => ({
  ...{ user, line: i + 1, persona: undefined },
  messages: [{ role: 'user', content: 'What do I like?' }],
  target: i % 2 ? 'Dogs in the park' : 'The sea at night',
}));
const options: TrainOptions = {
  ...{ model, runtime, users: taught, examples: lessons, space: 's', batch: 8, steps: 6, hidden: 0 },
  ...{ learningRate: 0.02, reference: { dim: 3, rows: rows(40, 'other') } },
};
const privacy = { epsilon: 50, delta: 1e-4, people: 24, clip: 1 };

describe('a training that hides each person', () => {
  it('has a file that says what it tells of any one and nothing else of all', async () => {
    const { projector, report } = await train({ ...options, privacy });
    const { training = {} } = projector.contract;
    expect(training).toMatchObject({ users: 48, dpEpsilon: 50, dpDelta: 1e-4, dpSampling: 0.5, dpSteps: 6 });
    expect(training).not.toHaveProperty('dataSha256');
    expect(training).not.toHaveProperty('examples');
    const spent = { noise: training.dpNoise as number, sampling: 0.5, steps: 6 };
    const epsilon = epsilonOfSteps(spent, 1e-4);
    expect(epsilon).toBeLessThanOrEqual(50);
    expect(epsilon).toBeGreaterThan(49);
    // Standardised by the others, and nobody is held out.
    const { mean } = projector.contract.space;
    expect(mean[1]).toBeCloseTo(
      [...rows(40, 'o').values()].reduce((sum, v) => sum + v[1]! / 40, 0),
      6,
    );
    expect(report.users).toEqual({ train: 48, heldOut: 0 });
  });

  it('takes noise that no seed gives back', async () => {
    const [one, other] = [
      await train({ ...options, privacy, steps: 2 }),
      await train({ ...options, privacy, steps: 2 }),
    ];
    expect(one!.projector.weights).not.toEqual(other!.projector.weights);
  });

  it.each([
    ['people to standardise by', { reference: true }, 'nothing but the people themselves to standardise'],
    ['texts without noise', { alignTo: [] }, 'alignTo, whose texts no noise hides'],
    [
      'a δ that gives one person away',
      { privacy: { ...privacy, delta: 0.05 } },
      'privacy.delta is 0.05 for 48',
    ],
    ['more people than there are', { privacy: { ...privacy, people: 60 } }, 'privacy.people is 60'],
    ['batches that are added up', { accumulate: 2 }, 'accumulate is 2, expected people instead'],
    ['ε of nothing', { privacy: { ...privacy, epsilon: 0 } }, 'privacy.epsilon is 0'],
  ] as const)('refuses %s', async (_, more, message) => {
    await expect(train({ ...options, privacy, ...more } as TrainOptions)).rejects.toThrow(message);
  });
});
