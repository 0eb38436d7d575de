/**
 * The demo's real LLM by its Hub id, from a local server that plays the Hub: cancelled in the middle of the large file, gone on with after
 * a reload, and a file that changes on the server in between. The page is built for that mirror and served under its policy.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { build as buildSite, type InlineConfig, type PreviewServer, preview } from 'vite';
import { CHUNK_BYTES } from '../src/storage/manifest.ts';
import { type HubServer, startHubServer } from '../src/testing/hub-server.ts';
import { hasShared, readShared } from '../src/testing/shared.ts';
import { HUB_DEMO_PORT } from './ports.ts';
import { labelsOf, recordLabels } from './record-labels.ts';
import { openSection, ready } from './site.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const MODEL = 'HuggingFaceTB/SmolLM2-135M-Instruct';
const REVISION = '12fd25f77366fa6b3b4b768ec3050bf629380bac';
const REPOSITORY = `${MODEL}/${REVISION}`;
const GRAPH = 'onnx/model_q4.onnx';
const SMALL = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json'];
/** Bytes a second: the large file takes some seconds. */
const RATE = 16e6;

test.skip(
  !hasShared || !existsSync(`${root}/public/projectors/smollm2-135m-instruct.safetensors`),
  'needs ../shared and the projector of SmolLM2',
);

const PAGE = `http://localhost:${HUB_DEMO_PORT}/real-llm.html?device=wasm&maxTokens=4`;
let hub: HubServer;
let site: PreviewServer;
const files = new Map<string, Uint8Array>();
let hasApi: boolean;

test.beforeAll(async ({ browserName: _ }, info) => {
  hub = await startHubServer({
    repositories: new Map([
      [REPOSITORY, files],
      ['Xenova/all-MiniLM-L6-v2/main', encoderFiles()],
    ]),
    intercept: (path, _request, response) => {
      const isRefused = !hasApi && path.startsWith('/api/');
      if (isRefused) response.writeHead(404).end();
      return isRefused;
    },
  });
  process.env.E2P_LLM = `${hub.url} ${hub.storeUrl}`;
  const build = { outDir: info.outputPath('site') };
  const config: InlineConfig = { configFile: `${root}/vite.config.ts`, logLevel: 'warn', build };
  await buildSite(config);
  site = await preview({ ...config, preview: { port: HUB_DEMO_PORT } });
  delete process.env.E2P_LLM;
});
test.afterAll(async () => {
  await site?.close();
  await hub?.[Symbol.asyncDispose]();
});
test.beforeEach(() => {
  hasApi = true;
  hub.rate = RATE;
  hub.requests.length = 0;
  for (const path of [...SMALL, GRAPH]) files.set(path, readShared(`models/smollm2-135m-instruct/${path}`));
});

