/**
 * The section on drift: what the visitor clicks goes through the vault into the engine, moves their embedding version by version, and the engine
 * tells its level, lowers λ, and writes for nobody where it is unlike everybody.
 */
import { expect, type Page, test } from '@playwright/test';
import { openSection, ready, watchErrors } from './site.ts';

test('clicks that are kept move the embedding; its level, λ and the text follow; forgetting leaves nothing of it', async ({
  page,
}) => {
  const errors = watchErrors(page);
  await page.goto('/?device=wasm&maxTokens=24');
  await ready(page);
  await openSection(page, 'drift');
  const height = async () => (await page.getByTestId('section-drift').boundingBox())!.height;
  const before = await height();
  const plane = page.getByTestId('drift-plane');
  await expect(plane.locator('ellipse')).toHaveCount(2);
  await expect(plane.locator('circle')).toHaveCount(0);
  await expect(page.getByTestId('drift-topic-gossip')).toBeDisabled();
  expect(await databases(page)).not.toContain('e2p-vault-site');
  await page.getByTestId('drift-allow').check();
  await expect(page.getByTestId('drift-topic-gossip')).toBeEnabled();

  // By keyboard, as by mouse. Fifteen clicks are fewer than anybody of training had.
  await page.getByTestId('drift-topic-gossip').focus();
  await page.keyboard.press('Enter');
  const first = await shown(page);
  expect(first).toMatchObject({ level: 'alien', strength: 0, pValue: '< 0.001', change: 'first' });
  expect(first.reason).toMatch(/^Why: of the people .* less than 1 in 1000000/);
  expect(first.text).toBe(first.plain);
  await expect(page.getByTestId('drift-for')).toContainText('Not personalised: the embedding is alien.');
  // As many more as make a reader of gossip; the engine's λ grows with them.
  const told = [first];
  while (told.at(-1)!.level !== 'fine' && told.length < 8)
    told.push(await press(page, 'gossip', told.length));
  const fine = told.at(-1)!;
  expect(fine).toMatchObject({ level: 'fine', strength: 1, change: 'gradual' });
  expect(fine.text).not.toBe(fine.plain);
  expect(fine.far).toBeLessThan(1 / 3);
  expect(first.speed).toBe('–');
  // From the first press on, all within a day.
  for (const { speed } of told.slice(1)) expect(speed).toMatch(/^(0|0\.[125]|0\.0[125]|1|2 or more) a day$/);
  const strengths = told.map(({ strength }) => strength);
  expect(strengths).toEqual(strengths.toSorted((a, b) => a - b));
  expect(strengths.some((each) => each > 0 && each < 1)).toBe(true);
  expect(told.map(({ level }) => level)).toContain('unusual');
  // Then what no reader does.
  while (told.at(-1)!.level !== 'alien' && told.length < 14)
    told.push(await press(page, 'random', told.length));
  const last = told.at(-1)!;
  expect(last).toMatchObject({ level: 'alien', strength: 0, text: last.plain });
  expect(last.far).toBeGreaterThan(2 / 3);
  expect(new Set(told.map(({ trail }) => trail)).size).toBe(told.length);
  await expect(
    page.getByRole('img', { name: `Version ${told.length} of your embedding: alien, not personalised.` }),
  ).toBeVisible();
  expect(await height()).toBe(before);

  // All of it is in the vault of the section above, under its consents.
  await openSection(page, 'you');
  for (const purpose of ['personalise', 'learn-from-activity'])
    await expect(page.getByTestId(`allow-${purpose}`)).toBeChecked();
  await expect(page.getByTestId('disk-event')).toContainText(`Your clicks${15 * told.length}`);
  await expect(page.getByTestId('disk-embedding')).toContainText(`Your points${told.length}`);
  // Withdrawn there: nothing is written for it here.
  await page.getByTestId('allow-personalise').uncheck();
  await expect(page.getByTestId('drift-allow')).not.toBeChecked();
  await expect(plane.locator('circle')).toHaveCount(0);
  await expect(page.getByTestId('disk-embedding')).toHaveCount(0);
  // The clicks are kept, and say the same again.
  await page.getByTestId('drift-allow').check();
  expect(await shown(page)).toMatchObject({ level: 'alien', text: last.text });
  await page.getByTestId('drift-forget').click();
  await expect(page.getByTestId('drift-told')).toHaveText(
    /^Forgotten: .*event.*1 embedding in the engine.*Looked again: nothing is left\.$/,
  );
  await expect(page.getByTestId('kept')).toHaveText('Nothing.');
  await expect(plane.locator('circle')).toHaveCount(0);
  await expect(page.getByTestId('drift-personal')).toHaveText('');
  await expect(page.getByTestId('drift-allow')).not.toBeChecked();
  await expect(page.getByTestId('disk')).toBeHidden();
  // A new vault, and a new engine.
  await page.getByTestId('drift-allow').check();
  await page.getByTestId('drift-topic-gossip').click();
  expect(await shown(page)).toMatchObject({ ...first, trail: first.trail });
  expect(errors).toEqual([]);
});

const databases = (page: Page): Promise<(string | undefined)[]> =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));

/** @param versions that there are before */
async function press(page: Page, topic: string, versions: number) {
  await page.getByTestId(`drift-topic-${topic}`).click();
  await expect(page.getByTestId('drift-plane').locator('circle')).toHaveCount(versions + 1);
  return shown(page);
}

/** Once what the engine says is that of the latest version. */
async function shown(page: Page) {
  await expect(page.getByTestId('drift-verdict')).toHaveAttribute('data-state', 'shown', { timeout: 60_000 });
  const [level, pValue, strength, change, speed, reason, plain, text] = await Promise.all(
    ['level', 'p', 'strength', 'change', 'speed', 'reason', 'plain', 'personal'].map((what) =>
      page.getByTestId(`drift-${what}`).innerText(),
    ),
  );
  const far = await page.getByTestId('drift-far').evaluate((dot) => dot.style.getPropertyValue('--far'));
  const trail = await page.getByTestId('drift-plane').locator('.trail').getAttribute('d');
  return {
    ...{ level, pValue, change, speed, reason, plain, text, trail },
    ...{ strength: Number.parseFloat(strength!), far: Number(far) },
  };
}
