/** The engine in real Chromium against PyTorch's numbers, on WebGPU (SwiftShader where there is no GPU) and WASM. */
import { expect, type Page, test } from '@playwright/test';
import { WASM_BYTES } from '../src/runtime/wasm-bytes.ts';
import { hasShared, softReference } from '../src/testing/shared.ts';
import type { Harness, HarnessCase } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: Harness;

/** The model that ships with the library. */
const SHIPPED = `${DEMO_URL}/models/e2p-tiny`;
const PROMPT = 'Story: pocket drone, Quillon, Rook, calmer nerves';

test.use({ baseURL: HARNESS_URL });

async function open(page: Page): Promise<string[]> {
  const errors: string[] = [];
  page.on('console', (m) => m.type() === 'error' && errors.push(m.text()));
  page.on('pageerror', (e) => errors.push(e.message));
  await page.goto('/');
  await page.waitForFunction(() => 'harness' in globalThis);
  return errors;
}

test.describe('on one page, where what onnxruntime has compiled for its device stays', () => {
  let page: Page;
  let errors: readonly string[];
  test.beforeAll(async ({ browser }) => {
    page = await browser.newPage({ baseURL: HARNESS_URL });
    errors = await open(page);
  });
  test.afterAll(() => page.close());

  for (const [device, tolerance] of [
    ['webgpu', 1e-3],
    ['wasm', 1e-4],
  ] as const) {
    test(`soft tokens on ${device} give PyTorch's logits to ${tolerance} at every place`, async () => {
      test.skip(!hasShared, 'needs ../shared with the reference model');
      const cases = softReference().cases;
      const result = await page.evaluate(
        ([d, c]) => harness.softLogits('/models/stories260k', 'fp32', d, c),
        [
          device,
          cases.map((c): HarnessCase => ({ ids: c.prompt_ids, at: c.insert_at, vector: c.vector })),
        ] as const,
      );
      expect(result.device).toBe(device);
      // Keys and values never leave the GPU.
      expect(result.cacheLocation).toBe(device === 'webgpu' ? 'gpu-buffer' : 'cpu');
      for (const [i, c] of cases.entries()) {
        const worst = Math.max(...c.expected_last_logits.map((v, k) => Math.abs(v - result.logits[i]![k]!)));
        expect(worst, c.id).toBeLessThan(tolerance);
      }
      expect(result.greedy).toEqual(cases[0]!.greedy_next_16_ids.slice(0, 4));
      expect(errors).toEqual([]);
    });
  }

  test('a prompt longer than the device computes rightly at once is read in chunks, and behind a cut of the cache, with the same logits', async () => {
    const long: HarnessCase = {
      ids: [1, ...Array.from({ length: 70 }, (_, i) => 260 + ((i * 37) % 1240))],
      at: 40,
      vector: Array.from({ length: 128 }, (_, i) => Math.sin(i)),
    };
    const [gpu, cpu] = await page.evaluate(
      async ([model, c]) => [
        await harness.softLogits(model, 'fp32', 'webgpu', [c]),
        await harness.softLogits(model, 'fp32', 'wasm', [c]),
      ],
      [SHIPPED, long] as const,
    );
    for (const logits of [gpu!.logits[0]!, gpu!.again, cpu!.again]) {
      const worst = Math.max(...cpu!.logits[0]!.map((v, i) => Math.abs(v - logits[i]!)));
      expect(worst).toBeLessThan(1e-3);
    }
  });
});

