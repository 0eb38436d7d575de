/** Every block of JavaScript in README and docs that is for a page, run in one, on the default model. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, expect, type Route, test } from '@playwright/test';
import { root, writeCode } from '../tools/docs/blocks.ts';
import { docFiles, world } from '../tools/docs/doc-files.ts';
import { launchOptions } from './chromium.ts';
import type { DocsHarness } from './harness/docs-harness.ts';
import { HARNESS_URL } from './ports.ts';

declare const docs: DocsHarness;

const files = await docFiles();
const assumed = {
  ...{ values: world.readers[0]!.values, stories: world.stories },
  manifestSha256: createHash('sha256').update(files.get('my-model/e2p-manifest.json')!).digest('hex'),
};
/** Where the pages say that files lie, onnxruntime for Transformers.js included. */
const fileAt = ({ host, pathname }: URL): Uint8Array | undefined => {
  if (host === 'cdn.jsdelivr.net')
    return readFileSync(join(root, 'node_modules', pathname.replace(/^\/npm\/([^@]*)@[^/]*/, '$1')));
  const [, inModel] = /(?:models\/my-model|SmolLM2-135M-Instruct\/resolve\/[^/]+)\/(.*)/.exec(pathname) ?? [];
  // On the CPU of a tab Transformers.js has no kernel for the default model's embeddings in four bits; other models' are not.
  if (pathname.includes('/resolve/') && inModel?.endsWith('.onnx'))
    return files.get('my-model/onnx/model.onnx');
  return files.get(
    inModel === undefined ? pathname.replace(/^\/(projectors\/)?/, '') : `my-model/${inModel}`,
  );
};
const answer = (route: Route) => {
  const body = fileAt(new URL(route.request().url()));
  return route.fulfill({
    ...{ status: body === undefined ? 404 : 200, body: Buffer.from(body ?? []) },
    headers: { 'access-control-allow-origin': '*', 'content-type': 'application/octet-stream' },
  });
};

test('the code of the documentation runs on a page', async () => {
  test.skip(!process.env.CI, 'takes half a minute: CI runs it');
  const code = writeCode(join(root, '.cache/docs-e2e'));
  // No GPU of software: it takes its time.
  const { executablePath } = launchOptions();
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: ['--no-sandbox'],
  });
  const context = await browser.newContext();
  await context.route(/^https:\/\//, answer);
  await context.route(
    ({ pathname }) => /^\/(models|projectors)\/|^\/(users|train)\.jsonl$/.test(pathname),
    answer,
  );
  await context.route('**/assumed.json', (route) => route.fulfill({ json: assumed }));
  const page = await context.newPage();
  const uncaught: string[] = [];
  page.on('pageerror', (error) => uncaught.push(String(error)));
  await page.goto(`${HARNESS_URL}/docs.html`);
  await page.waitForFunction(() => 'docs' in globalThis);
  let ran = 0;
  for (const { page: name, line, file, code: text, where, notRun } of code) {
    if (where === 'node' || notRun !== undefined) continue;
    await test.step(`${name}:${line}`, async () => {
      const shown = await page.evaluate(([path, source]) => docs.runBlock(path, source), [
        `/@fs${file}`,
        text,
      ] as const);
      // What shows something only where something is wrong is not expected to.
      if (/^(?!.*\bif\b).*\bshow\(/m.test(text)) expect(shown.join('').length).toBeGreaterThan(0);
      expect(uncaught).toEqual([]);
    });
    ran++;
  }
  await browser.close();
  expect(ran).toBeGreaterThan(12);
});
