import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What makes models, a minute and more: begun last, it would be waited for alone. */
const LONG = /tools\/.*\/make-[^/]*\.test\.ts$/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => Number(LONG.test(b.moduleId)) - Number(LONG.test(a.moduleId)));
  }
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    globalSetup: ['src/testing/own-temporary.ts', 'src/testing/built-cli.ts'],
    testTimeout: 60_000,
    // A loaded machine can pass a test's time by; `npm test` names what passed only then.
    retry: process.env.CI ? 1 : 0,
    pool: 'forks',
    // By default one less than there are cores, which on two is one.
    maxWorkers: '100%',
    sequence: { sequencer: LongFirst },
  },
});
