/** The section "You": a point among the readers, what the visitor allows, what lies on the disk, and forgetting it. */
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import type { UserExport } from '../src/index.ts';
import { angleOf } from '../tools/world/judge.ts';
import { openSection, ready, watchErrors } from './site.ts';

test('topics move the point, consent lets the model write for it and remembers it, and forgetting ends all that', async ({
  page,
}, info) => {
  const errors = watchErrors(page);
  await page.goto('/?device=wasm&maxTokens=24');
  await ready(page);
  expect(await scriptsOf(page, 'you')).toBe(0);
  await openSection(page, 'you');
  expect(await scriptsOf(page, 'you')).toBe(1);
  await expect(page.getByTestId('kept')).toHaveText('Nothing.');

  // A fan of gossip is at the top of the map, alone.
  await page.getByTestId('topic-gossip').click();
  await expect(page.getByTestId('reader-own')).toBeChecked();
  const gossip = await place(page);
  expect(distance(gossip, await place(page, '4'))).toBeLessThan(0.4);
  await page.getByTestId('topic-local').click();
  await expect.poll(async () => distance(await place(page), gossip)).toBeGreaterThan(0.1);
  await page.getByTestId('topic-local').click();
  await expect.poll(async () => distance(await place(page), gossip)).toBe(0);

  // Nothing is stored, and nothing written, before it is allowed.
  await expect(page.getByTestId('write')).toBeDisabled();
  await expect(page.getByTestId('own-summary')).toContainText('Switch on “Write for me”');
  await expect(page.getByTestId('kept')).toHaveText('Nothing.');
  expect(await databases(page)).not.toContain('e2p-vault-site');
  await page.getByTestId('allow-personalise').check();
  await page.getByTestId('allow-learn-from-activity').check();
  await expect(page.getByTestId('disk-embedding')).toContainText('Your points1');
  await expect(page.getByTestId('disk-event')).toContainText('What you pressed1');
  await expect(page.getByTestId('kept-weights')).toHaveText(/weights of models, 0\.\d MB/);
  let own = 0;
  for (const story of ['0', '1', '2', '3']) {
    await page.getByTestId('story').selectOption(story);
    await page.getByTestId('write').click();
    await expect(page.getByTestId('stats-personal')).toHaveText(/1 of them soft/);
    await expect(page.getByTestId('write')).toBeEnabled();
    if (angleOf((await page.getByTestId('output-personal').textContent())!) === 'gossip') own++;
  }
  expect(own).toBeGreaterThanOrEqual(2);
  await page.getByTestId('audit').locator('summary').click();
  await expect(page.getByTestId('audit')).toContainText(/\d+ entries, none changed or taken out/);
  await expect(page.getByTestId('audit').getByRole('listitem').first()).toContainText(
    'site: embedding-read (personalise, for a text)',
  );

  await page.reload();
  await ready(page);
  await openSection(page, 'you');
  await expect(page.getByTestId('topic-gossip')).toHaveAttribute('aria-pressed', 'true');
  expect(distance(await place(page), gossip)).toBeLessThan(1e-6);
  await expect(page.getByTestId('write')).toBeEnabled();

  const saving = page.waitForEvent('download');
  await page.getByTestId('export').click();
  const copy = info.outputPath('copy.json');
  await (await saving).saveAs(copy);
  const { embeddings, events } = JSON.parse(readFileSync(copy, 'utf8')) as UserExport;
  expect(embeddings.map(({ values }) => values.length)).toEqual([32]);
  expect(events.map(({ item }) => item)).toEqual(['topic:gossip']);

  // What was kept under a consent goes with it.
  await page.getByTestId('allow-personalise').uncheck();
  await expect(page.getByTestId('disk-embedding')).toHaveCount(0);
  await expect(page.getByTestId('write')).toBeDisabled();
  await page.getByTestId('forget').click();
  await expect(page.getByTestId('kept')).toHaveText(/^Forgotten: .*Looked again: nothing is left\.$/);
  await expect(page.getByTestId('disk')).toBeHidden();
  await expect(page.getByTestId('topic-gossip')).toHaveAttribute('aria-pressed', 'false');
  await page.reload();
  await ready(page);
  await openSection(page, 'you');
  await expect(page.getByTestId('kept')).toHaveText('Nothing.');
  expect(errors).toEqual([]);
});

