/** The demo page, for the tests of its sections: the model is there, a section is opened by going to it. */
import { expect, type Page } from '@playwright/test';

/** As they follow each other. */
export const SECTIONS = ['you', 'drift', 'inside', 'train', 'model'] as const;

/** The model runs, and nothing went wrong. */
export async function ready(page: Page): Promise<void> {
  await expect(page.getByTestId('status')).toContainText(/^(Ready|Not ready)/, { timeout: 120_000 });
  await expect(page.getByTestId('error')).toBeHidden();
}

export async function openSection(page: Page, name: (typeof SECTIONS)[number]): Promise<void> {
  const section = page.getByTestId(`section-${name}`);
  await section.scrollIntoViewIfNeeded();
  await expect(section).toHaveAttribute('data-state', 'open');
}

/** Below 0.1 is what the Web Vitals call good. */
export const MOST_SHIFT = 0.02;

/** From the start of the page on. */
export async function recordShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: number[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

export const totalShift = (page: Page): Promise<number> =>
  page.evaluate(() =>
    (globalThis as unknown as { shifts: number[] }).shifts.reduce((sum, each) => sum + each, 0),
  );

/** Whatever the page complains of from now on. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}
