import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    testTimeout: 60_000,
    pool: 'forks',
    // Each test runs onnxruntime with one thread; the default leaves a core idle, which is half of a small machine.
    maxWorkers: '100%',
  },
});