test('a consent that is taken back while a text is written ends that text', async ({ page }) => {
  test.skip(!process.env.CI, 'four seconds more: runs where CI is set');
  await page.goto('/?device=wasm&maxTokens=400');
  await ready(page);
  await openSection(page, 'you');
  await page.getByTestId('topic-sport').click();
  await page.getByTestId('allow-personalise').check();
  await expect(page.getByTestId('write')).toBeEnabled();
  await page.evaluate(() => {
    const output = document.querySelector('#output-personal')!;
    new MutationObserver((_, observer) => {
      if (output.textContent === '') return;
      observer.disconnect();
      document.querySelector<HTMLInputElement>('#allow-personalise')!.click();
    }).observe(output, { childList: true });
    document.querySelector<HTMLButtonElement>('#write')!.click();
  });
  await expect(page.getByTestId('stats-personal')).toHaveText('Stopped.');
  await expect(page.getByTestId('disk-embedding')).toHaveCount(0);
  await expect(page.getByTestId('write')).toBeDisabled();
  await expect(page.getByTestId('error')).toBeHidden();
});

test('of a switch that is pressed again and again the last press counts', async ({ page }) => {
  test.skip(!process.env.CI, 'four seconds more: runs where CI is set');
  await page.goto('/?device=wasm');
  await ready(page);
  await openSection(page, 'you');
  await page.getByTestId('topic-sport').click();
  await page.evaluate(() => {
    for (const id of [
      'personalise',
      'learn-from-activity',
      'personalise',
      'personalise',
      'learn-from-activity',
    ])
      document.querySelector<HTMLInputElement>(`#allow-${id}`)!.click();
  });
  await expect(page.getByTestId('disk-embedding')).toContainText('Your points1');
  await page.getByTestId('audit').locator('summary').click();
  await expect(page.getByTestId('audit').getByRole('listitem')).toContainText([
    /events-deleted/,
    /consent-withdrawn/,
  ]);
  await expect(page.getByTestId('allow-personalise')).toBeChecked();
  await expect(page.getByTestId('allow-learn-from-activity')).not.toBeChecked();
  await expect(page.getByTestId('write')).toBeEnabled();
  await expect(page.getByTestId('error')).toBeHidden();
});

test('who would rather use words is led to the box that takes them', async ({ page }) => {
  test.skip(!process.env.CI, 'four seconds more: runs where CI is set');
  await page.goto('/?device=wasm');
  await ready(page);
  await openSection(page, 'you');
  const link = page.getByTestId('own-words-link');
  test.skip(!(await link.isVisible()), 'needs public/projectors/smollm2-135m-instruct.safetensors');
  await link.click();
  await expect(page).toHaveURL(/real-llm\.html\?device=wasm#own-lines$/);
  await expect(page.getByTestId('person-own')).toBeChecked();
  await expect(page.getByTestId('own-lines')).toBeVisible();
});

/** Of a point, as shares of the map's width and height. */
const place = (page: Page, reader = 'own'): Promise<readonly [number, number]> =>
  page.evaluate((value) => {
    const point = document
      .querySelector(`input[name="reader"][value="${value}"]`)!
      .closest<HTMLElement>('.point')!;
    return [
      Number(point.style.getPropertyValue('--x')),
      Number(point.style.getPropertyValue('--y')),
    ] as const;
  }, reader);

const distance = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]): number =>
  Math.hypot(a - c, b - d);

const databases = (page: Page): Promise<(string | undefined)[]> =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));

/** How many scripts of a section the page has asked for. */
const scriptsOf = (page: Page, section: string): Promise<number> =>
  page.evaluate(
    (name) =>
      performance
        .getEntriesByType('resource')
        .filter(({ name: url }) => url.includes(`/assets/${name}-`) && url.endsWith('.js')).length,
    section,
  );
