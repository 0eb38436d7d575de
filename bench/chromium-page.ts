/** A page in real Chromium that has this project's sources, for benchmarks. */
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type CDPSession, chromium, type Page } from '@playwright/test';
import { createServer } from 'vite';
import { launchOptions } from '../e2e/chromium.ts';

export interface BenchPage extends AsyncDisposable {
  readonly page: Page;
  readonly version: string;
  /** The browser's processes: their type, and the system's number for them. */
  processes(): Promise<readonly { readonly type: string; readonly id: number }[]>;
  /** Another browser with the same stored files, as on a second visit. */
  relaunch(): Promise<void>;
}

export const SERVED = new URL('../.cache/bench', import.meta.url).pathname;

/** A folder elsewhere, served under the name that is given back by pages that are opened from now on. */
export function serveFolder(folder: string): string {
  const name = basename(resolve(folder));
  mkdirSync(SERVED, { recursive: true });
  if (resolve(folder) === join(SERVED, name)) return name;
  rmSync(join(SERVED, name), { force: true });
  symlinkSync(resolve(folder), join(SERVED, name));
  return name;
}

/**
 * Files of `.cache/bench` are served at `/`.
 * @param isIsolated whether the page may have threads
 */
export async function openBenchPage({ isIsolated = true } = {}): Promise<BenchPage> {
  const server = await createServer({
    configFile: false,
    root: new URL('page', import.meta.url).pathname,
    publicDir: SERVED,
    cacheDir: '.cache/vite-bench',
    logLevel: 'error',
    // What is not there is a 404, not this page.
    appType: 'mpa',
    optimizeDeps: { exclude: ['onnxruntime-web'] },
    server: {
      port: 0,
      // Whoever edits a file does not reload what is being measured.
      hmr: false,
      watch: null,
      fs: { allow: [new URL('..', import.meta.url).pathname] },
      ...(isIsolated && {
        headers: {
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Embedder-Policy': 'require-corp',
        },
      }),
    },
  });
  await server.listen();
  const profile = await mkdtemp(join(tmpdir(), 'e2p-bench-'));
  const open = async () => {
    const context = await chromium.launchPersistentContext(profile, launchOptions());
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(server.resolvedUrls!.local[0]!);
    await page.waitForFunction(() => 'bench' in globalThis);
    const cdp: CDPSession = await context.browser()!.newBrowserCDPSession();
    return { context, page, cdp };
  };
  let current = await open();
  return {
    get page() {
      return current.page;
    },
    version: current.context.browser()!.version(),
    processes: async () => (await current.cdp.send('SystemInfo.getProcessInfo')).processInfo,
    relaunch: async () => {
      await current.context.close();
      current = await open();
    },
    [Symbol.asyncDispose]: async () => {
      await current.context.close();
      await server.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
