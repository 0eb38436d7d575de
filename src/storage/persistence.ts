/**
 * Whether the browser may evict the weights by itself. It is asked not to at the moment when a download worth keeping begins: some
 * browsers ask the person, who then sees why, and a visit that finds everything stored asks nothing.
 */
import type { FetchProgress } from './file-source.ts';

/** Smaller files (config, tokenizer) come before it is certain that a model will follow. Bytes. */
const WORTH_KEEPING = 512 * 1024;

/** Only pages can ask, so this runs there and not in the worker, from what the worker reports. */
export function createPersistence(wanted: boolean, storage = globalThis.navigator?.storage) {
  let asked: Promise<boolean> | undefined;
  return {
    onProgress: (progress: { readonly stage: string } | ({ readonly stage: 'file' } & FetchProgress)) => {
      if (!wanted || asked !== undefined || !('file' in progress)) return;
      if (progress.cached || (progress.total ?? progress.loaded) < WORTH_KEEPING) return;
      asked = storage?.persist?.().catch(() => false);
    },
    /** Whether the weights are safe from eviction. */
    state: async (): Promise<boolean> =>
      (await asked) || ((await storage?.persisted?.().catch(() => false)) ?? false),
  };
}
