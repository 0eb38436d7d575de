/** What the demo's progress label says, in order. */
import type { Page } from '@playwright/test';

/** Everything the progress label said, from the first moment on. */
export async function recordLabels(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const labels: string[] = [];
    Object.assign(globalThis, { labels });
    new MutationObserver(() => {
      const text = document.querySelector('#progress-label')?.textContent;
      if (text && text !== labels.at(-1)) labels.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

/** Every text of the progress label since the page was opened. */
export const labelsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { labels: string[] }).labels);
