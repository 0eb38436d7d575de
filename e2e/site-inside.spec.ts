/** The section "Look inside": the words a soft token is near, and what it costs against the reader as text, measured in the tab. */
import { expect, test } from '@playwright/test';
import { openSection, ready, watchErrors } from './site.ts';

test('shows nearest words by reader, and measures one soft token against the same reader as text', async ({
  page,
}) => {
  const errors = watchErrors(page);
  await page.goto('/?device=wasm&maxTokens=16');
  await ready(page);
  await openSection(page, 'inside');
  const near = page.getByTestId('near').getByRole('listitem');
  await expect(near).toHaveCount(6);
  await expect(near.first()).toHaveText(/^business0\.\d\d$/);
  await page.getByTestId('inside-reader').selectOption('6');
  await expect(near.first()).toHaveText(/^nature0\.\d\d$/);
  // Nobody in particular can not be told in words.
  await page.getByTestId('inside-reader').selectOption('-1');
  await expect(page.getByTestId('measure')).toBeDisabled();

  await page.getByTestId('inside-reader').selectOption('6');
  await page.getByTestId('measure').click();
  await expect(page.getByTestId('inside-status')).toHaveText(/^Measured in this tab on wasm/);
  const rows = await page.getByTestId('costs').locator('tbody tr').all();
  const cells = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
  const [none, soft, text] = cells.map(([tokens]) => Number(tokens));
  expect(soft).toBe(none! + 1);
  expect(text).toBeGreaterThan(soft! + 10);
  for (const [, first] of cells) expect(Number(first)).toBeGreaterThan(0);
  expect(errors).toEqual([]);
});
