/**
 * Whether the browser may evict the weights by itself. It is asked not to at the moment when a download worth keeping begins: some
 * browsers ask the person, who then sees why, and a visit that finds everything stored asks nothing.
 */
import type { FetchProgress } from './file-source.ts';

/** Smaller files (config, tokenizer) come before it is certain that a model will follow. Bytes. */
const WORTH_KEEPING = 512 * 1024;

/** Only pages can ask, so this runs there and not in the worker, from what the worker reports. */
export function createPersistence(wanted: boolean, storage = globalThis.navigator?.storage) {
  let asked = false;
  let persisted = false;
  const note = (answer: Promise<boolean> | undefined) =>
    answer?.then(
      (yes) => {
        persisted ||= yes;
      },
      () => undefined,
    );
  return {
    onProgress: (progress: { readonly stage: string } | ({ readonly stage: 'file' } & FetchProgress)) => {
      if (!wanted || asked || !('file' in progress)) return;
      if (progress.cached || (progress.total ?? progress.loaded) < WORTH_KEEPING) return;
      asked = true;
      void note(storage?.persist?.());
    },
    /** Looks how it stands, without asking. */
    look: async (): Promise<void> => note(storage?.persisted?.()),
    /** Whether the weights are safe from eviction, as far as is known: a person may take their time to answer. */
    get persisted() {
      return persisted;
    },
  };
}
