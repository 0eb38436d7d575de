/** Buffers of our own on WebGPU: picking tokens there, a KV cache that grows in place, and decode steps that are recorded and repeated. */
import { expect, type Page, test } from '@playwright/test';
import type { GpuHarness } from './harness/gpu-harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const gpuHarness: GpuHarness;

async function open(page: Page): Promise<void> {
  await page.goto(`${HARNESS_URL}/gpu.html`);
  await page.waitForFunction(() => 'gpuHarness' in globalThis);
}

test('the highest 64 logits, exactly and in their order, of a vocabulary of any size', async ({ page }) => {
  await open(page);
  for (const type of ['float32', 'float16'] as const) {
    const rows = [
      ...([10, 64, 65, 1024, 1500, 49_152, 151_936, 262_144] as const).map((n) => ['random', n] as const),
      ...['ties', 'low', 'tiny', 'zeros', 'ruled out', 'infinite', 'no number'].map(
        (k) => [k, 3001] as const,
      ),
    ];
    for (const { kind, length, found, expected } of await page.evaluate(
      ([r, t]) => gpuHarness.highestOf(r, t),
      [rows, type] as const,
    )) {
      expect(found, `${kind} ${length} ${type}`).toEqual(expected);
      if (kind === 'no number') expect(found[0]).toBe('3000: NaN');
    }
  }
});
