/**
 * The first screen of the demo page: eight headlines that write themselves. What a visitor sees without a click, what each choice changes,
 * and how the page bears itself meanwhile: nothing moves, nobody waits for the weights, and assistive technology finds its way.
 */
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import type { DemoReader, DemoWorld } from '../tools/default/demo-data.ts';
import { angleOf } from '../tools/world/judge.ts';
import { layoutShift, MOST_SHIFT, openSection, recordShifts, SECTIONS } from './site.ts';

const AXE = fileURLToPath(new URL('../node_modules/axe-core/axe.min.js', import.meta.url));
const READERS = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const MOST_MS_TO_CONTROLS = 2000;

test('eight readers get eight headlines without a click, each about what that reader likes', async ({
  page,
  request,
  baseURL,
}) => {
  const { readers } = (await (await request.get('/world/demo.json')).json()) as DemoWorld;
  const elsewhere: string[] = [];
  page.on('request', (asked) => {
    const { origin, protocol } = new URL(asked.url());
    if (origin !== baseURL && protocol.startsWith('http')) elsewhere.push(asked.url());
  });
  await clock(page);
  await page.goto('/?device=wasm');
  await written(page);
  const texts = await headlines(page);
  expect(new Set(texts).size).toBe(READERS.length);
  expect(followed(texts, readers)).toBeGreaterThanOrEqual(6);
  for (const [i, { name, about }] of readers.entries()) {
    await expect(page.getByTestId('headlines').getByRole('listitem').nth(i)).toContainText(
      `${name} ${about}`,
    );
  }
  expect(elsewhere).toEqual([]);
  note('first headline, ms', (await times(page)).headline);
});

test.describe('on one page, on which each begins with what it shows first', () => {
  let page: Page;
  test.beforeAll(async ({ browser, baseURL }) => {
    page = await browser.newPage({ ...(baseURL !== undefined && { baseURL }) });
    await page.goto('/?device=wasm');
    await written(page);
  });
  test.beforeEach(async () => {
    await page.getByTestId('headline-strength-1').check({ force: true });
    await page.getByTestId('headline-reader-0').check({ force: true });
    await page.getByTestId('headline-story').selectOption('0');
    await written(page);
  });
  test.afterAll(() => page.close());

  test('a strength, a reader and a story are each written anew at once', async () => {
    const [own] = [await headlines(page)];
    await expect(page.getByTestId('closer-1')).toHaveText(own[0]!);

    await page.getByTestId('headline-strength-0').check({ force: true });
    await written(page);
    const [average, ...same] = await headlines(page);
    expect(new Set(same)).toEqual(new Set([average]));
    expect(own).not.toContain(average);

    // What was chosen for the board is not what is looked at closer.
    await page.getByTestId('headline-reader-3').check({ force: true });
    await expect(page.locator('#closer-title')).toContainText('Dalia');
    await expect(page.getByTestId('closer-0')).toHaveText(average!);
    await expect(page.getByTestId('closer-1')).toHaveText(own[3]!);

    await page.getByTestId('headline-strength-0.5').check({ force: true });
    await written(page);
    expect((await headlines(page))[3]).toBe(await page.getByTestId('closer-0.5').textContent());

    await page.getByTestId('headline-story').selectOption('1');
    await written(page);
    for (const text of await headlines(page)) expect(text).toContain('canal boat');
    await expect(page.getByTestId('closer-1')).toContainText('canal boat');
  });

  test('the arrow keys choose a strength and a reader, and the reader in focus has a frame', async () => {
    await page.getByTestId('headline-story').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowLeft');
    await expect(page.getByTestId('headline-strength-0.5')).toBeChecked();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await expect(page.getByTestId('headline-reader-1')).toBeChecked();
    await expect(page.locator('#closer-title')).toContainText('Bruno');
    const card = page.getByTestId('headlines').getByRole('listitem').nth(1);
    await expect(card).toHaveCSS('outline-style', 'solid');
    await written(page);
    expect(await page.getByTestId('closer-0.5').textContent()).toBe((await headlines(page))[1]);
  });

  test('a change aborts what is being written, and nothing of it stays', async () => {
    await page.evaluate(() => {
      const select = document.querySelector<HTMLSelectElement>('#headline-story')!;
      const choose = (story: string): void => {
        select.value = story;
        select.dispatchEvent(new Event('change', { bubbles: true }));
      };
      choose('1');
      new MutationObserver((_, observer) => {
        if (document.querySelector('[data-testid="headline-2"]')!.textContent === '') return;
        observer.disconnect();
        choose('2');
      }).observe(document.querySelector('#headlines')!, { subtree: true, childList: true });
    });
    await expect(page.getByTestId('headline-7')).toContainText('space mop');
    await written(page);
    for (const text of await headlines(page)) expect(text).toContain('space mop');
    await expect(page.getByTestId('error')).toBeHidden();
  });

  test('a text under "You" goes before the headlines, which go on after it as if alone', async () => {
    const alone = await headlines(page);
    await openSection(page, 'you');
    await page.evaluate(() => {
      const strengths = document.querySelectorAll<HTMLInputElement>('#headline-strength input');
      strengths[0]!.click();
      strengths[2]!.click();
      new MutationObserver((_, observer) => {
        if (document.querySelector('[data-testid="headline-2"]')!.textContent === '') return;
        observer.disconnect();
        document.querySelector<HTMLButtonElement>('#write')!.click();
      }).observe(document.querySelector('#headlines')!, { subtree: true, childList: true });
    });
    await expect(page.getByTestId('stats-personal')).toHaveText(/\d tokens/);
    await expect(page.getByTestId('output-personal')).toHaveText(alone[0]!);
    await expect(page.getByTestId('headline-7')).toHaveText(alone[7]!);
    await written(page);
    expect(await headlines(page)).toEqual(alone);
  });
});

