import { defineConfig } from '@playwright/test';
import { launchOptions } from './e2e/chromium.ts';
import { DEMO_URL, HARNESS_URL } from './e2e/ports.ts';

export default defineConfig({
  testDir: 'e2e',
  globalSetup: './src/testing/own-temporary.ts',
  outputDir: '.cache/e2e',
  // Only for what hangs: WebGPU without a GPU takes over a minute for some of them, and a busy machine twice that.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  // WebGPU without a GPU is slow; two browsers at once would only be slower.
  workers: 1,
  fullyParallel: false,
  use: { baseURL: DEMO_URL, launchOptions: launchOptions() },
  webServer: [
    {
      // Built anew, so that no test meets yesterday's page or model.
      command:
        'node node_modules/vite/bin/vite.js build --logLevel warn && node node_modules/vite/bin/vite.js preview',
      url: DEMO_URL,
      reuseExistingServer: !process.env.CI,
    },
    {
      command: 'node node_modules/vite/bin/vite.js --config e2e/harness/vite.config.ts',
      url: HARNESS_URL,
      reuseExistingServer: !process.env.CI,
    },
  ],
});
