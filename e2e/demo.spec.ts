/**
 * The demo page as a visitor meets it: first visit, writing for two readers, stopping, coming back, coming back
 * without a network. Served as it would be deployed (`vite preview` of the built page), with the default model.
 */
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BrowserContext, chromium, expect, type Page, type TestInfo, test } from '@playwright/test';
import type { DemoWorld } from '../tools/default/demo-data.ts';
import { angleOf } from '../tools/world/judge.ts';
import { launchOptions } from './chromium.ts';
import { labelsOf, recordLabels } from './record-labels.ts';
import { openSection, ready, SECTIONS, watchErrors } from './site.ts';

/** Readers of different interests (people, gossip), by their place in `demo.json`. */
const READERS = [1, 4] as const;

/** Without it, the page offers no real LLM. */
const offersLlm = existsSync(
  fileURLToPath(new URL('../public/projectors/smollm2-135m-instruct.safetensors', import.meta.url)),
);

const STORIES = [0, 1, 2, 3, 4, 5, 6];

for (const { device, name } of [
  { device: 'wasm', name: 'WebAssembly' },
  { device: 'webgpu', name: 'WebGPU' },
] as const) {
  // One start for both: on WebGPU without a GPU it takes twenty seconds.
  test(`the demo on ${device} shows what it loads and runs on, streams two texts, stops when asked, and writes again`, async ({
    page,
  }) => {
    const errors = watchErrors(page);
    await test.step('loads, and streams two texts', async () => {
      await recordLabels(page);
      await page.goto(`/?device=${device}&maxTokens=400`, { waitUntil: 'commit' });
      await expect(page.getByTestId('progress')).toBeVisible();
      await ready(page);
      await expect(page.getByTestId('progress')).toBeHidden();
      await expect(page.getByTestId('status')).toContainText(`Ready on ${name}`);
      await expect(page.getByTestId('status')).toContainText(/weights downloaded \(\d/);
      const labels = await labelsOf(page);
      expect(labels.some((label) => /Downloading the model: \d+ kB of/.test(label))).toBe(true);
      expect(labels.some((label) => label.startsWith('Preparing the device'))).toBe(true);

      const lengths = await write(page, READERS[0]);
      expect(lengths.length).toBeGreaterThan(3);
      expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
      for (const side of ['plain', 'personal']) {
        await expect(page.getByTestId(`stats-${side}`)).toHaveText(
          /\d+ tokens, first token after .+tokens\/s/,
        );
      }
    });
    await test.step('stops, and writes again', async () => {
      // A headline may be whole before the press is heard.
      const stats = page.getByTestId('stats-personal');
      await expect(async () => {
        await stopAtFirstText(page);
        await expect(stats).toHaveText(/Stopped|tokens\/s/);
        expect(await stats.textContent()).toBe('Stopped.');
      }).toPass();
      await expect(page.getByTestId('write')).toBeEnabled();
      await expect(page.getByTestId('stop')).toBeDisabled();
      await expect(page.getByTestId('error')).toBeHidden();
      await page.getByTestId('write').click();
      await expect(page.getByTestId('output-personal')).not.toBeEmpty();
    });
    expect(errors).toEqual([]);
  });
}

// What the text is about is the same on WebGPU, where engine.spec.ts compares logits, and a text takes seconds on a software GPU.
test("writes for a reader from that reader's own angle", async ({ page, request }) => {
  const errors = watchErrors(page);
  const world = (await (await request.get('/world/demo.json')).json()) as DemoWorld;
  await page.goto('/?device=wasm');
  await ready(page);
  await openSection(page, 'you');
  // Not every text follows the reader (docs/results/default.md has the rates), but nearly all do.
  let own = 0;
  let others = 0;
  for (const story of STORIES) {
    await page.getByTestId('story').selectOption(String(story));
    for (const [at, reader] of READERS.entries()) {
      await write(page, reader);
      const text = (await page.getByTestId('output-personal').textContent()) ?? '';
      expect(text).not.toBe('');
      if (angleOf(text) === world.readers[reader]!.angle) own++;
      if (angleOf(text) === world.readers[READERS[1 - at]!]!.angle) others++;
    }
  }
  expect(own).toBeGreaterThanOrEqual(1.5 * STORIES.length);
  expect(others).toBeLessThanOrEqual(STORIES.length / 3);
  expect(errors).toEqual([]);
});

test('comes back without a download, and without a network', async ({ baseURL }, info) => {
  await using visit = await persistentContext(info);
  const page = visit.context.pages()[0] ?? (await visit.context.newPage());
  const errors = watchErrors(page);
  const downloads: string[] = [];
  visit.context.on('request', (request) => {
    const url = request.url();
    // The manifest is how the page asks whether the model is still the same.
    if (request.method() !== 'GET' || url.endsWith('e2p-manifest.json')) return;
    if (url.includes('/models/')) downloads.push(url);
  });
  await page.goto(`${baseURL}/?device=wasm&maxTokens=8`);
  await ready(page);
  expect(await page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true);
  expect(downloads.length).toBeGreaterThan(0);
  // A section is kept when it was opened once.
  for (const section of SECTIONS) await openSection(page, section);

  downloads.length = 0;
  await page.reload();
  await ready(page);
  await expect(page.getByTestId('status')).toContainText('weights from this device');
  expect(downloads).toEqual([]);

  await visit.context.setOffline(true);
  await page.reload();
  await ready(page);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  await write(page, READERS[1]);
  await expect(page.getByTestId('output-personal')).not.toBeEmpty();
  await openSection(page, 'train');
  await expect(page.getByTestId('train-start')).toBeEnabled();
  // What the page reads itself is what the service worker has kept.
  expect(downloads.filter((url) => !new URL(url).searchParams.has('page'))).toEqual([]);
  expect(errors).toEqual([]);
});

test('everything works from the keyboard', async ({ page }) => {
  await page.goto('/?device=wasm&maxTokens=8');
  await ready(page);
  const links = offersLlm ? ['choose-tiny', 'choose-llm', 'code', 'docs'] : ['code', 'docs'];
  const choices = ['headline-story', 'headline-strength-1', 'headline-reader-0'];
  for (const stop of [...links, ...choices]) {
    await page.keyboard.press('Tab');
    await expect(page.getByTestId(stop)).toBeFocused();
  }
  // The section behind the one in focus is opened, so that Tab finds it.
  await expect(page.getByTestId('section-you')).toHaveAttribute('data-state', 'open');
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('topic-money')).toBeFocused();
  await page.getByTestId('topic-sport').focus();
  const words = offersLlm ? ['own-words-link'] : [];
  const allowed = ['allow-learn-from-activity', 'allow-personalise'];
  for (const stop of ['single', ...words, ...allowed, 'reader-0']) {
    await page.keyboard.press('Tab');
    await expect(page.getByTestId(stop)).toBeFocused();
  }
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('reader-1')).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('story')).toBeFocused();
  const before = await page.getByTestId('prompt').inputValue();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('prompt')).not.toHaveValue(before);
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('prompt')).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('strength')).toHaveValue('1.25');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  await expect(page.getByTestId('vary')).toBeChecked();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('write')).toBeFocused();
  await page.keyboard.press('Enter');
  await finished(page);
  await expect(page.getByTestId('write')).toBeFocused();
});

