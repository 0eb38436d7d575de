/**
 * What a visitor does in `examples/react`: a headline for each reader, nobody's at strength 0, a text that is stopped, and one that another reader
 * ends. The text grows while it is written.
 */
const PATIENCE_MS = 30_000;

/** @returns a line for each reader, as the other examples write them */
export async function tryReact(page) {
  const output = page.locator('output');
  const [readers, write] = [page.getByLabel('Reader'), page.getByRole('button', { name: 'Write' })];
  const strength = page.getByLabel('Strength');
  await output.waitFor({ state: 'attached', timeout: PATIENCE_MS });
  const names = await readers.locator('option').allInnerTexts();
  const ends = async () => {
    await page.waitForFunction(() => document.querySelector('output').ariaBusy === 'false', undefined, {
      timeout: PATIENCE_MS,
    });
    return output.innerText();
  };
  const textOf = async (name) => {
    await readers.selectOption(name);
    await write.click();
    return ends();
  };
  await page.evaluate(() => {
    globalThis.lengths = [];
    const note = () => lengths.push(document.querySelector('output').textContent.length);
    new MutationObserver(note).observe(document.querySelector('output'), {
      characterData: true,
      subtree: true,
      childList: true,
    });
  });
  const lines = [];
  for (const name of names) lines.push(`${name}: ${await textOf(name)}`);
  const sizes = new Set(await page.evaluate(() => lengths));
  if (sizes.size < 2 * names.length)
    throw new Error(`the texts came in ${sizes.size} sizes, expected them to grow`);

  await strength.fill('0');
  const average = [await textOf(names[0]), await textOf(names[1])];
  if (average[0] !== average[1]) throw new Error(`at strength 0 two readers got ${average.join(' / ')}`);
  await strength.fill('1');
  const full = await textOf(names[0]);
  // As soon as something stands there.
  const cut = async (end) => {
    await page.evaluate(
      (which) =>
        new Promise((resolve) => {
          const stop = () => {
            if (document.querySelector('output').textContent === '') return;
            seen.disconnect();
            if (which === 'stop')
              [...document.querySelectorAll('button')].find((b) => b.textContent === 'Stop').click();
            resolve();
          };
          const seen = new MutationObserver(stop);
          seen.observe(document.querySelector('output'), {
            characterData: true,
            subtree: true,
            childList: true,
          });
          document.querySelector('button[type=submit]').click();
        }),
      end,
    );
  };
  await cut('stop');
  const stopped = await ends();
  if (!full.startsWith(stopped) || stopped.length >= full.length || stopped === '')
    throw new Error(`a stopped text is ${JSON.stringify(stopped)}, expected the beginning of ${full}`);
  await cut('reader');
  await readers.selectOption(names[1]);
  const left = await ends();
  if (left !== '') throw new Error(`another reader sees ${JSON.stringify(left)} of the one before`);
  if ((await textOf(names[0])) !== full) throw new Error('the same reader got another text afterwards');
  return lines;
}