test('a GPU is tested at the first load, and what was found is used at the next, where weights for the CPU are asked for in vain', async ({
  page,
}) => {
  test.skip(!process.env.CI, 'a quarter of a minute');
  await open(page);
  const load = (cpuWeights: 'auto' | 'int8') =>
    page.evaluate(
      async ([model, asked]) => {
        let isConverted = false;
        const personalizer = await harness.Personalizer.create({
          ...{ model, dtype: 'q4', device: 'webgpu', cpuWeights: asked },
          onProgress: ({ stage }) => {
            isConverted ||= stage === 'convert';
          },
        });
        const { device } = personalizer.device;
        const { weights } = personalizer.model;
        await personalizer.destroy();
        const done = <T>(asked: IDBRequest<T>) =>
          new Promise<T>((resolve) => {
            asked.onsuccess = () => resolve(asked.result);
          });
        const database = await done(indexedDB.open('e2p-device'));
        const all = database.transaction('notes').objectStore('notes');
        const [keys, values] = await Promise.all([done(all.getAllKeys()), done(all.getAll())]);
        database.close();
        return {
          ...{ device, weights, isConverted },
          kept: keys.map((key, i) => ({ key: String(key), ...(values[i] as { found: number; at: number }) })),
        };
      },
      [SHIPPED, cpuWeights] as const,
    );
  const first = await load('auto');
  expect(first.device).toBe('webgpu');
  expect(
    first.kept.map(({ key, found }) => [/\| (attention|capture|model) \|/.exec(key)?.[1], found]),
  ).toEqual([
    ['attention', 31],
    ['capture', 1],
    ['model', 1],
  ]);
  expect(first.kept[0]!.key).toMatch(/^finding google \| swiftshader/);
  // A second test would be noted with another time.
  const second = await load('int8');
  expect(second).toEqual({ ...first, weights: 'as-stored', isConverted: false });
});

/** A new device takes twenty seconds without a GPU: `E2P_LOSSES=3` and 10 for more, at moments drawn anew. */
const LOSSES = Number(process.env.E2P_LOSSES ?? (process.env.CI ? 2 : 1));
test(`a device lost (${LOSSES}: while the prompt is read, between two tokens, in one): the same greedy text each time`, async ({
  page,
}) => {
  test.setTimeout(LOSSES * 60_000);
  const draw = (n: number) => Math.floor(Math.random() * n);
  const drawn = Array.from({ length: LOSSES }, () => ({
    run: 1 + draw(8),
    afterMs: draw(3) === 0 ? undefined : draw(40),
    atLoad: draw(4) === 0,
  }));
  const fixed = [
    { run: 1, afterMs: 5 },
    { run: 5, afterMs: undefined },
    { run: 6, afterMs: 3 },
  ];
  for (const loss of LOSSES > fixed.length ? drawn : fixed.slice(0, LOSSES)) {
    await open(page);
    const { text, expected, device } = await page.evaluate(
      ([model, prompt, when]) => {
        const late = new Promise<never>((_, reject) =>
          setTimeout(() => reject(new Error(`no text 60 s after ${JSON.stringify(when)}`)), 60_000),
        );
        return Promise.race([harness.loseDevice(model, 'q4', prompt, when), late]);
      },
      [SHIPPED, `${PROMPT}; `.repeat(4), loss] as const,
    );
    expect(text, JSON.stringify(loss)).toBe(expected);
    expect(text.length).toBeGreaterThan(10);
    expect(device).toMatchObject({ device: 'wasm', reason: expect.stringContaining('lost') });
  }
});

test('ten personalizers, one after the other: no worker and no frame is left, and no memory', async ({
  page,
}) => {
  test.skip(!process.env.CI, 'half a minute');
  await open(page);
  const cdp = await page.context().newCDPSession(page);
  const heapMib = async () => {
    await cdp.send('HeapProfiler.collectGarbage');
    return (await cdp.send('Runtime.getHeapUsage')).usedSize / 2 ** 20;
  };
  const create = (times: number) =>
    page.evaluate(
      async ([model, count]) => {
        for (let i = 0; i < count; i++) {
          const personalizer = await harness.Personalizer.create({ model, dtype: 'q4', device: 'wasm' });
          await (await personalizer.createSession()).prompt('Story:', { maxTokens: 1 });
          await personalizer.destroy();
        }
      },
      [SHIPPED, times] as const,
    );
  await create(2);
  const before = await heapMib();
  await create(10);
  await expect.poll(() => page.workers().length).toBe(0);
  await expect.poll(() => page.frames().length).toBe(1);
  expect((await heapMib()) - before).toBeLessThan(4);
});

test('float16 on a GPU without it is refused before anything is downloaded', async ({ page }) => {
  await open(page);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const refused = await page.evaluate(
    (model) =>
      harness.Personalizer.create({ model, dtype: 'q4f16', device: 'webgpu' }).catch(
        (e) => `${e.code}: ${e.message}`,
      ),
    SHIPPED,
  );
  expect(refused).toBe(
    'unsupported-device: WebGPU was asked for, but the model computes in float16 and the GPU lacks shader-f16',
  );
  expect(asked.filter((url) => url.includes('/models/'))).toEqual([]);
});

