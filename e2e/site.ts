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

/** Of https://wicg.github.io/layout-instability, which TypeScript does not know. */
interface LayoutShift {
  readonly value: number;
  readonly sources: readonly {
    readonly node: Node | null;
    readonly previousRect: DOMRectReadOnly;
    readonly currentRect: DOMRectReadOnly;
  }[];
}

interface Shift {
  readonly value: number;
  readonly moved: readonly string[];
}

/** From the start of the page on. */
export async function recordShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: Shift[] = [];
    Object.assign(globalThis, { shifts });
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries() as unknown as LayoutShift[]) {
        const moved = sources.map(({ node, previousRect, currentRect }) => {
          const { id, className, nodeName } = (node ?? {}) as Partial<Element>;
          return `${nodeName} ${id || className} ${previousRect.y} → ${currentRect.y}`;
        });
        shifts.push({ value, moved });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** How far all has moved in sight, and what, the farthest first. */
export const layoutShift = (
  page: Page,
): Promise<{ readonly total: number; readonly all: readonly Shift[] }> =>
  page.evaluate(() => {
    const { shifts } = globalThis as unknown as { shifts: Shift[] };
    const all = shifts.toSorted((a, b) => b.value - a.value);
    return { total: all.reduce((sum, { value }) => sum + value, 0), all };
  });

/** Whatever the page complains of from now on. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}
