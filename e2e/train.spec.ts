/** Training in a real tab gives Node's losses: the default model and projector, on WASM and on WebGPU. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { loadBaseModel } from '../src/model/base-model.ts';
import { readProjector } from '../src/projector/projector.ts';
import { createNodeRuntime } from '../src/runtime/node-runtime.ts';
import { createFolderSource } from '../src/storage/folder-source.ts';
import { adaptEmbedding, readExamples, readUsers, train } from '../src/train.ts';
import { makeWorld } from '../tools/default/default-setup.ts';
import { embeddingOf } from '../tools/world/embed.ts';
import { seededRandom } from '../tools/world/random.ts';
import { examples, readersOf } from '../tools/world/world.ts';
import type { TrainHarness } from './harness/train-harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: TrainHarness;

test.use({ baseURL: HARNESS_URL });

const { world, embeddings } = makeWorld(true);
const jsonLines = (values: readonly unknown[]) => values.map((v) => JSON.stringify(v)).join('\n');
const usersFile = jsonLines(
  readersOf(world, 'train').map(({ index }) => ({
    user: `${index}`,
    embedding: [...embeddingOf(embeddings, index)],
  })),
);
const dataFile = jsonLines(
  examples(world, 'train', 'headline', 160, seededRandom(1, 'tab')).map(({ reader, prompt, target }) => ({
    user: `${reader.index}`,
    ...{ prompt, target },
  })),
);

const folder = fileURLToPath(new URL('../public/models/e2p-tiny', import.meta.url));

async function nodeLosses(steps: number, batch: number) {
  const users = readUsers(new TextEncoder().encode(usersFile), 'users.jsonl');
  const losses: number[] = [];
  await train({
    model: await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] }),
    runtime: createNodeRuntime(),
    users,
    examples: readExamples(new TextEncoder().encode(dataFile), 'train.jsonl', users),
    ...{ space: 'readers', heldOut: 0, steps, batch },
    onProgress: ({ loss }) => losses.push(loss),
  });
  return losses;
}

for (const { device, steps, batch, stopAt } of [
  { device: 'wasm', steps: process.env.CI ? 100 : 30, batch: 4, stopAt: process.env.CI ? 60 : 18 },
  { device: 'webgpu', steps: 2, batch: 2, stopAt: undefined },
] as const) {
  test(`${steps} steps of the default projector on ${device} give Node's losses`, async ({ page }) => {
    test.skip(
      device === 'webgpu' && !process.env.E2P_SLOW,
      'a minute without a GPU: runs where E2P_SLOW is set',
    );
    test.setTimeout(300_000);
    const expected = await nodeLosses(steps, batch);
    await page.goto('/train.html');
    await page.waitForFunction(() => 'harness' in globalThis);
    const { losses, projector, ...found } = await page.evaluate((given) => harness.train(given), {
      ...{
        model: `${DEMO_URL}/models/e2p-tiny/`,
        device,
        users: usersFile,
        examples: dataFile,
        steps,
        batch,
      },
      ...(stopAt !== undefined && { stopAt }),
    });
    expect(found.device).toBe(device);
    expect(found.stopped).toBe(stopAt === undefined ? '' : 'AbortError');
    expect(found.exits).toEqual([]);
    expect(losses).toHaveLength(steps);
    const worst = Math.max(...losses.map((loss, i) => Math.abs(loss - expected[i]!)));
    expect(worst).toBeLessThan(1e-3);
    const { contract, hidden } = readProjector(Uint8Array.from(projector));
    expect(hidden).toBe(128);
    expect(contract).toMatchObject({ tokens: 1, space: { id: 'readers', dim: 32 }, training: { steps } });
  });
}

test('an embedding learns from feedback in the sealed worker as in Node, and is what it was after undo and after a withdrawal', async ({
  page,
}) => {
  const projector = readProjector(readFileSync(`${folder}/projector.safetensors`));
  const { id: space, mean, scale } = projector.contract.space;
  const values = mean.map((m, i) => Math.fround(m + scale[i]! * Math.sin(i)));
  const prompt = 'Write a headline about the robot chef.';
  const [money, nature] = ['Investors fund the robot chef', 'Wildlife rangers guard the robot chef'];
  const feedback = [
    { kind: 'edit', prompt, answer: money, others: [nature] },
    { kind: 'down', prompt, answer: nature },
  ] as const;
  const settings = { steps: 3, neutral: [{ prompt: 'Hello', answer: 'Hello' }], tolerance: 10 };
  const expected = await adaptEmbedding({
    model: await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] }),
    ...{ runtime: createNodeRuntime(), projector, values: Float32Array.from(values), feedback, ...settings },
  });
  await page.goto('/train.html');
  await page.waitForFunction(() => 'harness' in globalThis);
  const model = `${DEMO_URL}/models/e2p-tiny/`;
  const { learnt, report, ...found } = await page.evaluate((given) => harness.learn(given), {
    ...{ model, projector: `${model}projector.safetensors`, space, values, feedback, settings },
  });
  expect(found).toEqual({
    ...{ withoutConsent: 'consent-required', exits: [], undone: true, withdrawn: 'consent-required' },
    ...{ isAsGiven: true, isComplete: true },
  });
  expect(report).toMatchObject({ rows: { learnt: 2, heldOut: 0, tooLong: 0 } });
  expect(report!.loss.after).toBeLessThan(report!.loss.before);
  const worst = Math.max(...learnt.map((v, i) => Math.abs(v - expected.values![i]!) / scale[i]!));
  expect(worst).toBeLessThan(1e-2);
});
