/** How many times theirs is ours, over rounds in turn. */
import { bootstrapMean } from '../src/evaluate/index.ts';
import type { Pair, Parity } from './generate-results.ts';

export interface Ratio {
  readonly mean: number;
  /** Of the bootstrap, 95 %. */
  readonly low: number;
  readonly high: number;
}

export function ratioOf({ ours, theirs }: Pick<Pair, 'ours' | 'theirs'>): Ratio {
  const { mean, low, high } = bootstrapMean(ours.map((ms, i) => Math.log(theirs[i]! / ms)));
  return { mean: Math.exp(mean), low: Math.exp(low), high: Math.exp(high) };
}

export const shown = ({ mean, low, high }: Ratio): string =>
  `${mean.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;

export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** While it is measured. */
export const tell = (model: string, { same, of }: Parity, { kind, what, tokens, ...pair }: Pair): void =>
  console.log(
    `${model}: ${kind} ${what} ${tokens}: ${shown(ratioOf(pair))}, ${pair.ours.length} rounds; ${same} of ${of} tokens the same`,
  );
