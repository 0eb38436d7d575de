/**
 * Population stability index, Σ (p − q)·ln(p / q) over the tenths of a variable: of each leading component and of each number of the
 * embedding. Tenths are those of both samples together, so that labels can be exchanged. Half a user is added to each tenth: an empty
 * one would make it infinite.
 */
import type { Pooled } from './pooled-users.ts';

const BINS = 10;
const ADDED = 0.5;

export interface StabilityIndex {
  /** Of each variable. */
  of(members: Int32Array): Float64Array;
  /** The largest of them. */
  largest(members: Int32Array): number;
}

export function stabilityIndex({ rows, count, width }: Pooled): StabilityIndex {
  /** Bin of each row, variable by variable. */
  const bins = new Uint8Array(count * width);
  const totals: Int32Array[] = [];
  for (let v = 0; v < width; v++) {
    const values = Float64Array.from({ length: count }, (_, row) => rows[row * width + v]!);
    const sorted = values.toSorted();
    const cuts = Array.from(
      { length: BINS - 1 },
      (_, b) => sorted[Math.floor(((b + 1) * count) / BINS) - 1]!,
    );
    const edges = [...new Set(cuts)];
    const total = new Int32Array(edges.length + 1);
    for (const [row, value] of values.entries()) {
      let bin = 0;
      while (bin < edges.length && value > edges[bin]!) bin++;
      bins[v * count + row] = bin;
      total[bin]!++;
    }
    totals.push(total);
  }
  /** A table: a logarithm for each bin would be most of the time. */
  const logarithm = Float64Array.from({ length: count + 1 }, (_, n) => Math.log(n + ADDED));
  const counts = new Int32Array(BINS);
  const one = (members: Int32Array, v: number): number => {
    counts.fill(0);
    const from = v * count;
    for (const row of members) counts[bins[from + row]!]!++;
    const total = totals[v]!;
    const [n, m] = [members.length, count - members.length].map((size) => size + ADDED * total.length);
    const shift = Math.log(m! / n!);
    let sum = 0;
    for (let b = 0; b < total.length; b++) {
      const [mine, theirs] = [counts[b]!, total[b]! - counts[b]!];
      sum += ((mine + ADDED) / n! - (theirs + ADDED) / m!) * (logarithm[mine]! - logarithm[theirs]! + shift);
    }
    return sum;
  };
  return {
    of: (members) => Float64Array.from({ length: width }, (_, v) => one(members, v)),
    largest: (members) => {
      let most = 0;
      for (let v = 0; v < width; v++) most = Math.max(most, one(members, v));
      return most;
    },
  };
}
