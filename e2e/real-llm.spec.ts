/**
 * A real LLM and its projector in real Chromium, on WASM, through the public surface: a person who is a set of vectors. What it says is
 * compared with the same engine in Node, which `src/onnx/real-llm.test.ts` compares with PyTorch.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { Decoder } from '../src/generate/decoder.ts';
import { buildInput } from '../src/generate/prompt.ts';
import { loadBaseModel } from '../src/model/base-model.ts';
import { project, readProjector, withAnchorRows } from '../src/projector/projector.ts';
import { createNodeRuntime } from '../src/runtime/node-runtime.ts';
import { createFolderSource } from '../src/storage/folder-source.ts';
import { hasShared, sharedPath } from '../src/testing/shared.ts';
import type { DemoPeople } from '../tools/smollm2/demo-people.ts';
import type { Harness } from './harness/harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const harness: Harness;

const path = (name: string) => fileURLToPath(new URL(`../public/${name}`, import.meta.url));
const projector = path('projectors/smollm2-135m-instruct.safetensors');

test.skip(!hasShared || !existsSync(projector), 'needs ../shared and the projector of SmolLM2');
test.use({ baseURL: HARNESS_URL });

const QUESTION = 'What present would make me happy?';
const TOKENS = 4;
/**
 * `accuracy_level` 4 rounds activations to int8, each device's kernels in their own way, which moves logits by up to 1.3: where two
 * tokens are nearer than that, either may win. So the browser's tokens are compared with Node's logits, not with its tokens.
 */
const ROUNDING = 1.3;
/** The first person of the demo: two lines, two vectors. */
const { space, dim } = JSON.parse(readFileSync(path('world/llm-people.json'), 'utf8')) as DemoPeople;
const vectors = new Float32Array(Uint8Array.from(readFileSync(path('world/llm-people.bin'))).buffer);
const person = vectors.slice(0, 2 * dim);

test('a set of two vectors is followed as in Node; order is without meaning; clear ends the session', async ({
  page,
}) => {
  await page.goto('/');
  await page.waitForFunction(() => 'harness' in globalThis);
  const browser = await page.evaluate(
    async ({ file, values, space, dim, question, maxTokens }) => {
      const personalizer = await harness.Personalizer.create({
        ...{ model: '/models/smollm2-135m-instruct', dtype: 'q4', device: 'wasm', projector: file },
        ...{ persist: false, recheck: false },
      });
      const options = { temperature: 0, maxTokens };
      const ask = async (personalise: boolean) => {
        const session = await personalizer.createSession({ personalise });
        return { session, result: await session.generate(question, options) };
      };
      const set = (of: readonly number[]) => personalizer.user.set({ space, values: Float32Array.from(of) });
      const refused = (work: Promise<unknown>) =>
        work.then(
          () => 'nothing',
          (error: { readonly code?: string; readonly message: string }) => `${error.code}: ${error.message}`,
        );
      await set(values);
      const own = await ask(true);
      // A user who is refused leaves the one before in place.
      const wrongLength = await refused(set(values.slice(1)));
      const another = await refused(
        personalizer.user.set({ space: 'another', values: Float32Array.from(values) }),
      );
      await personalizer.user.clear();
      const ended = await refused(own.session.generate(question, options));
      const unset = await refused(ask(true));
      await set([...values.slice(dim), ...values.slice(0, dim)]);
      const swapped = await ask(true);
      const nobody = await ask(false);
      const { device, space: read } = personalizer;
      await personalizer.destroy();
      return {
        ...{ own: own.result, swapped: swapped.result, nobody: nobody.result },
        ...{ wrongLength, another, ended, unset, device, read },
      };
    },
    {
      ...{ file: `/@fs${projector}`, values: [...person], space, dim },
      ...{ question: QUESTION, maxTokens: TOKENS },
    },
  );
  expect(browser.device.device).toBe('wasm');
  expect(browser.read).toEqual({ id: space, dim, vectors: 16, encoder: 'Xenova/all-MiniLM-L6-v2' });
  const node = await openInNode();
  // Two vectors in two places.
  expect(browser.own).toMatchObject({ softTokens: 4, promptTokens: node.promptTokens(person) });
  expect(browser.nobody).toMatchObject({ softTokens: 0, promptTokens: node.promptTokens(undefined) });
  const own = await node.behind(person, browser.own.tokenIds);
  const nobody = await node.behind(undefined, browser.nobody.tokenIds);
  const confused = await node.behind(undefined, browser.own.tokenIds);
  test.info().annotations.push({ type: 'behind', description: JSON.stringify({ own, nobody, confused }) });
  expect(Math.max(...own, ...nobody)).toBeLessThan(ROUNDING);
  // The same comparison would notice if the soft tokens had not arrived.
  expect(Math.max(...confused)).toBeGreaterThan(ROUNDING);
  expect(browser.own.tokenIds).not.toEqual(browser.nobody.tokenIds);
  expect(browser.swapped.tokenIds).toEqual(browser.own.tokenIds);

  expect(browser.wrongLength).toBe(
    `invalid-embedding: the embedding holds ${2 * dim - 1} numbers, expected a Float32Array of 1 to 16 rows of ${dim} numbers`,
  );
  expect(browser.another).toMatch(/^invalid-embedding: .*"another"/);
  expect(browser.ended).toBe('no-user: the session has ended: its user was cleared');
  expect(browser.unset).toMatch(/^no-user: /);
});

interface NodeReader {
  /** Tokens of the prompt, soft tokens included. */
  readonly promptTokens: (values: Float32Array | undefined) => number;
  /** For each token of an answer, how far its logit lies below the largest one; 0 where Node chooses it too. */
  readonly behind: (values: Float32Array | undefined, answer: readonly number[]) => Promise<number[]>;
}

/** The same model, projector and prompt in Node; without values for nobody. */
async function openInNode(): Promise<NodeReader> {
  const source = createFolderSource(sharedPath('models/smollm2-135m-instruct'));
  const model = await loadBaseModel({ source, dtypes: ['q4'] });
  const runtime = createNodeRuntime();
  const read = readProjector(new Uint8Array(readFileSync(projector)));
  const ready = await withAnchorRows(read, model, runtime);
  const decoder = await Decoder.create(model, runtime);
  const promptOf = (values: Float32Array | undefined) => {
    const vectors = values === undefined ? [] : project(ready, values);
    const soft = { vectors, slot: ready.contract.slot };
    return buildInput(model, [{ role: 'user', content: QUESTION }], soft);
  };
  return {
    promptTokens: (values) => promptOf(values).ids.length,
    behind: async (values, answer) => {
      let step = await decoder.read(decoder.emptyCache(), promptOf(values));
      const distances: number[] = [];
      for (const [i, token] of answer.entries()) {
        distances.push(step.logits.reduce((a, b) => Math.max(a, b)) - step.logits[token]!);
        if (i < answer.length - 1) step = await decoder.read(step.cache, { ids: [token] });
      }
      return distances;
    },
  };
}
