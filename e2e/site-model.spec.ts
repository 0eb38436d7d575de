/** The section "Your model": a folder that is chosen is brought up, described and written with; what can't be used is named. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { openSection, ready, watchErrors } from './site.ts';

const TINY = fileURLToPath(new URL('../public/models/e2p-tiny', import.meta.url));

test('a dropped folder becomes a model that says what it is and writes; a damaged one says what is wrong with it', async ({
  page,
}, info) => {
  const errors = watchErrors(page);
  await page.goto('/?device=wasm&maxTokens=16');
  await ready(page);
  await openSection(page, 'model');
  await expect(page.getByTestId('model-write')).toBeDisabled();

  const damaged = info.outputPath('my-model');
  cpSync(TINY, damaged, { recursive: true });
  rmSync(`${damaged}/e2p-manifest.json`);
  writeFileSync(`${damaged}/tokenizer.json`, '{"model": 3}');
  await page.getByTestId('model-folder').setInputFiles(damaged);
  await expect(page.getByTestId('model-status')).toHaveText(/^invalid-tokenizer: .*tokenizer\.json/);
  await expect(page.getByTestId('model-write')).toBeDisabled();

  await drop(page, page.locator('#model-drop'), TINY);
  await expect(page.getByTestId('model-status')).toHaveText('Ready. Soft tokens can stand in its prompts.');
  const report = page.getByTestId('model-report');
  for (const fact of [/Name\s*e2p-tiny/, /Runs on\s*wasm/, /512 tokens/, /128 numbers/])
    await expect(report).toHaveText(fact);
  await page.getByTestId('model-prompt').fill('Headline: canal boat, Vesper, river moths');
  await page.getByTestId('model-write').click();
  await expect(page.getByTestId('model-stats')).toHaveText(/\d+ tokens, first token after/);
  await expect(page.getByTestId('model-output')).toContainText('canal boat');
  // The page's own model goes on as before.
  await expect(page.getByTestId('status')).toContainText('Ready');
  expect(errors).toEqual([]);
});

test('an id that the Hub can not give is named', async ({ page }) => {
  test.skip(!process.env.CI, 'two seconds more: runs where CI is set');
  await page.context().route(/huggingface\.co/, (route) => route.fulfill({ status: 404, body: 'no' }));
  await page.goto('/?device=wasm');
  await ready(page);
  await openSection(page, 'model');
  await page.getByTestId('model-id').fill('nobody/nothing');
  await page.getByTestId('model-load').click();
  await expect(page.getByTestId('model-status')).toHaveText(/^(network|invalid-model): /);
  await expect(page.getByTestId('model-load')).toBeEnabled();
});

/** As a hand does it: a folder of the disk is let fall onto a place of the page. */
async function drop(page: Page, place: Locator, folder: string): Promise<void> {
  await place.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await place.boundingBox())!;
  const devtools = await page.context().newCDPSession(page);
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await devtools.send('Input.dispatchDragEvent', {
      ...{ type, x: x + width / 2, y: y + height / 2 },
      data: { items: [], files: [folder], dragOperationsMask: 1 },
    });
  }
}
