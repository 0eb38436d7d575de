/**
 * Words about oneself, in real Chromium: the loader fetches and keeps the sentence encoder's files, the sealed engine makes vectors of the
 * words. What they do is compared with vectors that are told by arithmetic, and of the real encoder with those of Transformers.js.
 */
import { fileURLToPath } from 'node:url';
import { chromium, expect, type Page, test } from '@playwright/test';
import type { E2PError, LoadProgress, Personalizer, User } from '../src/index.ts';
import { weighByQuestion } from '../src/projector/weigh-by-question.ts';
import type { HubServer } from '../src/testing/hub-server.ts';
import { hasShared, sharedPath } from '../src/testing/shared.ts';
import { tinyVector } from '../src/testing/tiny-encoder.ts';
import { loadSentenceEncoder } from '../src/user/transformers-encoder.ts';
import { launchOptions } from './chromium.ts';
import type { Harness } from './harness/harness.ts';
import { HARNESS_URL } from './ports.ts';
import { searchProfile } from './search-profile.ts';
import { BY_QUESTION, ENCODER, startWordsHub } from './words-hub.ts';

declare const harness: Harness;
/** What the tests leave on the page for what they do next. */
interface Opened {
  readonly personalizer: Personalizer;
  readonly user: User | undefined;
}

const LINES = ['pocket drone for Quillon', 'marzipan lighthouse on a rainy Thursday'];
const VECTORS = LINES.flatMap(tinyVector);
const GRAPH = `/${ENCODER}/resolve/main/onnx/model.onnx`;

let hub: HubServer;
test.use({ baseURL: HARNESS_URL });
test.beforeAll(async ({ browserName: _ }, info) => {
  hub = await startWordsHub(info.outputPath('encoder'));
});
test.afterAll(() => hub[Symbol.asyncDispose]());
test.beforeEach(() => {
  hub.rate = undefined;
  hub.requests.length = 0;
});

const encoderRequests = () => hub.requests.filter((request) => request.includes(ENCODER));

async function open(
  page: Page,
  given: { readonly device?: 'wasm' | 'webgpu'; readonly vault?: boolean; readonly projector?: string } = {},
): Promise<void> {
  const { device = 'wasm', vault = false, projector = 'words' } = given;
  await page.goto('/');
  await page.waitForFunction(() => 'harness' in globalThis);
  await page.evaluate(
    async ({ host, device, vault, projector }) => {
      const user = vault ? await harness.openUser({ policyVersion: '1' }) : undefined;
      const personalizer = await harness.Personalizer.create({
        ...{ model: 'tests/tiny', hub: { host }, dtype: 'q4', device, persist: false, recheck: false },
        ...{ projector: `${host}/tests/projectors/resolve/main/${projector}.safetensors` },
        ...(user && { user }),
      });
      Object.assign(globalThis, { personalizer, user });
    },
    { host: hub.url, device, vault, projector },
  );
}

/** Greedy, with how many soft tokens. */
const write = (page: Page) =>
  page.evaluate(async () => {
    const { personalizer } = globalThis as unknown as Opened;
    const session = await personalizer.createSession();
    const { tokenIds, softTokens } = await session.generate('Story: pocket drone', {
      maxTokens: 6,
      temperature: 0,
    });
    await session.destroy();
    return { tokenIds, softTokens };
  });

/** What came of it: nothing, or code and message. */
const describe = (page: Page, text: string | readonly string[], abortAfterMs?: number) =>
  page.evaluate(
    async ({ text, abortAfterMs }) => {
      const { personalizer } = globalThis as unknown as Opened;
      const signal = abortAfterMs === undefined ? undefined : AbortSignal.timeout(abortAfterMs);
      const stages: LoadProgress['stage'][] = [];
      const outcome = await personalizer.user
        .describe(text, { onProgress: ({ stage }) => stages.push(stage), ...(signal && { signal }) })
        .then(
          () => 'set',
          (error: E2PError) => `${error.code ?? error.name}: ${error.message}`,
        );
      return { outcome, stages: [...new Set(stages)] };
    },
    { text, abortAfterMs },
  );

