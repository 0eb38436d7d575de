/** A newer embedding from the vault while the sealed engine writes (`newVersion: 'at-once'`), from this tab and from another. In real Chromium. */
import { expect, type Page, test } from '@playwright/test';
import type { GenerationResult, Personalizer, User } from '../src/index.ts';
import type { Harness } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: Harness;
/** What a page keeps between two calls. */
declare const held: { readonly user: User; readonly personalizer: Personalizer };

const MODEL = `${DEMO_URL}/models/e2p-tiny`;
const TOKENS = 64;

test.skip(!process.env.CI, 'fifteen seconds more: runs where CI is set');

/** A vault whose person is the first reader, and their engine. */
async function open(page: Page): Promise<void> {
  await page.goto(HARNESS_URL);
  await page.waitForFunction(() => 'harness' in globalThis);
  await page.evaluate(async (url) => {
    const user = await harness.openUser({ policyVersion: '1', name: 'renewal' });
    await user.consent.grant('personalise');
    const projector = `${url}/projector.safetensors`;
    const personalizer = await harness.Personalizer.create({ model: url, projector, device: 'wasm', user });
    Object.assign(globalThis, { held: { user, personalizer } });
  }, MODEL);
}

/** Of a reader, into the vault. */
const become = (page: Page, reader: number): Promise<void> =>
  page.evaluate(
    async ([url, at]) => {
      const { readers } = await (await fetch(new URL('../../world/readers.json', `${url}/`))).json();
      const { space, values } = readers[at];
      await held.user.embedding.set({ space, values: Float32Array.from(values) });
    },
    [MODEL, reader] as const,
  );

/** An answer that is under way until `answer` is awaited: its pieces are in the page. */
const begin = (page: Page): Promise<void> =>
  page.evaluate(
    async ([url, maxTokens]) => {
      const { stories } = await (await fetch(new URL('../../world/readers.json', `${url}/`))).json();
      const session = await held.personalizer.createSession({ newVersion: 'at-once' });
      const pieces: string[] = [];
      const options = {
        ...{ temperature: 0, maxTokens, promptLookup: false },
        constraint: { regexp: /[a-z ]{400}/ },
        onText: (text: string) => void pieces.push(text),
      };
      const answer = session.generate(stories[0], options).catch((error) => error.code);
      Object.assign(globalThis, { pieces, answer });
      while (pieces.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    },
    [MODEL, TOKENS] as const,
  );

interface Answered {
  readonly result: GenerationResult | string;
  readonly pieces: readonly string[];
}

const end = (page: Page): Promise<Answered> =>
  page.evaluate(async () => {
    const { answer, pieces } = globalThis as unknown as {
      answer: Promise<GenerationResult | string>;
      pieces: string[];
    };
    return { result: await answer, pieces };
  });

/** What the vault's person is told behind the first words of an answer. */
const goOn = (page: Page, prefix: string): Promise<string> =>
  page.evaluate(
    async ([url, said, maxTokens]) => {
      const { stories } = await (await fetch(new URL('../../world/readers.json', `${url}/`))).json();
      const session = await held.personalizer.createSession();
      const asked = [
        { role: 'user', content: stories[0] },
        ...(said === '' ? [] : [{ role: 'assistant', content: said, prefix: true }]),
      ] as const;
      const options = {
        ...{ temperature: 0, maxTokens, promptLookup: false },
        constraint: { regexp: /[a-z ]{400}/ },
      };
      const { text } = await session.generate(asked as never, options);
      await session.destroy();
      return text;
    },
    [MODEL, prefix, TOKENS] as const,
  );

test('an answer goes on as that of the person whom the vault has now, wherever the version came from', async ({
  context,
}) => {
  const [here, there] = [await context.newPage(), await context.newPage()];
  await open(here);
  await become(here, 0);
  const old = await goOn(here, '');
  await open(there);
  for (const from of [here, there]) {
    await become(here, 0);
    await begin(here);
    await become(from, 1);
    const { result, pieces } = await end(here);
    if (typeof result === 'string') throw new Error(result);
    const { text, tokenIds } = result;
    expect(pieces.join('')).toBe(text);
    expect(tokenIds).toHaveLength(TOKENS);
    // It took the version up before it was another one than that of before, and what follows is what it says to the new person there.
    const alike = [...text].findIndex((letter, i) => letter !== old[i]);
    expect(alike).toBeGreaterThan(0);
    let taken: number | undefined;
    for (let at = pieces.length; at >= 3 && taken === undefined; at--) {
      const said = pieces.slice(0, at).join('');
      if (said.length > alike) continue;
      if ((await goOn(here, said)).startsWith(text.slice(said.length))) taken = at;
    }
    test
      .info()
      .annotations.push({ type: 'taken', description: `behind ${taken} of ${pieces.length} pieces` });
    expect(taken).toBeDefined();
  }
  const kept = await here.evaluate(async () => {
    const { user, personalizer } = held;
    return (await user.embedding.history(personalizer.space!.id)).length;
  });
  expect(kept).toBe(5);
});

test('a withdrawal that follows the version ends the answer, and of neither anything is left', async ({
  page,
}) => {
  await open(page);
  await become(page, 0);
  await begin(page);
  await become(page, 1);
  await page.evaluate(() => held.user.consent.withdraw('personalise'));
  expect(await end(page)).toMatchObject({ result: 'consent-required' });
  const after = await page.evaluate(async () => {
    const { user, personalizer } = held;
    const refused = await personalizer.createSession().catch(({ code }) => code);
    return { refused, fit: personalizer.user.fit, report: await user.forget() };
  });
  expect(after).toMatchObject({ refused: 'consent-required', report: { isComplete: true } });
  expect(after.fit).toBeUndefined();
  // It had gone before.
  expect(after.report.removed.map(({ what }) => what)).not.toContain('embedding in the engine');
});
