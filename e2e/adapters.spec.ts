/** `e2p-web/ai-sdk` and `e2p-web/transformers` on a page, beside the engine; `e2p-web/prompt-api` has a spec of its own. */
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import type { AdaptersHarness } from './harness/adapters-harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const adapters: AdaptersHarness;

test.use({ baseURL: HARNESS_URL });

const WASM = `/@fs${fileURLToPath(new URL('../node_modules/onnxruntime-web/dist/', import.meta.url))}`;

async function open(page: Page): Promise<void> {
  await page.goto('/adapters.html');
  await page.waitForFunction(() => 'adapters' in globalThis);
}

test('the AI SDK gives what a session gives: at once, streamed, one of a list, and until it is aborted', async ({
  page,
}) => {
  await open(page);
  const { answers, chosen, seen, full } = await page.evaluate(() => adapters.aiSdk());
  for (const { own, text, pieces, tokens } of answers) {
    expect(text).toBe(own);
    expect(pieces.join('')).toBe(own);
    expect(pieces.length).toBeGreaterThan(3);
    expect(tokens[1]).toBe(tokens[0]);
  }
  expect(answers[0]!.text).not.toBe(answers[1]!.text);
  expect(chosen).toBe(true);
  expect(full.startsWith(seen)).toBe(true);
  expect(seen.length).toBeLessThan(full.length);
});

for (const [dtype, device] of [
  ['fp32', 'wasm'],
  ['q4', 'webgpu'],
] as const) {
  test(`a pipeline of Transformers.js for a person has the engine's ids (${dtype}, ${device})`, async ({
    page,
  }) => {
    // One pipeline, without the comparison, runs with the documentation (`docs.spec.ts`).
    test.skip(!process.env.CI, 'two engines: runs where CI is set');
    test.skip(device === 'webgpu' && !process.env.E2P_SLOW, 'half a minute: runs where E2P_SLOW is set');
    await open(page);
    const { before, answers, after } = await page.evaluate(
      ([base, wasm, type, where]) => adapters.transformers(base, wasm, type, where),
      [`${DEMO_URL}/models/`, WASM, dtype, device] as const,
    );
    for (const { own, theirs } of answers) {
      expect(theirs.text).toBe(own.text);
      expect(theirs.ids.slice(0, own.ids.length)).toEqual(own.ids);
    }
    expect(answers[0]!.own.text).not.toBe(answers[1]!.own.text);
    expect(after).toEqual(before);
    expect(before.text).not.toBe(answers[0]!.own.text);
  });
}

test('a kernel that Transformers.js lacks on the CPU of a page is its own error', async ({ page }) => {
  test.skip(!process.env.CI, 'what others lack: runs where CI is set');
  await open(page);
  const refused = page.evaluate(([base, wasm]) => adapters.transformers(base, wasm, 'q4', 'wasm'), [
    `${DEMO_URL}/models/`,
    WASM,
  ] as const);
  await expect(refused).rejects.toThrow(/implementation for GatherBlockQuantized/);
});
