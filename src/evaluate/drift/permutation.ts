/**
 * P-values by exchanging labels: how often a split of the same people at random looks at least as different as the one that was found.
 * Exact for any statistic, at any number of users, where both samples are drawn independently from one population.
 */

/** How different the rows in `members` are from all others; larger = more. */
export type Statistic = (members: Int32Array) => number;

/** Sums of the same numbers in another order differ by rounding. */
const ROUNDING = 1e-10;

export interface Permuted {
  readonly statistic: number;
  /** (1 + splits at least as different) / (1 + splits) */
  readonly p: number;
  /** Of all statistics together, and one standard error of counting it in so many splits more: two runs hardly ever differ about a level. */
  readonly adjustedP: number;
}

/**
 * All statistics on the same `permutations` random splits into `first` rows and the rest of `count`. `adjustedP` is by the smallest p of each split,
 * step by step (Westfall & Young, "Resampling-Based Multiple Testing", 1993, algorithm 2.8), each p divided by its weight: one of them at most `level` is a false alarm
 * in at most a share `level` of all times, and statistics that see the same cost each other little.
 */
export function permutationTests<N extends string>(
  statistics: Readonly<Record<N, Statistic>>,
  {
    first,
    count,
    permutations,
    random,
    weights,
  }: {
    readonly first: number;
    readonly count: number;
    readonly permutations: number;
    readonly random: () => number;
    /** Of each statistic's share of the level; absent: all alike. */
    readonly weights?: Readonly<Record<N, number>>;
  },
): Record<N, Permuted> {
  const names = Object.keys(statistics) as N[];
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const members = order.subarray(0, first);
  /** Of each statistic, first as it was found, then of every split. */
  const values = names.map(() => new Float64Array(1 + permutations));
  for (let round = 0; round <= permutations; round++) {
    for (let i = 0; i < first && round > 0; i++) {
      const j = i + Math.floor(random() * (count - i));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    for (const [k, name] of names.entries()) values[k]![round] = statistics[name](members);
  }
  const shares = values.map(shareAsLarge);
  const adjusted = stepDown(
    shares.map((each, k) => (weights ? each.map((p) => p / weights[names[k]!]) : each)),
  );
  return Object.fromEntries(
    names.map((name, k) => [
      name,
      { statistic: values[k]![0]!, p: shares[k]![0]!, adjustedP: surely(adjusted[k]!, permutations) },
    ]),
  ) as Record<N, Permuted>;
}

const surely = (p: number, permutations: number) => Math.min(1, p + Math.sqrt((p * (1 - p)) / permutations));

/** Of each value, the share of all values that are at least as large: its p-value among the others. */
function shareAsLarge(values: Float64Array): Float64Array {
  const sorted = values.toSorted();
  return values.map((value) => {
    const least = value - ROUNDING * Math.abs(value);
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < least) low = middle + 1;
      else high = middle;
    }
    return (sorted.length - low) / sorted.length;
  });
}

/** @param shares of each statistic the p-values of what was found and of every split */
export function stepDown(shares: readonly Float64Array[]): number[] {
  const order = [...shares.keys()].sort((a, b) => shares[a]![0]! - shares[b]![0]!);
  const adjusted: number[] = [];
  const smallest = new Float64Array(shares[0]!.length).fill(Infinity);
  // The largest last: each is compared with the smallest p of itself and those above it.
  for (const at of order.toReversed()) {
    const own = shares[at]!;
    let asSmall = 0;
    for (const [round, p] of own.entries()) {
      smallest[round] = Math.min(smallest[round]!, p);
      if (smallest[round]! <= own[0]!) asSmall++;
    }
    adjusted[at] = asSmall / own.length;
  }
  let least = 0;
  for (const at of order) {
    least = Math.max(least, adjusted[at]!);
    adjusted[at] = least;
  }
  return adjusted;
}
