/**
 * Differences of means along a few axes, in standard deviations. The largest of them shows a shift along one axis best; the length of all together
 * (Hotelling's T², where axes are uncorrelated) shows one in any direction that they span, and spends its power on all of these.
 */
import type { Statistic } from './permutation.ts';
import { type Pooled, sumRows } from './pooled-users.ts';

export interface MeanShift {
  /** Along each axis, those in `members` minus the others, in standard deviations of both together. */
  of(members: Int32Array): Float64Array;
  /** The size of the largest. */
  readonly largest: Statistic;
  /** Root of the sum of squares. */
  readonly length: Statistic;
}

/** @param scores each axis with mean 0 and variance 1 over both samples */
export function meanShift(scores: Pooled): MeanShift {
  const { count, width } = scores;
  const of = (members: Int32Array) => {
    const sums = new Float64Array(width);
    sumRows(scores, members, sums);
    const scale = 1 / members.length + 1 / (count - members.length);
    return sums.map((sum) => sum * scale);
  };
  return {
    of,
    largest: (members) => of(members).reduce((most, v) => Math.max(most, Math.abs(v)), 0),
    length: (members) => Math.hypot(...of(members)),
  };
}