test('a wrong model address is explained in words', async ({ page }) => {
  await page.goto('/?device=wasm&model=./models/nowhere');
  await expect(page.getByRole('alert')).toContainText('The model on the server is incomplete');
  await openSection(page, 'you');
  await expect(page.getByTestId('write')).toBeDisabled();
});

test.describe('the page with the real LLM', () => {
  test.skip(!offersLlm, 'needs public/projectors/smollm2-135m-instruct.safetensors');

  test('says how much is downloaded and kept before it asks for anything, and refuses another model', async ({
    page,
    context,
    baseURL,
  }) => {
    const asked: string[] = [];
    context.on('request', (request) => {
      const { origin, pathname } = new URL(request.url());
      const elsewhere = origin !== baseURL;
      if (elsewhere || /^\/(models|projectors|llm)\//.test(pathname)) asked.push(request.url());
    });
    await page.goto('/real-llm.html?device=wasm&llm=./models/e2p-tiny');
    await expect(page.getByTestId('offer')).toContainText(/a download of .*\d MB from this site/);
    await expect(page.getByTestId('offer')).toContainText('until you delete them');
    await page.getByTestId('person-3').check();
    await expect(page.getByTestId('lines').getByRole('listitem')).toHaveCount(2);
    await expect(page.getByTestId('write')).toBeDisabled();
    expect(asked).toEqual([]);

    await page.getByTestId('load').click();
    await expect(page.getByRole('alert')).toContainText('The projector was made for another model.');
    await expect(page.getByRole('alert')).toContainText(/HuggingFaceTB\/SmolLM2-135M-Instruct/);
    await expect(page.getByTestId('write')).toBeDisabled();
    expect(asked.some((url) => url.endsWith('/projectors/smollm2-135m-instruct.safetensors'))).toBe(true);
    expect(asked.filter((url) => !url.startsWith(baseURL!) && !url.startsWith('blob:'))).toEqual([]);

    // The page that starts at once says it too, and leads here.
    await page.getByTestId('choose-tiny').click();
    await ready(page);
    const choice = page.getByTestId('choose-llm');
    await expect(choice).toContainText(
      /SmolLM2-135M-Instruct, .*\d MB, kept in this browser until you delete it/,
    );
    await choice.click();
    await expect(page).toHaveURL(/real-llm\.html\?device=wasm&llm=/);
  });

  test('keeps what arrived before a cancel, goes on from there, and deletes it', async ({
    page,
    context,
  }) => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await context.route('**/projectors/*', async (route) => {
      await released;
      await route.continue().catch(() => undefined);
    });
    await recordLabels(page);
    await page.goto('/real-llm.html?device=wasm&llm=./models/e2p-tiny');
    await expect(page.getByTestId('load')).toHaveText('Download and start');
    await page.getByTestId('load').click();
    // All of the model is there, and the projector does not come, so that nobody knows how much is to come.
    const tiny = fileURLToPath(new URL('../public/models/e2p-tiny', import.meta.url));
    const files = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];
    const bytes = [...files, 'onnx/model_q4.onnx'].map((path) => statSync(`${tiny}/${path}`).size);
    const kilobytes = Math.ceil(bytes.reduce((sum, size) => sum + size) / 1000);
    // Onnxruntime's WebAssembly comes at the same time; what is told is what came last, and that may be no whole of either.
    const all = `Downloading the model: ${kilobytes} kB`;
    await expect.poll(() => labelsOf(page)).toContain(all);
    await expect(page.getByTestId('cancel')).toBeFocused();
    // What has arrived is digested and stored a moment later.
    await page.waitForTimeout(2000);
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('status')).toHaveText('Cancelled. What has arrived is kept.');
    await expect(page.getByTestId('error')).toBeHidden();
    await expect(page.getByTestId('offer')).toContainText(/0\.\d MB of .* have arrived and are kept/);
    await expect(page.getByTestId('load')).toBeFocused();

    release();
    const again: string[] = [];
    context.on('request', (request) => {
      if (request.method() === 'GET' && /\/models\/.*\.onnx/.test(request.url())) again.push(request.url());
    });
    await page.reload();
    await page.getByTestId('load').click();
    await expect(page.getByRole('alert')).toContainText('The projector was made for another model.');
    expect(again).toEqual([]);

    await page.getByTestId('delete').click();
    await expect(page.getByTestId('status')).toHaveText('Deleted from this browser.');
    await expect(page.getByTestId('load')).toHaveText('Download and start');
    await page.reload();
    await expect(page.getByTestId('load')).toHaveText('Download and start');
    await expect(page.getByTestId('delete')).toBeHidden();
  });
});

