/** The demo page, for the tests of its sections: the model is there, a section is opened by going to it. */
import { expect, type Page } from '@playwright/test';

/** As they follow each other. */
export const SECTIONS = ['you', 'inside', 'train', 'model'] as const;

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

/** Whatever the page complains of from now on. */
export function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  return errors;
}
