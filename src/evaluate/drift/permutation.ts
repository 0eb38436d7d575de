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
}

/** All statistics on the same `permutations` random splits into `first` rows and the rest of `count`. */
export function permutationTests<N extends string>(
  statistics: Readonly<Record<N, Statistic>>,
  {
    first,
    count,
    permutations,
    random,
  }: {
    readonly first: number;
    readonly count: number;
    readonly permutations: number;
    readonly random: () => number;
  },
): Record<N, Permuted> {
  const names = Object.keys(statistics) as N[];
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const members = order.subarray(0, first);
  const found = names.map((name) => statistics[name](members));
  const beyond = names.map(() => 0);
  for (let round = 0; round < permutations; round++) {
    for (let i = 0; i < first; i++) {
      const j = i + Math.floor(random() * (count - i));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    for (const [k, name] of names.entries()) {
      const value = statistics[name](members);
      if (value >= found[k]! - ROUNDING * Math.abs(found[k]!)) beyond[k]!++;
    }
  }
  return Object.fromEntries(
    names.map((name, k) => [name, { statistic: found[k]!, p: (1 + beyond[k]!) / (1 + permutations) }]),
  ) as Record<N, Permuted>;
}

/**
 * P-values that hold for all tests together (Holm, Scand. J. Statist. 6, 1979): one of them at most `level` is a false alarm in at most a
 * share `level` of all times, however the tests depend on each other.
 */
export function holm(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const adjusted: number[] = [];
  let least = 0;
  for (const [rank, at] of order.entries()) {
    least = Math.max(least, Math.min(1, (values.length - rank) * values[at]!));
    adjusted[at] = least;
  }
  return adjusted;
}
