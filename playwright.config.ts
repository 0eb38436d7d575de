import { defineConfig } from '@playwright/test';
import { launchOptions } from './e2e/chromium.ts';
import { DEMO_URL, HARNESS_URL } from './e2e/ports.ts';
// @ts-expect-error A script of plain JavaScript.
import { buildSealed } from './scripts/build-sealed.mjs';

// Newer than its sources, it stays.
await buildSealed();

export default defineConfig({
  testDir: 'e2e',
  globalSetup: './src/testing/own-temporary.ts',
  outputDir: '.cache/e2e',
  // Only for what hangs: WebGPU without a GPU takes over a minute for some of them, and a busy machine twice that.
  timeout: 240_000,
  expect: { timeout: 60_000 },
  // Much of it is waiting: on two cores two took 6.6 minutes where one took 9.8.
  retries: process.env.CI ? 1 : 0,
  workers: 2,
  fullyParallel: false,
  // Longest first: a minute in CI, beside which the other worker tests the rest.
  projects: [
    { name: 'soak', testMatch: 'soak.spec.ts' },
    { name: '', testIgnore: 'soak.spec.ts' },
  ],
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
