/** The section "Train": files, a loss that is drawn as it comes, controls, and texts with what was trained. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Locator, test } from '@playwright/test';
import { readProjector } from '../src/projector/projector.ts';
import { openSection, ready, watchErrors } from './site.ts';

const sample = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../public/world/sample-${name}.jsonl`, import.meta.url)), 'utf8')
    .trim()
    .split('\n');
const file = (name: string, lines: readonly string[]) => ({
  ...{ name, mimeType: 'application/jsonl', buffer: Buffer.from(lines.join('\n')) },
});

test('two dropped files become a projector in this tab, which is compared with its controls and writes', async ({
  page,
}, info) => {
  const errors = watchErrors(page);
  await page.goto('/?device=wasm&maxTokens=24');
  await ready(page);
  await openSection(page, 'train');
  await expect(page.getByTestId('train-data')).toContainText(
    'The sample: 120 users with embeddings of 32 numbers. 384 examples are learned from; 96, of 24 users, are held out.',
  );

  // One of two files alone is no training.
  const users = file('users.jsonl', sample('users').slice(0, 10));
  const known = new Set(users.buffer.toString().match(/r\d+/g));
  const examples = sample('train').filter((line) => known.has((JSON.parse(line) as { user: string }).user));
  await page.getByTestId('train-files').setInputFiles([users]);
  await expect(page.getByTestId('train-data')).toContainText('Found users.jsonl; expected two');
  await page
    .getByTestId('train-files')
    .setInputFiles([file('train.jsonl', [...examples, '{"user": "r1"']), users]);
  await expect(page.getByTestId('train-data')).toContainText('train.jsonl line 41 is not JSON');
  await page.getByTestId('train-files').setInputFiles([file('train.jsonl', examples), users]);
  await expect(page.getByTestId('train-data')).toHaveText(
    'Your files: 10 users with embeddings of 32 numbers. 32 examples are learned from; 8, of 2 users, are held out.',
  );

  await page.getByTestId('train-steps').fill('2');
  await page.getByTestId('train-start').click();
  await expect(page.getByTestId('train-start')).toBeDisabled();
  await expect(page.getByTestId('train-status')).toHaveText(/^Trained in this tab: 2 steps in [\d.]+ s/);
  const rows = await page.getByTestId('controls').locator('tbody tr').allInnerTexts();
  expect(rows.map((row) => row.split('\t')[0])).toEqual([
    'Their own',
    'Somebody else’s',
    'Constant soft token',
    'None',
  ]);
  for (const row of rows) expect(Number(row.split('\t')[1])).toBeGreaterThan(0.1);
  expect(await drawn(page.locator('#loss-chart canvas'))).toBe(true);

  // The sample is there again for who wants it, and what was trained stays.
  await page.getByTestId('train-sample').click();
  await expect(page.getByTestId('train-data')).toContainText('The sample: 120 users');
  await expect(page.getByTestId('train-sample')).toBeHidden();
  await page.getByTestId('trained-write').click();
  for (const side of ['own', 'other']) await expect(page.getByTestId(`trained-${side}`)).not.toBeEmpty();
  await expect(page.getByTestId('trained-write')).toBeEnabled();
  const saving = page.waitForEvent('download');
  await page.getByTestId('trained-save').click();
  const saved = info.outputPath('projector.safetensors');
  await (await saving).saveAs(saved);
  const { contract } = readProjector(new Uint8Array(readFileSync(saved)));
  expect(contract).toMatchObject({ space: { id: 'trained-in-this-tab', dim: 32 }, training: { users: 8 } });
  expect(errors).toEqual([]);
});

test('a training is stopped, and another begins', async ({ page }) => {
  test.skip(!process.env.CI, 'ten seconds more: runs where CI is set');
  await page.goto('/?device=wasm');
  await ready(page);
  await openSection(page, 'train');
  await page.getByTestId('train-start').click();
  await expect(page.getByTestId('train-status')).toHaveText(/^Step \d+ of 80/);
  await page.getByTestId('train-stop').click();
  await expect(page.getByTestId('train-status')).toHaveText('Stopped.');
  await expect(page.getByTestId('trained-write')).toBeDisabled();
  await page.getByTestId('train-start').click();
  await expect(page.getByTestId('train-status')).toHaveText(/^Step \d+ of 80/);
});

/** Whether there are more colours than one on it. */
const drawn = (canvas: Locator): Promise<boolean> =>
  canvas.evaluate((each) => {
    const { width, height } = each as HTMLCanvasElement;
    const pixels = (each as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height).data;
    return new Set(new Uint32Array(pixels.buffer)).size > 3;
  });