const setVectors = (page: Page, vectors: readonly number[] = VECTORS) =>
  page.evaluate(async (values) => {
    const { personalizer } = globalThis as unknown as Opened;
    await personalizer.user.set({ space: personalizer.space!.id, values: Float32Array.from(values) });
  }, vectors);

test('what is asked is read in the engine, and weighs the vectors of whoever asks', async ({ page }) => {
  await open(page, { projector: 'asked' });
  await setVectors(page);
  expect(encoderRequests()).toEqual([]);
  const asked = await write(page);
  expect(asked.softTokens).toBe(1);
  // Nobody was described: the session needs the encoder, once for all.
  const loaded = encoderRequests().length;
  expect(loaded).toBeGreaterThan(3);
  expect(await write(page)).toEqual(asked);
  // Freed with the person, and brought up anew for the next.
  await page.evaluate(() => (globalThis as unknown as Opened).personalizer.user.clear());
  await setVectors(page);
  expect(await write(page)).toEqual(asked);
  expect(encoderRequests()).toHaveLength(loaded);
  await open(page);
  const question = Float32Array.from(tinyVector('Story: pocket drone'));
  const weighed = weighByQuestion(
    LINES.map((line) => Float32Array.from(tinyVector(line))),
    question,
    BY_QUESTION,
  );
  await setVectors(page, [...weighed]);
  expect(await write(page)).toEqual(asked);
});

for (const device of ['wasm', 'webgpu'] as const) {
  test(`on ${device} each line is a vector; the encoder is loaded at the first description, and kept`, async ({
    page,
  }) => {
    test.skip(device === 'webgpu' && !process.env.CI, 'half a minute without a GPU: runs where CI is set');
    await open(page, { device });
    expect(encoderRequests()).toEqual([]);
    expect(await describe(page, LINES.join('\n'))).toEqual({ outcome: 'set', stages: ['storage', 'file'] });
    const described = await write(page);
    expect(described.softTokens).toBe(2);
    const loaded = encoderRequests().length;
    expect(loaded).toBeGreaterThan(3);
    expect(await describe(page, LINES.toReversed())).toEqual({ outcome: 'set', stages: [] });
    expect(await write(page)).toEqual(described);
    expect(encoderRequests()).toHaveLength(loaded);
    await setVectors(page);
    expect(await write(page)).toEqual(described);
    // Both are in one module of onnxruntime, and take turns there.
    const [plain, alone] = await page.evaluate(async (lines) => {
      const { personalizer } = globalThis as unknown as Opened;
      const writePlain = async (meanwhile?: () => Promise<void>) => {
        const session = await personalizer.createSession({ personalise: false });
        const [text] = await Promise.all([
          session.prompt('Story: pocket drone', { maxTokens: 12, temperature: 0 }),
          meanwhile?.(),
        ]);
        await session.destroy();
        return text;
      };
      return [await writePlain(() => personalizer.user.describe(lines)), await writePlain()];
    }, LINES);
    expect(plain).toBe(alone);
    expect(await write(page)).toEqual(described);
    await describe(page, ['something else']);
    expect((await write(page)).tokenIds).not.toEqual(described.tokenIds);
    // At the next visit it is there, whatever the device.
    if (device === 'webgpu') return;
    hub.requests.length = 0;
    await open(page, { device });
    expect((await describe(page, LINES)).outcome).toBe('set');
    expect(encoderRequests().filter((request) => request.includes(GRAPH))).toEqual([]);
  });
}

test('what is refused leaves the user before, and no message quotes the words', async ({ page }) => {
  await open(page);
  await setVectors(page);
  const before = await write(page);
  for (const [text, message] of [
    ['  ', 'invalid-argument: the description has no words, expected a line or more'],
    [new Array(5).fill('marzipan'), /^invalid-argument: the description has 5 lines, expected at most 4/],
  ] as const) {
    const { outcome } = await describe(page, text);
    expect(outcome).toMatch(message);
    expect(outcome).not.toContain('marzipan');
  }
  // Nothing was loaded for any of these.
  expect(encoderRequests()).toEqual([]);
  hub.rate = 16_000;
  expect((await describe(page, LINES, 1500)).outcome).toMatch(/^(TimeoutError|23)/);
  hub.rate = undefined;
  expect(await write(page)).toEqual(before);
  expect((await describe(page, LINES)).outcome).toBe('set');
});

