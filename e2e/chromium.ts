/** Chromium for tests: which binary, and the flags that give WebGPU without a GPU (SwiftShader). */
import { existsSync } from 'node:fs';
import type { LaunchOptions } from '@playwright/test';

/** `CHROMIUM_PATH` wins, then an installed one; undefined = the one Playwright downloads. */
export function chromiumPath(): string | undefined {
  const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return process.env.CHROMIUM_PATH ?? installed.find((path) => existsSync(path));
}

export function launchOptions(): LaunchOptions {
  const executablePath = chromiumPath();
  return {
    headless: true,
    ...(executablePath !== undefined && { executablePath }),
    args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
  };
}
