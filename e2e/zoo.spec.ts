/** The zoo of export styles in real Chromium: soft tokens are exact on WASM and on WebGPU too. */
import { expect, type Page, test } from '@playwright/test';
import { ZOO } from '../src/testing/zoo/zoo.ts';
import type { Harness } from './harness/harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const harness: Harness;

/** One for all: what onnxruntime has compiled for its device stays. */
let page: Page;
test.beforeAll(async ({ browser }) => {
  page = await browser.newPage();
  await page.goto(HARNESS_URL);
  await page.waitForFunction(() => 'harness' in globalThis);
});
test.afterAll(() => page.close());

/** Half of the zoo, each kind of lookup, attention, positions, head and weights at least once. */
const ON_WEBGPU = ZOO.filter((style, i) => style.float === undefined && i % 2 === 0);

for (const [device, styles] of [
  ['wasm', ZOO],
  ['webgpu', ON_WEBGPU],
] as const) {
  test(`on ${device}: a token's own embedding is that token, a vector is that vector fed by hand`, async () => {
    test.skip(device === 'webgpu' && !process.env.CI, 'half a minute without a GPU: runs where CI is set');
    const results = await page.evaluate(([d, s]) => harness.zooParity(d, s), [device, styles] as const);
    for (const { name, own, byHand, changed } of results) {
      const half = styles.find((s) => s.name === name)!.float === 'float16';
      const tolerance = half ? 0.02 : device === 'webgpu' ? 1e-4 : 1e-5;
      expect(own, `${name}: own embedding`).toBeLessThanOrEqual(tolerance);
      expect(byHand, `${name}: fed by hand`).toBeLessThanOrEqual(tolerance);
      expect(changed, `${name}: the vector changes the logits`).toBeGreaterThan(10 * tolerance);
    }
    expect(results.map((r) => r.name)).toEqual(styles.map((s) => s.name));
  });
}

for (const [backend, missing] of [
  ['wasm', []],
  ['streaming', ['lookup in 4 bits', 'lookup in 8 bits']],
  ['webgpu', []],
] as const) {
  test(`operators that ${backend} lacks are told before a session is made, and are really missing`, async () => {
    const { told, found, why } = await page.evaluate((b) => harness.missingOperators(b), backend);
    expect(found, why.join('\n')).toEqual(missing);
    expect(told).toEqual(missing);
    if (missing.length > 0) {
      expect(why[0]).toMatch(/GatherBlockQuantized has no kernel on wasm, but on WebGPU/);
      expect(why[1]).toMatch(/Could not find an implementation for GatherBlockQuantized/);
    }
  });
}