/** What came of a description during which something else was asked for, at once or when its encoder is loaded; and who is set then. */
const describeDuring = async (page: Page, what: 'clear' | 'set' | 'describe', isAtOnce: boolean) => {
  const outcome = page.evaluate(
    async ({ what, isAtOnce, values }) => {
      const { personalizer } = globalThis as unknown as Opened;
      const { user } = personalizer;
      let begun = () => {};
      const loading = new Promise<void>((resolve) => {
        begun = resolve;
      });
      const described = user.describe(['one'], { onProgress: begun }).then(
        () => 'set',
        (error: E2PError) => error.code,
      );
      if (!isAtOnce) await loading;
      if (what === 'clear') await user.clear();
      else if (what === 'describe') await user.describe(['two', 'three']);
      else await user.set({ space: personalizer.space!.id, values: Float32Array.from(values) });
      return described;
    },
    { what, isAtOnce, values: VECTORS },
  );
  return [await outcome, (await write(page)).softTokens];
};

for (const vault of [false, true]) {
  test(`of several changes of the user the one asked for last counts, ${vault ? 'with' : 'without'} a vault`, async ({
    page,
  }) => {
    test.skip(!vault && !process.env.CI, 'twenty seconds more: runs where CI is set');
    for (const isAtOnce of [false, true]) {
      for (const [what, code, left] of [
        ['describe', 'user-replaced', 2],
        ['set', 'user-replaced', 2],
        ['clear', 'no-user', 0],
      ] as const) {
        await open(page, { vault });
        if (vault) {
          await page.evaluate(() => (globalThis as unknown as Opened).user!.consent.grant('personalise'));
        }
        expect(await describeDuring(page, what, isAtOnce)).toEqual([code, left]);
      }
    }
  });
}

test('addresses are read when the personalizer is created, and a projector may name none', async ({
  page,
}) => {
  await open(page);
  const refused = await page.evaluate(
    ({ host }) =>
      Promise.all(
        [
          { encoder: 'http://' },
          { encoder: '' },
          { encoder: 5 },
          { model: '' },
          { projector: 'http://' },
        ].map((wrong) =>
          harness.Personalizer.create({ model: 'tests/tiny', hub: { host }, ...(wrong as object) }).then(
            () => 'created',
            (error: E2PError) => `${error.code}: ${error.message}`,
          ),
        ),
      ),
    { host: hub.url },
  );
  expect(refused).toEqual([
    'invalid-argument: the address of the encoder is "http://", expected a URL',
    'invalid-argument: the address of the encoder is "", expected a URL',
    'invalid-argument: the address of the encoder is number, expected a URL',
    'invalid-argument: the address of the model is "", expected a URL',
    'invalid-argument: the address of the projector is "http://", expected a URL',
  ]);
  await open(page, { projector: 'address' });
  expect((await describe(page, LINES)).outcome).toMatch(
    /^contract-mismatch: .* "http:\/\/127.0.0.1\/collect\/", which is no Hub id/,
  );
});

test('a page that takes the frame out hears that the engine has stopped', async ({ page }) => {
  await open(page);
  await page.evaluate(() => document.querySelector('html > iframe')!.remove());
  expect((await describe(page, LINES)).outcome).toBe(
    'runtime-failed: the engine worker stopped: its frame was taken out of the page',
  );
});

test("another encoder than the projector's is refused by what it says of a known sentence", async ({
  page,
}) => {
  await open(page, { projector: 'other' });
  expect((await describe(page, LINES)).outcome).toMatch(
    /^contract-mismatch: the projector reads vectors of tests\/tiny-encoder .* cosine/,
  );
});

