/** The whole page: sections are fetched as somebody comes to them, nothing in sight moves, Tab misses none, and it looks as it did. */
import { existsSync } from 'node:fs';
import { expect, type Page, type Route, test } from '@playwright/test';
import { chromiumPath } from './chromium.ts';
import { layoutShift, MOST_SHIFT, ready, recordShifts, SECTIONS } from './site.ts';

for (const [name, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 360, height: 740 }],
] as const) {
  test(`on a ${name} scrolling opens every section, and nothing in sight moves`, async ({ page }) => {
    test.skip(name === 'desktop' && !process.env.CI, 'ten seconds more: runs where CI is set');
    await page.setViewportSize(viewport);
    await recordShifts(page);
    // Sections that open more slowly than somebody scrolls: not before the heading below is in sight. Nor in the frame of a turn of the
    // wheel, whose way Chromium adds to the page's own, and calls a shift what nobody sees move.
    const held: Route[] = [];
    let isHeld = false;
    await page.context().route(
      (url) => url.searchParams.has('page') || url.pathname.endsWith('.js'),
      (route) => (isHeld ? void held.push(route) : route.continue()),
    );
    const letThrough = async () => {
      isHeld = false;
      for (const route of held.splice(0)) await route.continue();
      await expect(page.locator('[data-state="opening"]')).toHaveCount(0);
    };
    await page.goto('/?device=wasm');
    await ready(page);
    isHeld = true;
    expect(await opened(page)).toEqual([]);
    await page.mouse.move(100, 400);
    let passed = 0;
    for (let turns = 0, isEnd = false; !isEnd; turns++) {
      expect(turns, 'turns of the wheel').toBeLessThan(100);
      await page.mouse.wheel(0, viewport.height / 2);
      await page.waitForTimeout(150);
      const isPassed = await page.evaluate(() =>
        [...document.querySelectorAll('[data-state="opening"]')].some(
          (section) => section.nextElementSibling!.getBoundingClientRect().top < 0.9 * innerHeight,
        ),
      );
      if (isPassed) {
        passed++;
        await letThrough();
        isHeld = true;
      }
      isEnd = await page.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1);
    }
    expect(passed).toBeGreaterThan(1);
    await letThrough();
    await expect.poll(() => opened(page)).toEqual([...SECTIONS]);
    const { total, all } = await layoutShift(page);
    test.info().annotations.push({ type: 'layout shift', description: String(total) });
    expect(total, JSON.stringify(all.slice(0, 3))).toBeLessThan(MOST_SHIFT);
  });
}

test('Tab goes through every section, each opened before it is reached', async ({ page }) => {
  test.skip(!process.env.CI, 'six seconds more: runs where CI is set');
  await page.goto('/?device=wasm');
  await ready(page);
  const reached = new Set<string>();
  const firsts: Record<string, string> = {};
  for (let tabs = 0; tabs < 140 && !reached.has('device'); tabs++) {
    await page.keyboard.press('Tab');
    const [section, first] = await page.evaluate(() => {
      const focused = document.activeElement;
      const part = focused?.closest<HTMLElement>('[data-section], .device');
      return [
        part?.dataset.section ?? part?.className,
        focused?.id || focused?.getAttribute('data-testid'),
      ] as const;
    });
    if (section === undefined) {
      await expect(page.getByTestId('section-you')).toHaveAttribute('data-state', 'open');
      continue;
    }
    if (!reached.has(section)) firsts[section] = String(first);
    reached.add(section);
    // The next one is on its way.
    const next = SECTIONS[SECTIONS.indexOf(section as (typeof SECTIONS)[number]) + 1];
    if (next && section !== 'device')
      await expect(page.getByTestId(`section-${next}`)).toHaveAttribute('data-state', 'open');
  }
  expect([...reached]).toEqual([...SECTIONS, 'device']);
  expect(firsts).toMatchObject({
    you: 'topic-money',
    drift: 'drift-allow',
    inside: 'inside-reader',
    train: 'train-files',
  });
});

const opened = (page: Page): Promise<(string | undefined)[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-state="open"]')].map(({ dataset }) => dataset.section),
  );

/** Fonts differ from system to system, so pictures are compared where they were taken: Debian's Chromium, in CI. */
const isWhereTaken =
  Boolean(process.env.CI) && chromiumPath() === '/usr/bin/chromium' && existsSync('/etc/debian_version');

for (const [name, viewport] of [
  ['desktop', { width: 1280, height: 800 }],
  ['phone', { width: 360, height: 740 }],
] as const) {
  test(`the first screen looks as it did on a ${name}, in light and in dark colours`, async ({ page }) => {
    test.skip(!isWhereTaken, "runs where CI is set, with Debian's Chromium and fonts");
    await page.setViewportSize(viewport);
    await page.goto('/?device=wasm');
    await expect(page.getByTestId('headlines-status')).toHaveText(/^Written/);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expect(page).toHaveScreenshot(`first-${name}-${colorScheme}.png`, {
        // It tells how long writing took.
        mask: [page.getByTestId('headlines-status')],
        maxDiffPixels: 100,
      });
    }
  });
}
