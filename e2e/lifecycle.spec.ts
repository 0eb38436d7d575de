/** A page that is hidden, frozen, left and come back to while an answer is written, in real Chromium. */
import { chromium, expect, test } from '@playwright/test';
import type { Personalizer } from '../src/index.ts';
import { launchOptions } from './chromium.ts';
import type { Harness } from './harness/harness.ts';
import { DEMO_URL, HARNESS_URL } from './ports.ts';
import { openRawPage } from './raw-chromium.ts';

declare const harness: Harness;

/** Of the page. */
interface Life {
  readonly personalizer: Personalizer;
  /** What is written while nothing happens to the page. */
  expected: string;
  pieces: number;
  /** What happened to the page, with the pieces that had come. */
  readonly events: [string, number][];
  /** Under way. */
  answer: Promise<string> | undefined;
  readonly begin: () => Promise<string>;
}
declare const life: Life;

const MODEL = `${DEMO_URL}/models/e2p-tiny`;
const SETTINGS = [MODEL, 'Story: pocket drone, Quillon, Rook, calmer nerves', 400] as const;

test.skip(!process.env.CI, 'half a minute: runs where CI is set');

/** The constraint keeps the answer from ending, so that what happens falls into the middle. */
async function open([model, prompt, length]: readonly [string, string, number]): Promise<void> {
  const personalizer = await harness.Personalizer.create({ model, device: 'wasm' });
  const told: Life = {
    personalizer,
    expected: '',
    pieces: 0,
    events: [],
    answer: undefined,
    begin: async () => {
      told.pieces = 0;
      let text = '';
      // An answer as long as the model can write takes a second only.
      for (let turn = 0; turn < 2; turn++) {
        const session = await personalizer.createSession();
        text += await session.prompt(prompt, {
          temperature: 0,
          constraint: { regexp: '[a-z ]{2000}' },
          maxTokens: length,
          promptLookup: false,
          onText: () => told.pieces++,
        });
      }
      return text;
    },
  };
  told.expected = await told.begin();
  const note = (type: string) => told.events.push([type, told.pieces]);
  for (const type of ['visibilitychange', 'freeze', 'resume']) {
    document.addEventListener(type, () => note(`${type} ${document.visibilityState}`));
  }
  addEventListener('pageshow', (event) => note(`pageshow ${(event as PageTransitionEvent).persisted}`));
  Object.assign(globalThis, { life: told });
}

/** Until some of an answer has come. */
async function begin(): Promise<void> {
  life.answer = life.begin();
  life.answer.catch(() => undefined);
  while (life.pieces < 3) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** The answer under way, and another one. */
async function end() {
  const { events, expected, answer } = life;
  const text = await answer;
  const { pieces } = life;
  return { events, expected, text, pieces, next: await life.begin() };
}

/** It was frozen in the middle of the answer, nothing came meanwhile, and all of it came in the end. */
function expectFrozen(
  { events, expected, text, pieces, next }: Awaited<ReturnType<typeof end>>,
  types: readonly string[],
): void {
  expect(events.map(([type]) => type)).toEqual(types);
  const [, [, before], [, after]] = events as [[string, number], [string, number], [string, number]];
  expect(after).toBe(before);
  expect(after).toBeLessThan(pieces);
  expect(text).toBe(expected);
  expect(next).toBe(expected);
}

test('an answer that is frozen with its page goes on when the page does, hidden or not', async () => {
  await using page = await openRawPage(HARNESS_URL);
  await expect.poll(() => page.evaluate(() => 'harness' in globalThis, undefined)).toBe(true);
  await page.evaluate(open, SETTINGS);
  await page.evaluate(begin, undefined);
  await page.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await page.send('Page.setWebLifecycleState', { state: 'active' });
  const found = await page.evaluate(end, undefined);
  expectFrozen(found, ['visibilitychange hidden', 'freeze hidden', 'resume hidden']);
});

test('an answer goes on in a page that was left and comes back from the back/forward cache', async () => {
  const browser = await chromium.launch({
    ...launchOptions(),
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(HARNESS_URL);
    await page.waitForFunction(() => 'harness' in globalThis);
    await page.evaluate(open, SETTINGS);
    await page.evaluate(begin);
    await page.goto(`${HARNESS_URL}/docs.html`);
    await page.goBack({ waitUntil: 'commit' });
    await expect.poll(() => page.evaluate(() => 'life' in globalThis)).toBe(true);
    expectFrozen(await page.evaluate(end), [
      ...['visibilitychange hidden', 'freeze hidden', 'resume hidden'],
      ...['visibilitychange visible', 'pageshow true'],
    ]);
  } finally {
    await browser.close();
  }
});
