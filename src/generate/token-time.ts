/** How long a token takes on a device, of a text that is nobody's. */
import { throwIfAborted } from '../error.ts';
import type { Decoder } from './decoder.ts';

/** Tokens at most, and how long it may take in all, in ms, behind the second; the first plans memory and does not count. */
const [MOST, PATIENCE_MS] = [8, 250];

/** The least of a few, in ms, so that other work on the machine does not count. */
export async function tokenTime(decoder: Decoder, signal?: AbortSignal): Promise<number> {
  const started = performance.now();
  let least = Number.POSITIVE_INFINITY;
  let cache = decoder.emptyCache();
  const longest = Math.min(MOST, decoder.model.config.contextLength);
  try {
    for (let token = 0; token < longest; token++) {
      throwIfAborted(signal);
      const from = performance.now();
      const next = await decoder.readFew(cache, { ids: [token % decoder.model.facts.vocabularySize] });
      if (token > 0) least = Math.min(least, performance.now() - from);
      cache.release();
      cache = next.cache;
      if (token > 0 && performance.now() - started > PATIENCE_MS) break;
    }
  } finally {
    cache.release();
  }
  return least;
}
