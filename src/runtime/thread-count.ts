/**
 * How many threads a model computes with on the CPU in a browser. onnxruntime takes a number when it starts and keeps it, so each load measures one that
 * may be the best, before anything personal is there; when all are known, the fastest is taken.
 */
import { type Findings, findingKey } from './findings.ts';
import { WASM_BYTES } from './wasm-bytes.ts';

/** As onnxruntime has at most by itself; and so many at most are tried: the rest of a processor is for others, or slower. */
const [USUAL, MOST] = [4, 8];

export interface ThreadCount {
  readonly threads: number;
  /** For people; undefined where there is no choice. */
  readonly reason: string | undefined;
  /** The finding that a token's time with so many is wanted as; undefined where it is known. */
  readonly timeKey: string | undefined;
}

/** In the order in which they are measured; the first is what a load without findings has. */
export const countsFor = (cores: number): readonly number[] => [
  ...new Set([Math.max(1, Math.min(USUAL, cores >> 1)), Math.min(MOST, cores), 1]),
];

/** @param model which, as part of a key; undefined: nothing is measured for it */
export function chooseThreads(
  cores: number,
  model: string | undefined,
  known: Findings['known'] | undefined,
): ThreadCount {
  const counts = countsFor(cores);
  if (counts.length === 1 || model === undefined || known === undefined) {
    return { threads: counts[0]!, reason: undefined, timeKey: undefined };
  }
  const identity = [`${cores} cores`, globalThis.navigator?.userAgent, WASM_BYTES.wasm].join(' | ');
  const keyOf = (threads: number) => findingKey(identity, 'threads', [model, threads]);
  const untried = counts.find((threads) => known[keyOf(threads)] === undefined);
  if (untried !== undefined) {
    const reason = `${named(untried)}, for which the time is measured at this load`;
    return { threads: untried, reason, timeKey: keyOf(untried) };
  }
  const times = counts.map((threads) => ({ threads, ms: fromFinding(known[keyOf(threads)]!) }));
  const [best, ...others] = times.sort((a, b) => a.ms - b.ms);
  const slower = others.map(({ threads, ms }) => `${ms} with ${threads}`).join(', ');
  const reason = `${named(best!.threads)}: ${best!.ms} ms a token, ${slower}`;
  return { threads: best!.threads, reason, timeKey: undefined };
}

const named = (threads: number) => `${threads} thread${threads === 1 ? '' : 's'}`;

/** A finding is a whole number from 1 to 65,536: tenths of a millisecond, in two figures, since no more is repeatable. */
export const asFinding = (ms: number): number =>
  Math.max(1, Math.min(65_536, Math.round(Number((10 * ms).toPrecision(2)))));

const fromFinding = (found: number): number => found / 10;