test('the choices work before the weights are there, and count when they are', async ({ page }) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.context().route('**/models/**', async (route) => {
    await released;
    await route.continue();
  });
  await clock(page);
  await page.goto('/?device=wasm');
  await expect(page.getByTestId('headline-story')).toBeEnabled();
  await page.getByTestId('headline-story').selectOption('2');
  await page.getByTestId('headline-strength-0').check({ force: true });
  await page.getByTestId('headline-reader-4').check({ force: true });
  await expect(page.locator('#closer-title')).toContainText('Elif');
  await expect(page.getByTestId('headline-0')).toBeEmpty();
  const { controls } = await times(page);
  note('controls, ms', controls);
  expect(controls).toBeLessThan(MOST_MS_TO_CONTROLS);
  release();
  await written(page);
  const [first, ...others] = await headlines(page);
  expect(first).toContain('space mop');
  expect(new Set(others)).toEqual(new Set([first]));
});

for (const [name, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 360, height: 740 }],
] as const) {
  test(`on a ${name} the first screen shows what is written, and nothing moves when it comes`, async ({
    page,
  }, info) => {
    await page.setViewportSize(viewport);
    await recordShifts(page);
    await page.goto('/?device=wasm');
    await written(page);
    // No choice has been made, so no shift is excused by one.
    await page.waitForTimeout(500);
    const { total, all } = await layoutShift(page);
    note('layout shift', total);
    await page.screenshot({ path: info.outputPath(`first-screen-${name}.png`) });
    expect(total, JSON.stringify(all.slice(0, 3))).toBeLessThan(MOST_SHIFT);
    for (const reader of name === 'phone' ? READERS.slice(0, 3) : READERS) {
      await expect(page.getByTestId(`headline-${reader}`)).toBeInViewport({ ratio: 1 });
    }
  });
}

test.describe(() => {
  // The page's own policy allows no script but its own.
  test.use({ bypassCSP: true });

  test('axe finds nothing to object to, in light and in dark colours', async ({ page }) => {
    await page.goto('/?device=wasm');
    await written(page);
    await openSection(page, 'you');
    await page.getByTestId('topic-nature').click();
    for (const purpose of ['learn-from-activity', 'personalise'])
      await page.getByTestId(`allow-${purpose}`).check();
    await page.getByTestId('disk-embedding').waitFor();
    for (const section of SECTIONS) await openSection(page, section);
    for (const summary of await page.locator('summary').all()) await summary.click();
    await page.addScriptTag({ path: AXE });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const { violations, passes } = await page.evaluate(() =>
        (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      );
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        colorScheme,
      ).toEqual([]);
      expect(passes.length).toBeGreaterThan(20);
    }
  });
});

for (const reducedMotion of ['reduce', 'no-preference'] as const) {
  test(`motion where the system says ${reducedMotion}`, async ({ page }) => {
    await page.emulateMedia({ reducedMotion });
    await page.addInitScript(() => {
      const seen: number[] = [];
      Object.assign(globalThis, { seen });
      new MutationObserver(() => {
        if (document.querySelector('.being-written')) seen.push(document.getAnimations().length);
      }).observe(document, { subtree: true, childList: true });
    });
    await page.goto('/?device=wasm');
    await written(page);
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
    expect(seen.length).toBeGreaterThan(8);
    expect(Math.max(...seen)).toBe(reducedMotion === 'reduce' ? 0 : 1);
  });
}

async function written(page: Page): Promise<void> {
  await expect(page.getByTestId('headlines-status')).toHaveText(/^Written in this tab in [\d.]+ s\.$/, {
    timeout: 120_000,
  });
}

const headlines = (page: Page): Promise<string[]> =>
  Promise.all(
    READERS.map(async (reader) => (await page.getByTestId(`headline-${reader}`).textContent()) ?? ''),
  );

const followed = (texts: readonly string[], readers: readonly DemoReader[]): number =>
  texts.filter((text, i) => angleOf(text) === readers[i]!.angle).length;

/** When, in ms from the start of the navigation, the choices could be used and the first headline had text. */
async function clock(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const times: { controls?: number; headline?: number } = {};
    Object.assign(globalThis, { times });
    new MutationObserver(() => {
      const select = document.querySelector<HTMLSelectElement>('#headline-story');
      if (select?.disabled === false) times.controls ??= performance.now();
      if (document.querySelector('.headline:not(:empty)')) times.headline ??= performance.now();
    }).observe(document, { subtree: true, childList: true, attributes: true });
  });
}

const times = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { times: { controls: number; headline: number } }).times);

function note(type: string, value: number): void {
  test.info().annotations.push({ type, description: String(value) });
}
