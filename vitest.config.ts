import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    globalSetup: 'src/testing/own-temporary.ts',
    testTimeout: 60_000,
    pool: 'forks',
    // By default one less than there are cores, which on two is one.
    maxWorkers: '100%',
  },
});
