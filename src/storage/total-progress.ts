/** How far a download is over all its files together: bytes, rate, and the time that is left. */
import type { FetchProgress } from './file-source.ts';

export interface TotalProgress {
  /** Bytes that are here, over all files seen so far. */
  readonly loaded: number;
  /** Bytes in all, over the files seen so far whose size is known. */
  readonly total: number;
  /** Bytes a second that came over the network lately; undefined before there is anything to go by. */
  readonly rate: number | undefined;
  /** Seconds until `total` at this rate. */
  readonly secondsLeft: number | undefined;
}

/** The rate is taken over so many milliseconds: long enough to be calm, short enough to follow the network. */
const WINDOW_MS = 5_000;
/** Before that a rate would be chance. */
const FIRST_MS = 500;
/** Between samples. */
const STEP_MS = 50;

/** Makes a function that takes the progress of single files and gives that of all of them. */
export function createTotalProgress(now: () => number = () => performance.now()) {
  const files = new Map<string, { readonly loaded: number; readonly total: number }>();
  /** Bytes fetched since the start, at a time. */
  const samples: { readonly time: number; readonly fetched: number }[] = [];
  let fetched = 0;
  return ({ file, loaded, total, cached }: FetchProgress): TotalProgress => {
    const before = files.get(file);
    // The first word of a file may be of what an earlier visit left.
    if (before !== undefined && !cached) fetched += Math.max(0, loaded - before.loaded);
    files.set(file, { loaded, total: total ?? loaded });
    const time = now();
    if (time - (samples.at(-1)?.time ?? Number.NEGATIVE_INFINITY) > STEP_MS) samples.push({ time, fetched });
    while (samples.length > 2 && time - samples[1]!.time > WINDOW_MS) samples.shift();
    const sums = { loaded: 0, total: 0 };
    for (const state of files.values()) {
      sums.loaded += state.loaded;
      sums.total += state.total;
    }
    const first = samples[0]!;
    const elapsed = time - first.time;
    const rate = elapsed < FIRST_MS ? undefined : ((fetched - first.fetched) / elapsed) * 1000;
    const secondsLeft = rate ? (sums.total - sums.loaded) / rate : undefined;
    return { ...sums, rate, secondsLeft };
  };
}
