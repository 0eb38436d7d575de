/** The gradient in a real tab: PyTorch's values through a pretrained model, and Node's through every style of the zoo. */
import { expect, type Page, test } from '@playwright/test';
import { createNodeRuntime } from '../src/runtime/node-runtime.ts';
import { gradReference, hasShared } from '../src/testing/shared.ts';
import { ZOO } from '../src/testing/zoo/zoo.ts';
import { buildZoo } from '../src/testing/zoo/zoo-decoder.ts';
import { isTrainable, someSoft, zooLoss } from '../src/testing/zoo/zoo-gradient.ts';
import type { TrainHarness } from './harness/train-harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const harness: TrainHarness;

/** One for all: what onnxruntime has compiled for its device stays. */
let page: Page;
test.beforeAll(async ({ browser }) => {
  page = await browser.newPage();
  await page.goto(`${HARNESS_URL}/train.html`);
  await page.waitForFunction(() => 'harness' in globalThis);
});
test.afterAll(() => page.close());

/** |a − b| / |b| */
const distance = (a: readonly number[], b: ArrayLike<number>): number =>
  Math.hypot(...a.map((v, i) => v - b[i]!)) / Math.hypot(...Array.from(b));

const TRAINABLE = ZOO.filter(isTrainable);
/** A third of them, as SwiftShader is slow. */
const ON_WEBGPU = TRAINABLE.filter((_, i) => i % 3 === 0);

for (const [device, styles] of [
  ['wasm', TRAINABLE],
  ['webgpu', ON_WEBGPU],
] as const) {
  test(`on ${device} it is PyTorch's to 1e-3`, async () => {
    test.skip(!hasShared, 'needs ../shared with the reference values');
    test.skip(device === 'webgpu' && !process.env.CI, 'half a minute without a GPU: runs where CI is set');
    test.setTimeout(180_000);
    const cases = gradReference();
    const result = await page.evaluate(([d, c]) => harness.gradients('/models/stories260k', d, c), [
      device,
      // The vector stands behind BOS, and all targets at the end.
      cases.map(({ prompt_ids: [bos, ...rest], target_mask, vector }) => ({
        row: { ids: [bos!, 0, ...rest], softPositions: [1], targetFrom: target_mask.indexOf(1) + 1 },
        vector,
      })),
    ] as const);
    expect(result.device).toBe(device);
    for (const [i, { id, loss, grad }] of cases.entries()) {
      const found = result.found[i]!;
      expect(Math.abs(found.loss / loss - 1), id).toBeLessThan(1e-3);
      expect(distance(found.gradient, grad), id).toBeLessThan(1e-3);
    }
  });

  test(`on ${device} it is Node's to 1e-3, whatever the style of the export`, async () => {
    test.skip(device === 'webgpu' && !process.env.CI, 'half a minute without a GPU: runs where CI is set');
    test.setTimeout(180_000);
    const found = await page.evaluate(([d, s]) => harness.zooGradients(d, s), [device, styles] as const);
    expect(found.map(({ name }) => name)).toEqual(styles.map(({ name }) => name));
    const runtime = createNodeRuntime();
    for (const [i, { name, loss, gradient }] of found.entries()) {
      const node = await (await zooLoss(runtime, buildZoo(styles[i]!).model))(someSoft());
      expect(Math.abs(loss - node.loss), name).toBeLessThan(1e-4);
      expect(distance(gradient, node.gradient), name).toBeLessThan(1e-3);
    }
  });
}
