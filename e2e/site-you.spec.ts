/** The section "You": nothing is made of a press before it is allowed; then vault, embedding and engine have it, and forgetting ends all that. */
import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';
import type { UserExport } from '../src/index.ts';
import { angleOf } from '../tools/world/judge.ts';
import { openSection, ready, watchErrors } from './site.ts';

test('what is pressed goes through the vault into the engine once it is allowed, and forgetting ends all that', async ({
  page,
}, info) => {
  const errors = watchErrors(page);
  await page.goto('/?device=wasm&maxTokens=24');
  await ready(page);
  expect(await scriptsOf(page, 'you')).toBe(0);
  await openSection(page, 'you');
  expect(await scriptsOf(page, 'you')).toBe(1);
  const workers = workersOf(page);
  /** Nothing is stored, made or told to an engine. */
  const isNothing = async () => {
    await expect(page.getByTestId('kept')).toHaveText(/^(Nothing\.|Forgotten: .*)$/);
    await expect(page.getByTestId('disk')).toBeHidden();
    await expect(page.getByTestId('map').locator('.own-point')).toHaveClass(/unknown/);
    await expect.poll(() => workersOf(page)).toBe(workers);
  };
  await isNothing();

  // Before it is allowed a button looks pressed, and that is all.
  await page.getByTestId('topic-gossip').click();
  await expect(page.getByTestId('topic-gossip')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('reader-own')).toBeChecked();
  await expect(page.getByTestId('own-summary')).toHaveText(/^1 pressed, and nothing is made of it before/);
  await expectNoPoint(page);
  await isNothing();
  expect(await databases(page)).not.toContain('e2p-vault-site');
  // Consent to one of them is none to the other.
  await page.getByTestId('allow-personalise').check();
  await expect(page.getByTestId('disk-ledger')).toBeVisible();
  await expect(page.getByTestId('disk-event')).toHaveCount(0);
  await expectNoPoint(page);

  // Where the reader of gossip is.
  await page.getByTestId('allow-learn-from-activity').check();
  await expect(recordsOf(page, 'event')).toHaveText('228');
  await expect(recordsOf(page, 'embedding')).toHaveText('1');
  await expect(page.getByTestId('own-summary')).toHaveText(
    /^1 pressed\. The engine finds it \w+, .* λ = [\d.]+\.$/,
  );
  expect(workersOf(page)).toBeGreaterThan(workers);
  const gossip = await place(page);
  expect(distance(gossip, await place(page, '4'))).toBeLessThan(0.01);
  await page.getByTestId('topic-local').click();
  await expect.poll(async () => distance(await place(page), gossip)).toBeGreaterThan(0.1);
  await expect(recordsOf(page, 'event')).toHaveText(String(228 + 238));
  await page.getByTestId('topic-local').click();
  await expect.poll(async () => distance(await place(page), gossip)).toBe(0);
  await expect(recordsOf(page, 'event')).toHaveText('228');
  await expect(recordsOf(page, 'embedding')).toHaveText('3');
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
  await expect(
    page.getByTestId('audit').getByText('e2p-web: used (personalise, for a text)').first(),
  ).toBeVisible();

  // Opened again it is the same version.
  await page.reload();
  await ready(page);
  await openSection(page, 'you');
  await expect(page.getByTestId('topic-gossip')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('write')).toBeEnabled();
  expect(distance(await place(page), gossip)).toBeLessThan(1e-6);
  await expect(recordsOf(page, 'embedding')).toHaveText('3');

  const saving = page.waitForEvent('download');
  await page.getByTestId('export').click();
  const copy = info.outputPath('copy.json');
  await (await saving).saveAs(copy);
  const { embeddings, events } = JSON.parse(readFileSync(copy, 'utf8')) as UserExport;
  expect(embeddings.map(({ values }) => values.length)).toEqual([32, 32, 32]);
  expect(embeddings.at(-1)!.values).toEqual(embeddings[0]!.values);
  expect(embeddings[1]!.values).not.toEqual(embeddings[0]!.values);
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['topic:gossip']));

  // What was kept under a consent goes with it, and what was made of that.
  await page.getByTestId('allow-personalise').uncheck();
  await expect(page.getByTestId('disk-embedding')).toHaveCount(0);
  await expect(recordsOf(page, 'event')).toHaveText('228');
  await expectNoPoint(page);
  await page.getByTestId('allow-personalise').check();
  await expect(recordsOf(page, 'embedding')).toHaveText('1');
  await expect.poll(async () => distance(await place(page), gossip)).toBeLessThan(1e-6);
  await page.getByTestId('allow-learn-from-activity').uncheck();
  await expect(page.getByTestId('disk-event')).toHaveCount(0);
  await expect(page.getByTestId('disk-embedding')).toHaveCount(0);
  await expectNoPoint(page);
  await page.getByTestId('allow-learn-from-activity').check();
  await expect(page.getByTestId('write')).toBeEnabled();

  await page.getByTestId('forget').click();
  await expect(page.getByTestId('kept')).toHaveText(
    /^Forgotten: .*228 event.*1 embedding in the engine.*Looked again: nothing is left\.$/,
  );
  await expect(page.getByTestId('topic-gossip')).toHaveAttribute('aria-pressed', 'false');
  await expectNoPoint(page);
  await isNothing();
  // What is written then is for a reader of the page, or for nobody.
  await page.getByTestId('reader-0').check();
  await page.getByTestId('write').click();
  await expect(page.getByTestId('stats-personal')).toHaveText(/1 of them soft/);
  await page.reload();
  await ready(page);
  await openSection(page, 'you');
  await isNothing();
  expect(errors).toEqual([]);
});

test('a consent that is taken back while a text is written ends that text', async ({ page }) => {
  test.skip(!process.env.CI, 'four seconds more: runs where CI is set');
  await page.goto('/?device=wasm&maxTokens=400');
  await ready(page);
  await openSection(page, 'you');
  await page.getByTestId('topic-sport').click();
  for (const purpose of ['learn-from-activity', 'personalise'])
    await page.getByTestId(`allow-${purpose}`).check();
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
  await page.getByTestId('audit').locator('summary').click();
  await expect(page.getByTestId('audit').getByText('site: consent-withdrawn')).toHaveCount(2);
  await expect(page.getByTestId('audit').getByText('site: consent-granted')).toHaveCount(3);
  await expect(page.getByTestId('allow-personalise')).toBeChecked();
  await expect(page.getByTestId('allow-learn-from-activity')).not.toBeChecked();
  await expect(page.getByTestId('disk-event')).toHaveCount(0);
  await expectNoPoint(page);
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

/** How many of a kind lie on the disk. */
const recordsOf = (page: Page, kind: string) => page.getByTestId(`disk-${kind}`).getByRole('cell').first();

/** Loaders and engines; not what compiles WebAssembly ahead, which comes and goes. */
const workersOf = (page: Page): number =>
  page.workers().filter((worker) => !worker.url().endsWith('#wasm')).length;

/** Nobody knows where the visitor would be, and nothing is written for them. */
async function expectNoPoint(page: Page): Promise<void> {
  await expect(page.getByTestId('map').locator('.own-point')).toHaveClass(/unknown/);
  await expect(page.getByTestId('vector').locator('rect')).toHaveCount(0);
  await expect(page.getByTestId('write')).toBeDisabled();
}

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