test('is cancelled in the middle of a file and goes on there after a reload', async ({ page }) => {
  await recordLabels(page);
  await page.goto(PAGE);
  const { host } = new URL(hub.url);
  await expect(page.getByTestId('offer')).toContainText(`a download of about 210 MB from ${host} (${MODEL})`);
  expect(hub.requests).toEqual([]);

  // Some of it is onnxruntime's WebAssembly, which comes at the same time.
  const kept = await loadUntil(page, 40);
  expect(kept).toBeLessThan(80);
  // The file, and its first nodes alone, which say what of onnxruntime is needed.
  expect(rangesOf(GRAPH)).toEqual([0, 0]);
  hub.requests.length = 0;
  const labels = await labelsOf(page);

  await page.reload();
  await expect(page.getByTestId('offer')).toContainText(`${kept.toFixed(1)} MB of`);
  hub.rate = undefined;
  await page.getByTestId('load').click();
  await expectReady(page);
  const [from, ...more] = rangesOf(GRAPH);
  expect(more).toEqual([]);
  expect(from! % CHUNK_BYTES).toBe(0);
  expect(from!).toBeGreaterThan(CHUNK_BYTES);
  expect(from!).toBeLessThanOrEqual(kept * 1e6);
  await expect(page.getByTestId('status')).toContainText(/weights downloaded \(\d+\.\d MB\)/);
  // What is kept counts as here, and the total is the same before and after, onnxruntime's 14 MB of WebAssembly included.
  labels.push(...(await labelsOf(page)));
  const totals = labels.flatMap((label) => / MB of (.+? MB)/.exec(label)?.[1] ?? []);
  expect(labels.some((label) => label.startsWith('Loading the runtime'))).toBe(true);
  expect(totals.length).toBeGreaterThan(10);
  expect(new Set(totals).size).toBe(1);
  expect(labels.some((label) => label.includes(`: ${totals[0]} of ${totals[0]}`))).toBe(true);
  const asked = hub.requests.map((request) => request.replace(/^GET .*\/(?=[^/]+$)/, ''));
  expect(asked).toEqual([REVISION, ...Array(2).fill(`model_q4.onnx bytes=${from}-`)]);

  await page.getByTestId('write').click();
  for (const side of ['personal', 'plain']) {
    await expect(page.getByTestId(`stats-${side}`)).toContainText('4 tokens');
    await expect(page.getByTestId(`output-${side}`)).not.toBeEmpty();
  }

  // A person's own words: before it is allowed nothing is made of them, and nothing fetched that could.
  hub.requests.length = 0;
  await page.getByTestId('person-own').check();
  await page.getByTestId('own-lines').fill('I grow tomatoes.\nI play the cello.');
  await expect(page.getByTestId('own-note')).toHaveText(/^Nothing is made of your lines before/);
  await expect(page.getByTestId('kept')).toHaveText('Nothing.');
  await expect(page.getByTestId('write')).toBeDisabled();
  expect(hub.requests).toEqual([]);
  expect(await vaults(page)).toEqual([]);

  // Then the encoder comes from the same mirror, of the words nothing goes there, and the vault has what they became.
  const before = (await page.getByTestId('stats-personal').textContent())!;
  await page.getByTestId('allow-personalise').check();
  await page.getByTestId('write').click();
  await expect(page.getByTestId('stats-personal')).not.toHaveText(before);
  await expect(page.getByTestId('stats-plain')).toContainText('4 tokens');
  await expectVectors(page, 1);
  await page.getByTestId('audit').locator('summary').click();
  await expect(page.getByTestId('audit')).toContainText(
    /none changed or taken out.*e2p-web: used \(personalise, for a text\)/s,
  );
  await expect(page.getByTestId('stats-personal')).toHaveText(/Prompt: \d+ tokens, [4-9] of them soft/);
  // Its graph's structure, 0.2 MB, is kept beside it.
  await expect(page.getByTestId('offer')).toContainText('and the sentence encoder (23.6 MB)');
  expect(hub.requests.filter((request) => !request.includes('Xenova/all-MiniLM-L6-v2'))).toEqual([]);
  expect(hub.requests.length).toBeGreaterThan(3);

  // The same lines again are the same version; others are the next one.
  await ask(page);
  await expectVectors(page, 1);
  await page.getByTestId('own-lines').fill('I keep bees.');
  await ask(page);
  await expectVectors(page, 2);
  await expect(page.getByTestId('stats-personal')).toHaveText(/Prompt: \d+ tokens, [23] of them soft/);
  // What is kept needs no lines, and goes with the consent; people of the page are written for without any.
  await page.getByTestId('own-lines').fill('');
  await expect(page.getByTestId('own-note')).toHaveText(/^The vectors of what you wrote before are kept/);
  await ask(page);
  await page.getByTestId('allow-personalise').uncheck();
  await expectVectors(page, 0);
  await expect(page.getByTestId('write')).toBeDisabled();
  await page.getByTestId('person-0').check();
  await ask(page);
  await page.getByTestId('person-own').check();
  await page.getByTestId('own-lines').fill('I keep bees.');
  await page.getByTestId('allow-personalise').check();
  await ask(page);
  await expectVectors(page, 1);
  // What the main page keeps of the visitor is forgotten with it.
  const own = await storedChunks(page);
  const main = await page.context().newPage();
  await main.goto(`http://localhost:${HUB_DEMO_PORT}/?device=wasm`);
  await ready(main);
  await openSection(main, 'you');
  await main.getByTestId('allow-personalise').check();
  await expect(main.getByTestId('disk')).toBeVisible();
  await page.getByTestId('forget').click();
  await expect(main.getByTestId('disk')).toBeHidden();
  await expect(main.getByTestId('allow-personalise')).not.toBeChecked();
  await main.close();
  await expect(page.getByTestId('kept')).toHaveText(
    /^Forgotten: .*1 embedding in the engine.*Looked again: nothing is left\.$/,
  );
  await expect(page.getByTestId('own-lines')).toHaveValue('');
  await expect(page.getByTestId('write')).toBeDisabled();
  await expect(page.getByTestId('disk')).toBeHidden();
  await expect(page.getByTestId('error')).toBeHidden();
  await page.getByTestId('delete').click();
  await expect(page.getByTestId('status')).toHaveText('Deleted from this browser.');
  // The offer looks at what is left, for which a file that is empty is made and taken away.
  const left = async () => (await storedChunks(page)).filter((chunk) => own.includes(chunk));
  await expect.poll(left).toEqual([]);
});

