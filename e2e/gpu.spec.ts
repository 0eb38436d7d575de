/** Buffers of our own on WebGPU: picking tokens there, a KV cache that grows in place, and decode steps that are recorded and repeated. */
import { expect, type Page, test } from '@playwright/test';
import { randomModel } from '../bench/gpu/random-model.ts';
import { readOnnx, writeOnnx } from '../src/onnx/onnx-file.ts';
import { rowsOf } from '../src/testing/highest-rows.ts';
import type { GpuHarness } from './harness/gpu-harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const gpuHarness: GpuHarness;

const random = randomModel(
  {
    ...{ layers: 2, hiddenSize: 128, intermediateSize: 256, heads: 4, kvHeads: 2, headDim: 32 },
    ...{ vocabSize: 1000, maxPositions: 1500 },
  },
  4,
);

/** The same, where a token sees the last 16 before it alone. */
async function inWindow(path: string): Promise<Uint8Array | undefined> {
  const file = await random.read(path);
  if (file === undefined || !path.endsWith('.onnx')) return file;
  const model = readOnnx(file);
  const nodes = model.graph.nodes.map((node) =>
    node.opType === 'GroupQueryAttention'
      ? {
          ...node,
          attributes: node.attributes.map((a) => (a.name === 'local_window_size' ? { ...a, i: 16n } : a)),
        }
      : node,
  );
  return writeOnnx({ ...model, graph: { ...model.graph, nodes } });
}

/** One page for all: what onnxruntime has compiled for its device stays, and without a GPU that takes longer than what is tested. */
let page: Page;
test.beforeAll(async ({ browser }) => {
  page = await browser.newPage();
  page.on('pageerror', (error) => expect(error).toBe(undefined));
  await page.route(/\/(random|window)\//, async (route) => {
    const [, folder, path] = /\/(random|window)\/(.*)/.exec(new URL(route.request().url()).pathname)!;
    const file = await (folder === 'window' ? inWindow(path!) : random.read(path!));
    await route.fulfill(file === undefined ? { status: 404 } : { body: Buffer.from(file) });
  });
  await page.goto(`${HARNESS_URL}/gpu.html`);
  await page.waitForFunction(() => 'gpuHarness' in globalThis, undefined, { timeout: 60_000 });
});
test.afterAll(() => page.close());

test('the highest 64 logits, exactly and in their order, of a vocabulary of any size', async () => {
  for (const type of ['float32', 'float16'] as const) {
    for (const { kind, length, found, expected } of await page.evaluate(
      ([r, t]) => gpuHarness.highestOf(r, t),
      [rowsOf(type), type] as const,
    )) {
      expect(found, `${kind} ${length} ${type}`).toEqual(expected);
      if (kind === 'no number') expect(found[0]).toBe('3000: NaN');
    }
  }
  expect(await page.evaluate(() => gpuHarness.trustsWrongOrder())).toBe(false);
});

/** As recorded; where that is found wrong, or is impossible. */
const WAYS = ['repeated', 'in place', ...(process.env.E2P_SLOW ? (['copied'] as const) : [])] as const;
/** Outgrows its first buffers. */
const LONG = 250;
test('sessions on a cache that grows in place write what the CPU writes, and leave nothing behind', async () => {
  test.skip(!process.env.CI, 'in CI alone: without a GPU each way takes 20 s and more');
  test.setTimeout(600_000);
  const expected = await page.evaluate((n) => gpuHarness.onCpu(n), LONG);
  expect(new Set(expected.tokens.flat()).size).toBeGreaterThan(12);
  for (const how of WAYS) {
    const found = await page.evaluate(([h, n]) => gpuHarness.onGpu(h, n), [how, LONG] as const);
    expect(found.tokens, how).toEqual(expected.tokens);
    const apart = found.numbers.map((value, i) => Math.abs(value - expected.numbers[i]!));
    expect(Math.max(...apart), how).toBeLessThan(1e-3);
    const { steps, reason, rows } = found;
    if (how === 'copied') continue;
    expect(rows).toEqual({
      read: Array(20).fill(true),
      longGone: [...Array(12).fill(true), ...Array(8).fill(false)],
      allGone: Array(20).fill(false),
    });
    for (const { bytesRead } of steps) expect(bytesRead).toBe(512);
    if (how === 'in place') {
      expect(reason).toContain('steps are not repeated as recorded (a repeated step has other logits');
      continue;
    }
    expect(reason).toBe('WebGPU is available; steps are repeated as recorded');
    // A store that has grown is bound once.
    const bound = steps.filter(({ bindGroups }) => bindGroups > 0);
    expect(bound).toHaveLength(1);
    expect(steps.filter(({ buffers }) => buffers > 0)).toEqual(bound);
  }
});

test('whether steps may be repeated is tried once for a device and a model', async () => {
  test.skip(!process.env.CI, 'in CI alone: half a minute without a GPU');
  const [tried, known] = await page.evaluate(() => gpuHarness.openTwice('repeated'));
  expect(tried).toMatchObject({ found: [['capture', 1]], reason: known!.reason });
  expect(tried!.passes).toBeGreaterThan(0);
  expect(known).toMatchObject({ found: [['capture', 1]], passes: 0 });
  const [wrong, avoided] = await page.evaluate(() => gpuHarness.openTwice('in place'));
  expect(wrong).toMatchObject({ found: [['capture', 2]] });
  expect(avoided!.reason).toContain('not repeated as recorded (a trial on this device has found them wrong)');
  expect(avoided!.passes).toBe(0);
});

test('a sliding window is right on a cache that grows in place, and no step is repeated', async () => {
  test.skip(!process.env.CI, 'in CI alone: half a minute without a GPU');
  const expected = await page.evaluate(() => gpuHarness.onCpu(40, 'window'));
  const full = await page.evaluate(() => gpuHarness.onCpu(40));
  expect(full.tokens).not.toEqual(expected.tokens);
  const found = await page.evaluate(() => gpuHarness.onGpu('repeated', 40, 'window'));
  expect(found.tokens).toEqual(expected.tokens);
  expect(found.reason).toContain('sliding window');
});
