/**
 * How far a load is over all its files together: bytes, rate, and the time that is left. What will come is planned first, part by part
 * (model, projector, runtime); the total is told when every part is planned, and never grows.
 */
import type { FetchProgress } from './file-source.ts';

/** A download over all of its files. */
export interface TotalProgress {
  /** Bytes that are here, over all files; never less than before, and `total` at the end. */
  readonly loaded: number;
  /**
   * Bytes in all, those that are here included. undefined until every file that will come and its size are known, or where a server does not
   * tell; and from then on where it told something wrong.
   */
  readonly total: number | undefined;
  /** Bytes a second that came over the network lately; undefined before there is anything to go by. */
  readonly rate: number | undefined;
  /** Seconds until `total` at this rate. */
  readonly secondsLeft: number | undefined;
}

/** Bytes by file. */
export type FilePlan = ReadonlyMap<string, number>;

/** Of a single file; `cached` where that can be known. */
export type FileProgress = Omit<FetchProgress, 'cached'> & { readonly cached?: boolean };

export interface ProgressMeter<P extends FileProgress> {
  /** Which files will come of a part; undefined where that can't be told before they have come. */
  plan(part: string, files: FilePlan | undefined): void;
  /** Reports the progress of a single file with that of all of them. */
  add(progress: P): void;
}

/** The rate is taken over so many milliseconds: long enough to be calm, short enough to follow the network. */
const WINDOW_MS = 5_000;
/** Before that a rate would be chance. */
const FIRST_MS = 500;
/** Between samples. */
const STEP_MS = 50;

/** @param parts of the load, each of which has to be planned */
export function createProgressMeter<P extends FileProgress>(
  parts: readonly string[],
  report: (progress: P & { readonly all: TotalProgress }) => void,
  now: () => number = () => performance.now(),
): ProgressMeter<P> {
  const files = new Map<string, { readonly loaded: number; readonly total: number | undefined }>();
  const plans = new Map<string, FilePlan | undefined>();
  const rateOf = createRate(now);
  let most = 0;
  let told: number | undefined;
  let isWrong = false;
  let last: P | undefined;
  const check = (): void => {
    const sizes = new Map<string, number>();
    for (const part of parts) {
      const plan = plans.get(part);
      if (plan === undefined) return;
      for (const [file, size] of plan) sizes.set(file, size);
    }
    const total = sum(sizes.values());
    told ??= total;
    isWrong ||= told !== total;
    for (const [file, { loaded, total }] of files) {
      const size = sizes.get(file);
      isWrong ||= size === undefined || loaded > size || (total ?? size) !== size;
    }
  };
  const add = (progress: P): void => {
    const { file, loaded, total, cached, elsewhere } = progress;
    // What another tab loads need not be what this one will.
    if (last?.elsewhere && !elsewhere) files.clear();
    last = progress;
    const before = files.get(file);
    // The first word of a file may be of what an earlier visit left.
    const rate = rateOf(before === undefined || cached ? 0 : Math.max(0, loaded - before.loaded));
    files.set(file, { loaded, total });
    if (!elsewhere) check();
    const all = elsewhere || isWrong ? undefined : told;
    const here = sum([...files.values()].map((state) => state.loaded));
    most = Math.min(all ?? Number.POSITIVE_INFINITY, Math.max(most, here));
    const secondsLeft = rate && all !== undefined ? (all - most) / rate : undefined;
    report({ ...progress, all: { loaded: most, total: all, rate, secondsLeft } });
  };
  return {
    plan: (part, plan) => {
      plans.set(part, plan);
      // The total, should it be known now.
      if (last !== undefined) add(last);
    },
    add,
  };
}

/** Takes bytes that came just now, and gives bytes a second. */
function createRate(now: () => number): (came: number) => number | undefined {
  /** Bytes fetched since the start, at a time. */
  const samples: { readonly time: number; readonly fetched: number }[] = [];
  let fetched = 0;
  return (came) => {
    fetched += came;
    const time = now();
    if (time - (samples.at(-1)?.time ?? Number.NEGATIVE_INFINITY) > STEP_MS) samples.push({ time, fetched });
    while (samples.length > 2 && time - samples[1]!.time > WINDOW_MS) samples.shift();
    const first = samples[0]!;
    const elapsed = time - first.time;
    return elapsed < FIRST_MS ? undefined : ((fetched - first.fetched) / elapsed) * 1000;
  };
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((all, n) => all + n, 0);

/** Milliseconds between two reports of a file; a network delivers thousands of pieces a second. */
const REPORT_MS = 50;

/** Passes on the first word of each file, the last, and some in between. */
export function everySoOften<P extends FileProgress>(report: (progress: P) => void): (progress: P) => void {
  const last = new Map<string, number>();
  return (progress) => {
    const { file, loaded, total } = progress;
    const now = performance.now();
    if (loaded !== total && now - (last.get(file) ?? Number.NEGATIVE_INFINITY) < REPORT_MS) return;
    last.set(file, now);
    report(progress);
  };
}