test('a file that changed in between is fetched anew and nothing of it mixed, with only its ETag to tell', async ({
  page,
}) => {
  test.skip(!process.env.CI, 'twenty seconds more: runs where CI is set');
  hasApi = false;
  await page.goto(PAGE);
  await loadUntil(page, 40);
  const old = files.get(GRAPH)!;
  const changed = Buffer.from(old);
  changed[CHUNK_BYTES + 1]! ^= 1;
  files.set(GRAPH, changed);
  hub.requests.length = 0;
  hub.rate = undefined;

  await page.reload();
  await page.getByTestId('load').click();
  await expectReady(page);
  const [from, ...more] = rangesOf(GRAPH);
  expect(from!).toBeGreaterThan(CHUNK_BYTES);
  // From the start; and whether it ends there, since another origin's length is not believed.
  expect(more).toEqual([0, changed.length - 1]);
  const stored = await storedChunks(page);
  expect(stored).toEqual(expect.arrayContaining(chunksOf(changed)));
  expect(stored).not.toContain(chunksOf(old)[1]);
});

function encoderFiles(): Map<string, Uint8Array> {
  const paths = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'onnx/model_quantized.onnx'];
  return new Map(paths.map((path) => [path, readShared(`models/all-minilm-l6-v2/${path}`)]));
}

/** @throws with what the page says, where it failed */
async function expectReady(page: Page): Promise<void> {
  const [status, error] = ['status', 'error'].map((id) => page.getByTestId(id));
  await expect(status!).toContainText(/Ready on|Not ready/);
  expect(await error!.textContent()).toBe('');
  await expect(status!).toContainText('Ready on WebAssembly');
}

/** First bytes that were asked for, of a file's requests. */
const rangesOf = (file: string): number[] =>
  hub.requests
    .filter((request) => request.startsWith(`GET /store/${MODEL}/resolve/${REVISION}/${file}`))
    .map((request) => Number(/bytes=(\d+)-\d*$/.exec(request)?.[1] ?? 0));

/** Names of the vaults that this browser has. */
const vaults = (page: Page): Promise<(string | undefined)[]> =>
  page.evaluate(async () =>
    (await indexedDB.databases()).map(({ name }) => name).filter((name) => name?.startsWith('e2p-vault-')),
  );

/** So many versions lie in the vault. */
async function expectVectors(page: Page, count: number): Promise<void> {
  const row = page.getByTestId('disk-embedding');
  if (count === 0) await expect(row).toHaveCount(0);
  else await expect(row.getByRole('cell').first()).toHaveText(String(count));
}

/** Both answers are there. */
async function ask(page: Page): Promise<void> {
  await page.getByTestId('write').click();
  await expect(page.getByTestId('stop')).toBeEnabled();
  await expect(page.getByTestId('write')).toBeEnabled();
  for (const side of ['personal', 'plain'])
    await expect(page.getByTestId(`stats-${side}`)).toContainText(/^\d tokens/);
}

/** Presses the button, and Cancel when so many MB have arrived. @returns MB that are kept, as the page says it */
async function loadUntil(page: Page, megabytes: number): Promise<number> {
  await page.getByTestId('load').click();
  await page.waitForFunction((least) => {
    const [, loaded = '0'] =
      /: (\d+\.\d) MB of/.exec(document.querySelector('#progress-label')!.textContent!) ?? [];
    return Number(loaded) >= least;
  }, megabytes);
  await page.getByTestId('cancel').click();
  await expect(page.getByTestId('status')).toHaveText('Cancelled. What has arrived is kept.');
  const offer = page.getByTestId('offer');
  await expect(offer).toContainText(/^\d+\.\d MB of .* have arrived and are kept/);
  return Number.parseFloat((await offer.textContent())!);
}

/** Names of the chunks in the browser's storage. */
const storedChunks = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names: string[] = [];
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('e2p-weights');
    for await (const name of folder.keys()) names.push(name);
    return names;
  });

/** Names that the chunks of a file have there. */
const chunksOf = (bytes: Uint8Array): string[] =>
  Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, i) =>
    createHash('sha256')
      .update(bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES))
      .digest('hex'),
  );