const PHONES = [360, 390] as const;
test(`phones ${PHONES.join(' and ')} px wide need no sideways scrolling`, async ({ page }, info) => {
  await page.setViewportSize({ width: PHONES[0], height: 800 });
  await page.goto('/?device=wasm&maxTokens=24');
  await ready(page);
  await write(page, READERS[0]);
  await page.getByTestId('topic-health').click();
  for (const purpose of ['learn-from-activity', 'personalise'])
    await page.getByTestId(`allow-${purpose}`).check();
  await page.getByTestId('disk-embedding').waitFor();
  for (const section of SECTIONS) await openSection(page, section);
  for (const summary of await page.locator('summary').all()) await summary.click();
  for (const width of PHONES) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: info.outputPath(`phone-${width}.png`), fullPage: true });
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(excess, `${width} px`).toBeLessThanOrEqual(0);
  }
});

/** Writes for a reader; the lengths that the personal text had on its way. */
async function write(page: Page, reader: number): Promise<number[]> {
  await openSection(page, 'you');
  await page.getByTestId(`reader-${reader}`).check();
  const lengths = page.evaluate(
    () =>
      new Promise<number[]>((resolve) => {
        const output = document.querySelector('#output-personal')!;
        const seen: number[] = [];
        new MutationObserver(() => {
          const { length } = output.textContent ?? '';
          if (length > 0 && length !== seen.at(-1)) seen.push(length);
          if (output.getAttribute('aria-busy') === null) resolve(seen);
        }).observe(output, { childList: true, attributes: true });
      }),
  );
  await page.getByTestId('write').click();
  await finished(page);
  return lengths;
}

async function finished(page: Page): Promise<void> {
  for (const side of ['plain', 'personal']) {
    await expect(page.getByTestId(`stats-${side}`)).toHaveText(/\d tokens/, { timeout: 120_000 });
  }
  await expect(page.getByTestId('write')).toBeEnabled();
}

/** In the page, because a text may be over before a message from outside arrives. */
async function stopAtFirstText(page: Page): Promise<void> {
  await openSection(page, 'you');
  await page.evaluate(() => {
    const output = document.querySelector('#output-personal')!;
    new MutationObserver((_, observer) => {
      if (output.textContent === '') return;
      observer.disconnect();
      document.querySelector<HTMLButtonElement>('#stop')!.click();
    }).observe(output, { childList: true });
    document.querySelector<HTMLButtonElement>('#write')!.click();
  });
}

/** A profile on disk, as a visitor has one: OPFS, caches and the service worker survive reloads. */
async function persistentContext(
  info: TestInfo,
): Promise<{ readonly context: BrowserContext } & AsyncDisposable> {
  const context = await chromium.launchPersistentContext(info.outputPath('profile'), launchOptions());
  return { context, [Symbol.asyncDispose]: () => context.close() };
}