test('a demand that cannot be met says why; auto goes on with the CPU and says why too', async ({ page }) => {
  await open(page);
  const outcome = await page.evaluate(async (model) => {
    // As in a browser without WebGPU; the engine's worker has its own navigator, so ask the runtime here.
    Object.defineProperty(navigator, 'gpu', { value: undefined });
    const demand = await harness.softLogits(model, 'fp32', 'webgpu', []).catch((e) => e.message);
    const auto = await harness.softLogits(model, 'fp32', 'auto', []);
    return { demand, auto: auto.device };
  }, SHIPPED);
  expect(outcome).toEqual({ demand: 'WebGPU was asked for, but this browser has no WebGPU', auto: 'wasm' });
});

test('the worker streams, aborts and goes on; a second visit reads the weights from the device', async ({
  page,
}) => {
  const errors = await open(page);
  const gets: string[] = [];
  page.on('request', (r) => r.method() === 'GET' && r.url().includes('/models/') && gets.push(r.url()));
  const visit = () =>
    page.evaluate(
      async ([model, prompt]) => {
        const sources = new Set<boolean>();
        const told: {
          readonly stage: string;
          readonly loaded: number;
          readonly total: number | undefined;
        }[] = [];
        const personalizer = await harness.Personalizer.create({
          model,
          device: 'wasm',
          onProgress: (p) => {
            if (p.stage === 'file') sources.add(p.cached);
            if ('all' in p) told.push({ ...p.all, stage: p.stage });
          },
        });
        const session = await personalizer.createSession();
        const pieces: string[] = [];
        const controller = new AbortController();
        let aborted = '';
        try {
          for await (const piece of session.promptStreaming(prompt, {
            signal: controller.signal,
          })) {
            pieces.push(piece);
            if (pieces.length === 5) controller.abort();
          }
        } catch (error) {
          aborted = (error as Error).name;
        }
        const text = await session.prompt(prompt, { maxTokens: 8 });
        const failure = await session.prompt('x '.repeat(2000)).catch((e) => e.code);
        const after = await session.prompt('Then', { maxTokens: 3 });
        await personalizer.destroy();
        const gone = await session.prompt('x').catch((e) => e.code);
        return {
          pieces: pieces.length,
          aborted,
          text,
          failure,
          after: after !== '',
          gone,
          cached: [...sources],
          told,
        };
      },
      [SHIPPED, PROMPT] as const,
    );
  const first = await visit();
  expect(first).toMatchObject({
    aborted: 'AbortError',
    failure: 'context-overflow',
    after: true,
    gone: 'destroyed',
  });
  expect(first.text).toMatch(/^The pocket drone/);
  expect(first.pieces).toBeGreaterThanOrEqual(5);
  expect(first.cached).toEqual([false]);
  const bytes = expectOneTotal(first.told);
  expect(gets.some((url) => url.endsWith('.onnx'))).toBe(true);
  gets.length = 0;
  await page.reload();
  await page.waitForFunction(() => 'harness' in globalThis);
  const second = await visit();
  expect(second).toMatchObject({ text: first.text, cached: [true] });
  expect(expectOneTotal(second.told)).toBe(bytes);
  // Only what says whether there is a new version is asked for again.
  expect(gets.filter((url) => !url.endsWith('e2p-manifest.json'))).toEqual([]);
  expect(errors.filter((text) => !text.includes('404'))).toEqual([]);
});

/** The total is told before the WebAssembly comes, which it includes, and is the same to the end. @returns it */
function expectOneTotal(
  told: readonly { readonly stage: string; readonly loaded: number; readonly total: number | undefined }[],
): number {
  const totals = told.map(({ total }) => total);
  const [total, ...more] = new Set(totals.slice(totals.findIndex((t) => t !== undefined)));
  expect(more).toEqual([]);
  expect(told.find(({ stage }) => stage === 'runtime')).toMatchObject({ total });
  expect(total).toBeGreaterThan(WASM_BYTES.wasm);
  const loaded = told.map((all) => all.loaded);
  expect(loaded).toEqual(loaded.toSorted((a, b) => a - b));
  expect(loaded.at(-1)).toBe(total);
  return total!;
}