test('with a vault: only with consent, the vectors are kept in it and the words nowhere', async ({
  browserName: _,
}, info) => {
  const profile = info.outputPath('profile');
  const visit = async <T>(work: (page: Page) => Promise<T>): Promise<T> => {
    const context = await chromium.launchPersistentContext(profile, {
      ...launchOptions(),
      baseURL: HARNESS_URL,
    });
    const page = await context.newPage();
    await open(page, { vault: true });
    const result = await work(page);
    // LevelDB writes when it likes.
    await page.waitForTimeout(1000);
    await context.close();
    return result;
  };
  const described = await visit(async (page) => {
    expect((await describe(page, LINES)).outcome).toMatch(
      /^consent-required: consent to personalise was not/,
    );
    expect(encoderRequests()).toEqual([]);
    await page.evaluate(() => (globalThis as unknown as Opened).user!.consent.grant('personalise'));
    expect((await describe(page, LINES)).outcome).toBe('set');
    const stored = await page.evaluate(async () => {
      const { user, personalizer } = globalThis as unknown as Required<Opened>;
      const found = await user!.embedding.get(personalizer.space!.id);
      return [...found!.values];
    });
    expect(Math.max(...stored.map((value, i) => Math.abs(value - VECTORS[i]!)))).toBeLessThan(1e-5);
    return write(page);
  });
  hub.requests.length = 0;
  expect(await visit(write)).toEqual(described);
  expect(encoderRequests()).toEqual([]);
  const secrets = Object.fromEntries(
    LINES.flatMap((line) => [
      [line, Buffer.from(line)],
      [`${line}, in UTF-16`, Buffer.from(line, 'utf16le')],
      [`${line}, in base64`, Buffer.from(Buffer.from(line).toString('base64').slice(0, 20))],
    ]),
  );
  expect(searchProfile(profile, secrets)).toEqual({ weights: true, vault: true, found: [] });
});

for (const [what, revoke, code] of [
  ['a withdrawal', (user: User) => user.consent.withdraw('personalise'), 'consent-required'],
  ['deleting', (user: User) => user.embedding.delete('tiny-lines'), 'user-replaced'],
  ['forgetting', (user: User) => user.forget(), 'destroyed: the user was forgotten'],
  [
    'a decision taken back at once',
    (user: User) => Promise.all([user.consent.withdraw('personalise'), user.consent.grant('personalise')]),
    'user-replaced',
  ],
] as const) {
  test(`${what} while words are read means those too`, async ({ page }) => {
    await open(page, { vault: true });
    await page.evaluate(() => (globalThis as unknown as Opened).user!.consent.grant('personalise'));
    await setVectors(page);
    hub.rate = 32_000;
    const reading = describe(page, LINES);
    await expect.poll(() => encoderRequests().some((r) => r.includes('onnx/model.onnx'))).toBe(true);
    await page.evaluate(`(${revoke})(globalThis.user)`);
    expect((await reading).outcome).toMatch(new RegExp(`^${code}`));
  });
}

test.describe('on the real LLM', () => {
  const projector = fileURLToPath(
    new URL('../public/projectors/smollm2-135m-instruct.safetensors', import.meta.url),
  );
  test.skip(!hasShared, 'needs ../shared');

  test('the real encoder gives what Transformers.js gives, and the answer follows', async ({ page }) => {
    const lines = ['I grow tomatoes.', 'I play the cello.'];
    const encoder = await loadSentenceEncoder({ id: sharedPath('models/all-minilm-l6-v2') });
    const values = [...(await encoder.encode(lines))];
    await encoder.release();
    await page.goto('/');
    await page.waitForFunction(() => 'harness' in globalThis);
    const { described, set, softTokens } = await page.evaluate(
      async ({ lines, values, file }) => {
        const personalizer = await harness.Personalizer.create({
          ...{ model: '/models/smollm2-135m-instruct', dtype: 'q4', device: 'wasm', projector: file },
          ...{ encoder: '/models/all-minilm-l6-v2', persist: false, recheck: false },
        });
        const ask = async () => {
          const session = await personalizer.createSession();
          return session.generate('What present would make me happy?', { temperature: 0, maxTokens: 4 });
        };
        await personalizer.user.describe(lines);
        const described = await ask();
        await personalizer.user.set({ space: personalizer.space!.id, values: Float32Array.from(values) });
        const set = await ask();
        await personalizer.destroy();
        return { described: described.tokenIds, set: set.tokenIds, softTokens: described.softTokens };
      },
      { lines, values, file: `/@fs${projector}` },
    );
    expect(softTokens).toBeGreaterThan(3);
    expect(described).toEqual(set);
  });
});
