/** Weights as int8 in real Chromium, through the public surface: turned once by the loader, kept, and taken from there on the next visit. On a GPU: engine.spec.ts. */
import { expect, type Page, test } from '@playwright/test';
import type { Harness } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: Harness;

const MODEL = `${DEMO_URL}/models/e2p-tiny`;
test.use({ baseURL: HARNESS_URL });

const create = (page: Page, cpuWeights: 'auto' | 'int8') =>
  page.evaluate(
    async ({ model, cpuWeights }) => {
      const converted: (readonly [number, number])[] = [];
      const personalizer = await harness.Personalizer.create({
        ...{ model, dtype: 'q4', device: 'wasm', cpuWeights, persist: false, recheck: false },
        onProgress: (p) => p.stage === 'convert' && converted.push([p.loaded, p.total]),
      });
      const session = await personalizer.createSession();
      const { text } = await session.generate('A story, please.', { temperature: 0, maxTokens: 12 });
      const { weights } = personalizer.model;
      await personalizer.destroy();
      return { converted, text, weights };
    },
    { model: MODEL, cpuWeights },
  );

test('weights are turned into int8 once, and the next visit takes what was kept', async ({ page }) => {
  await page.goto('/');
  await page.waitForFunction(() => 'harness' in globalThis);
  const first = await create(page, 'int8');
  expect(first.weights).toBe('int8');
  const [loaded, total] = first.converted.at(-1)!;
  expect(loaded).toBe(total);
  expect(total).toBeGreaterThan(500_000);
  await page.reload();
  await page.waitForFunction(() => 'harness' in globalThis);
  const again = await create(page, 'int8');
  expect(again.converted).toEqual([]);
  expect(again.text).toBe(first.text);
  expect(first.text.length).toBeGreaterThan(10);
  // So small a model is left as it is.
  expect(await create(page, 'auto')).toMatchObject({ weights: 'as-stored', converted: [] });
});
