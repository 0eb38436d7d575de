/** Training by what is asked: a projector that learns from the vector which the question points at. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { readProjector, writeProjector } from '../projector/projector.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { train } from './train.ts';
import type { TrainOptions } from './train-options.ts';
import type { Example, Users } from './training-data.ts';
import { questionsOf, weighUsers } from './weigh-users.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] });
const [PETS, PLACES] = ['Which animals?', 'Which places?'] as const;
/** Numbers of a vector: what it is about, and what is said of it. */
const questions = new Map([
  [PETS, Float32Array.of(1, 0, 0)],
  [PLACES, Float32Array.of(0, 1, 0)],
]);
const isDog = (i: number) => i % 2 === 1;
const isSea = (i: number) => i % 4 > 1;
const rows = Array.from({ length: 16 }, (_, i) =>
  Float32Array.of(1, 0, isDog(i) ? 0.5 : -0.5, 0, 1, isSea(i) ? 0.5 : -0.5),
);
const users: Users = { dim: 3, rows: new Map(rows.map((row, i) => [`u${i}`, row])) };
const examples: Example[] = rows.flatMap((_, i) =>
  [PETS, PLACES].map((content, q) => ({
    ...{ user: `u${i}`, line: 2 * i + q + 1, persona: undefined },
    messages: [{ role: 'user' as const, content }],
    target: q === 0 ? (isDog(i) ? 'Dogs in the park' : 'Cats at home') : isSea(i) ? 'The sea' : 'A hill',
  })),
);
const encoder = { id: 'tests/pets', pooling: 'mean', normalize: true, probe: [1, 0, 0] } as const;
const run = (more: Partial<TrainOptions>) =>
  train({
    ...{ model, runtime: createNodeRuntime(), users, examples, encoder, space: 's', slot: 'after-bos' },
    ...{ steps: 3, batch: 8, learningRate: 0.02, heldOut: 0, noise: 0, prefixDropout: 0, ...more },
  });

describe('users who are weighed by what is asked', () => {
  it('are one vector for each question, and of one group', () => {
    const weighed = weighUsers(users, examples, { questions, temperature: 0.5 });
    expect(weighed.users.rows.size).toBe(32);
    expect(new Set(weighed.examples.map((e) => e.group)).size).toBe(16);
    // cos = 1/√1.25 with the vector that is meant, 0 with the other.
    const w = 1 / (1 + Math.exp(-1 / Math.sqrt(1.25) / 0.5));
    const found = weighed.users.rows.get(weighed.examples[0]!.user)!;
    for (const [k, value] of [w, 1 - w, -0.5].entries()) expect(found[k]).toBeCloseTo(value, 6);
  });

  it('teach as users of the weighed vectors would, and the file says how they are weighed', async () => {
    const temperature = 0.05;
    const lossesOf = async (more: Partial<TrainOptions>) => {
      const losses: number[] = [];
      const { projector } = await run({ ...more, onProgress: ({ loss }) => losses.push(loss) });
      return { projector, losses };
    };
    const { projector, losses } = await lossesOf({ byQuestion: { questions, temperature } });
    expect(projector.contract).toMatchObject({ version: 3, vectors: 2, byQuestion: { temperature } });
    expect(readProjector(writeProjector(projector)).contract.byQuestion).toEqual({ temperature });
    // Written out: cos with what is meant, against 0, over the temperature.
    const w = 1 / (1 + Math.exp(-1 / Math.sqrt(1.25) / temperature));
    const said = (i: number) => [isDog(i) ? 0.5 : -0.5, isSea(i) ? 0.5 : -0.5] as const;
    const one = rows.flatMap((_, i) =>
      [0, 1].map((q) => {
        const [pet, place] = said(i);
        const [a, b] = q === 0 ? [w, 1 - w] : [1 - w, w];
        return [`u${i}/${q}`, Float32Array.of(a, b, a * pet + b * place)] as const;
      }),
    );
    const plain = await lossesOf({
      users: { dim: 3, rows: new Map(one) },
      examples: examples.map((e, n) => ({ ...e, user: one[n]![0], group: e.user })),
    });
    for (const [step, loss] of losses.entries()) expect(loss).toBeCloseTo(plain.losses[step]!, 4);
  });

  it('are gone on with by a projector that was trained on such, and on no other', async () => {
    const begun = async (more: Partial<TrainOptions>) => (await run({ steps: 1, ...more })).projector;
    const byQuestion = { questions, temperature: 0.5 };
    const refusal = (message: RegExp) =>
      expect.objectContaining({ code: 'contract-mismatch', message: expect.stringMatching(message) });
    const [plain, weighed] = [await begun({}), await begun({ byQuestion })];
    await expect(run({ init: plain, byQuestion })).rejects.toThrow(
      refusal(/byQuestion\.temperature is 0\.5, expected absent, as the projector to begin with/),
    );
    await expect(run({ init: weighed })).rejects.toThrow(refusal(/temperature is absent, expected 0\.5/));
    await expect(run({ init: weighed, byQuestion: { questions, temperature: 0.1 } })).rejects.toThrow(
      refusal(/temperature is 0\.1, expected 0\.5/),
    );
    expect((await begun({ init: weighed, byQuestion })).contract.byQuestion).toEqual({ temperature: 0.5 });
  });

  it('have what is known of whoever asks, where that is hidden', async () => {
    const answers = new Map([...users.rows.keys()].map((id, i) => [id, isDog(i) ? 'dog' : 'cat']));
    const hide = { name: 'pet', answers };
    const { projector } = await run({ byQuestion: { questions, temperature: 0.5 }, hide, steps: 1 });
    expect(projector.contract.training).toMatchObject({ erased: 'pet' });
  });

  it('need an encoder, a temperature, and a vector of each question', async () => {
    await expect(run({ byQuestion: { questions, temperature: 0 } })).rejects.toThrow(/temperature is 0/);
    await expect(run({ byQuestion: { questions, temperature: 1 }, encoder: undefined })).rejects.toThrow(
      /without encoder/,
    );
    await expect(run({ byQuestion: { questions: new Map(), temperature: 1 } })).rejects.toThrow(
      /line 1: its question has no vector/,
    );
    expect(questionsOf(examples)).toEqual([PETS, PLACES]);
  });
});
