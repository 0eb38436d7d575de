/** A page in real Chromium that has this project's sources, for benchmarks. */
import { chromium, type Page } from '@playwright/test';
import { createServer } from 'vite';
import { launchOptions } from '../e2e/chromium.ts';

export interface BenchPage extends AsyncDisposable {
  readonly page: Page;
  readonly version: string;
}

export async function openBenchPage(): Promise<BenchPage> {
  const server = await createServer({
    configFile: false,
    root: new URL('page', import.meta.url).pathname,
    cacheDir: '.cache/vite-bench',
    logLevel: 'error',
    optimizeDeps: { exclude: ['onnxruntime-web'] },
    server: {
      port: 0,
      fs: { allow: [new URL('..', import.meta.url).pathname] },
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
  });
  await server.listen();
  const browser = await chromium.launch(launchOptions());
  const page = await browser.newPage();
  await page.goto(server.resolvedUrls!.local[0]!);
  await page.waitForFunction(() => 'bench' in globalThis);
  return {
    page,
    version: browser.version(),
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await server.close();
    },
  };
}
