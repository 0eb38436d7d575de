/** `e2p-web/prompt-api` beside the browser's own `LanguageModel`, and in its place. */
import { expect, type Page, test } from '@playwright/test';
import type { Harness } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';

declare const harness: Harness;

const MODEL = `${DEMO_URL}/models/e2p-tiny`;
const QUESTION = 'Story: pocket drone, Quillon, Rook, calmer nerves';

test.use({ baseURL: HARNESS_URL });

async function open(page: Page): Promise<void> {
  await page.goto('/');
  await page.waitForFunction(() => 'harness' in globalThis);
}

test("has every name that the browser's own has, in the same form", async ({ page }) => {
  await open(page);
  const names = await page.evaluate((model) => {
    type Described = Readonly<Record<string, string>>;
    const native = (globalThis as { readonly LanguageModel?: new () => EventTarget }).LanguageModel;
    const ours = harness.createLanguageModel({ model });
    const describe = (of: object): Described =>
      Object.fromEntries(
        Object.entries(Object.getOwnPropertyDescriptors(of)).map(([name, { value, get }]) => [
          name,
          get === undefined ? typeof value : 'attribute',
        ]),
      );
    if (native === undefined) return undefined;
    return [native, ours].map((each) => [describe(each), describe(each.prototype)] as const);
  }, MODEL);
  test.skip(names === undefined, 'this browser has no LanguageModel of its own');
  const [native, ours] = names!;
  // A function's own, and a handler, which is a field of ours.
  const known = ['length', 'name', 'prototype', 'constructor', 'oncontextoverflow'];
  for (const [i, of] of native!.entries()) {
    for (const [name, kind] of Object.entries(of)) {
      if (!known.includes(name)) expect([name, ours![i]![name]]).toEqual([name, kind]);
    }
  }
});

test('an app for the Prompt API runs on a model of its own: download, prompt, stream, second visit', async ({
  page,
}) => {
  const visit = () =>
    page.evaluate(
      async ([model, question]) => {
        const LanguageModel = harness.createLanguageModel({ model, dtype: 'q4', device: 'wasm' });
        const before = await LanguageModel.availability();
        const loaded: number[] = [];
        const creating = LanguageModel.create({
          samplingMode: 'most-predictable',
          monitor: (m) =>
            m.addEventListener('downloadprogress', (e) => loaded.push((e as ProgressEvent).loaded)),
        });
        const during = await LanguageModel.availability();
        const session = await creating;
        const after = await LanguageModel.availability();
        const measured = await session.measureContextUsage(question);
        const clone = await session.clone();
        const text = await session.prompt(question);
        let streamed = '';
        for await (const chunk of clone.promptStreaming(question)) streamed += chunk;
        session.destroy();
        const ended = await session.prompt(question).catch((error: unknown) => String(error));
        const { contextUsage, contextWindow } = clone;
        return {
          before,
          during,
          after,
          loaded,
          measured,
          text,
          streamed,
          ended,
          contextUsage,
          contextWindow,
        };
      },
      [MODEL, QUESTION] as const,
    );
  await open(page);
  const first = await visit();
  expect(first).toMatchObject({ before: 'downloadable', during: 'downloading', after: 'available' });
  expect(first.loaded[0]).toBe(0);
  expect(first.loaded.at(-1)).toBe(1);
  expect(first.loaded).toEqual(first.loaded.toSorted((a, b) => a - b));
  expect(first.text.length).toBeGreaterThan(10);
  expect(first.streamed).toBe(first.text);
  expect(first.contextWindow).toBe(512);
  expect(first.contextUsage).toBeGreaterThan(first.measured);
  expect(first.ended).toMatch(/^AbortError/);
  await open(page);
  const second = await visit();
  expect(second).toMatchObject({ before: 'available', text: first.text });
});

test('the engine worker keeps an answer to a list, an expression and a schema, and ranks', async ({
  page,
}) => {
  await open(page);
  const found = await page.evaluate(
    async ([model, question]) => {
      const personalizer = await harness.Personalizer.create({ model, dtype: 'q4', device: 'wasm' });
      const choices = ['The drone flies.', 'The drone falls.', 'Nobody knows.'];
      const answer = async (constraint: object) => {
        const session = await personalizer.createSession();
        const options = { constraint, temperature: 1.5, seed: 3, maxTokens: 60 } as never;
        return session.prompt(question, options);
      };
      const session = await personalizer.createSession();
      const ranked = await session.rank(question, choices);
      const { contextUsage } = session;
      const texts = [
        await answer({ choices }),
        await answer({ regexp: /[a-f]{3}-\d{2}/ }),
        await answer({
          jsonSchema: { type: 'object', properties: { n: { enum: [1, 2] } }, required: ['n'] },
        }),
      ];
      await personalizer.destroy();
      return { texts, ranked, contextUsage, choices };
    },
    [MODEL, QUESTION] as const,
  );
  const [chosen, matched, json] = found.texts;
  expect(found.choices).toContain(chosen);
  expect(matched).toMatch(/^[a-f]{3}-\d{2}$/);
  expect([{ n: 1 }, { n: 2 }]).toContainEqual(JSON.parse(json!));
  expect(found.ranked.map(({ text }) => text)).toEqual(found.choices);
  for (const { logLikelihood } of found.ranked) expect(logLikelihood).toBeLessThan(0);
  expect(found.contextUsage).toBe(0);
});
