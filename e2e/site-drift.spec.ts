/** The section on drift: clicks move an embedding step by step, and the engine tells its level and lowers λ until nobody is written for. */
import { expect, type Page, test } from '@playwright/test';
import { openSection, ready, watchErrors } from './site.ts';

test('clicks move the embedding; its level, λ and the text follow, until it is nobody’s; and back again', async ({
  page,
}) => {
  const errors = watchErrors(page);
  await page.goto('/?device=wasm&maxTokens=24');
  await ready(page);
  await openSection(page, 'drift');
  const plane = page.getByTestId('drift-plane');
  await expect(plane.locator('circle')).toHaveCount(1);
  await expect(plane.locator('ellipse')).toHaveCount(2);
  await expect(page.getByTestId('drift-strength')).toHaveText('–');

  // By keyboard, as by mouse.
  await page.getByTestId('drift-topic-gossip').focus();
  await page.keyboard.press('Enter');
  const first = await shown(page);
  expect(first).toMatchObject({ level: 'fine', strength: 1, change: 'gradual', reason: '' });
  await expect(plane.locator('circle')).toHaveCount(2);
  const far = async () =>
    Number(await page.getByTestId('drift-far').evaluate((dot) => dot.style.getPropertyValue('--far')));
  expect(await far()).toBeLessThan(1 / 3);
  const told: Shown[] = [first];
  const ways = new Set([await plane.locator('.trail').getAttribute('d')]);
  while (told.at(-1)!.level !== 'alien' && told.length < 12) {
    await page.getByTestId('drift-topic-gossip').click();
    told.push(await shown(page));
    ways.add(await plane.locator('.trail').getAttribute('d'));
  }
  expect(ways.size).toBe(told.length);
  await expect(plane.locator('circle')).toHaveCount(told.length + 1);
  const strengths = told.map(({ strength }) => strength);
  expect(strengths).toEqual(strengths.toSorted((a, b) => b - a));
  expect(told.map(({ level }) => level)).toContain('unusual');
  expect(strengths.some((each) => each > 0 && each < 1)).toBe(true);
  expect(await far()).toBeGreaterThan(2 / 3);
  const last = told.at(-1)!;
  expect(last).toMatchObject({ level: 'alien', strength: 0, pValue: '< 0.001' });
  expect(last.reason).toMatch(/^Why: of the people .* less than 1 in 1000000/);
  await expect(page.getByTestId('drift-for')).toContainText('Not personalised: the embedding is alien.');
  await expect(page.getByTestId('drift-personal')).toHaveText(
    (await page.getByTestId('drift-plain').textContent())!,
  );
  expect(first.text).not.toBe(last.text);
  await expect(page.getByRole('img', { name: /Version \d+ of Ada’s embedding.*alien/ })).toBeVisible();

  await page.getByTestId('drift-again').click();
  expect(await shown(page)).toMatchObject({ level: 'fine', strength: 1, change: 'first' });
  await expect(plane.locator('circle')).toHaveCount(1);
  await page.getByTestId('drift-noise').focus();
  await page.keyboard.press('End');
  expect(await shown(page)).toMatchObject({ level: 'alien', strength: 0 });
  expect(errors).toEqual([]);
});

interface Shown {
  readonly level: string;
  readonly strength: number;
  readonly change: string;
  readonly reason: string;
  readonly pValue: string;
  readonly text: string;
}

/** Once what the engine says is that of the latest version. */
async function shown(page: Page): Promise<Shown> {
  await expect(page.getByTestId('drift-verdict')).toHaveAttribute('data-state', 'shown', { timeout: 60_000 });
  const [level, pValue, strength, change, reason, text] = await Promise.all(
    ['level', 'p', 'strength', 'change', 'reason', 'personal'].map((what) =>
      page.getByTestId(`drift-${what}`).textContent(),
    ),
  );
  return {
    ...{ level: level!.split(':')[0]!, pValue: pValue!, strength: Number.parseFloat(strength!) },
    ...{ change: change!, reason: reason!, text: text! },
  };
}
