/**
 * Classifier two-sample test (Lopez-Paz & Oquab, ICLR 2017): can a classifier tell whose users are whose, on users it has not seen? Nearest
 * shrunken centroids (Tibshirani et al., PNAS 99, 2002) on the leading components, their squares and their products, so that it sees means
 * and covariances; features that differ no more than by chance are left out, or many of them would drown the one that has changed.
 */
import type { Statistic } from './permutation.ts';
import { type Pooled, sumRows } from './pooled-users.ts';

const FOLDS = 5;
/** In standard errors of a difference of means: what each is shrunk by. */
const SHRUNK = 2;

/** z_i, z_i², z_i·z_j of each row, standardised: [count, width]. */
export function quadraticFeatures({ rows, count, width, first }: Pooled): Pooled {
  const pairs = Array.from({ length: width }, (_, i) =>
    Array.from({ length: i + 1 }, (_, j) => [i, j]),
  ).flat();
  const all = width + pairs.length;
  const features = new Float64Array(count * all);
  for (let row = 0; row < count; row++) {
    const z = rows.subarray(row * width, (row + 1) * width);
    features.set(z, row * all);
    for (const [k, [i, j]] of pairs.entries()) features[row * all + width + k] = z[i!]! * z[j!]!;
  }
  for (let k = 0; k < all; k++) {
    let [sum, squares] = [0, 0];
    for (let at = k; at < features.length; at += all) {
      sum += features[at]!;
      squares += features[at]! ** 2;
    }
    const mean = sum / count;
    const deviation = Math.sqrt(Math.max(squares / count - mean ** 2, 1e-300));
    for (let at = k; at < features.length; at += all) features[at] = (features[at]! - mean) / deviation;
  }
  return { rows: features, count, width: all, first };
}

/** AUC on held-out fifths; 0.5 = cannot be told apart, 1 = always. */
export function classifierAuc({ rows, count, width }: Pooled, random: () => number): Statistic {
  const foldOf = foldsOf(count, random);
  const folds = Array.from({ length: FOLDS }, (_, fold) => {
    const outside = Int32Array.from([...foldOf.keys()].filter((row) => foldOf[row] === fold));
    const all = new Float64Array(width);
    sumRows({ rows, width }, outside, all);
    return { outside, all };
  });
  const isMember = new Uint8Array(count);
  const sums = folds.map(() => new Float64Array(width));
  const whole = new Float64Array(width);
  return (members) => {
    isMember.fill(0);
    whole.fill(0);
    for (const row of members) isMember[row] = 1;
    const counts = folds.map(({ outside }, f) => {
      const mine = outside.filter((row) => isMember[row] === 1);
      sumRows({ rows, width }, mine, sums[f]!);
      for (let k = 0; k < width; k++) whole[k]! += sums[f]![k]!;
      return mine.length;
    });
    let [above, pairs] = [0, 0];
    for (const [f, { outside, all }] of folds.entries()) {
      const n = members.length - counts[f]!;
      const m = count - outside.length - n;
      const found = [new Float64Array(counts[f]!), new Float64Array(outside.length - counts[f]!)] as const;
      pairs += found[0].length * found[1].length;
      const chosen: (readonly [feature: number, weight: number])[] = [];
      for (let k = 0; k < width; k++) {
        // Over both samples a feature sums to 0, its variance is 1.
        const mine = whole[k]! - sums[f]![k]!;
        const difference = (mine / n - (-all[k]! - mine) / m) / Math.sqrt(1 / n + 1 / m);
        const weight = Math.sign(difference) * Math.max(0, Math.abs(difference) - SHRUNK);
        if (weight !== 0) chosen.push([k, weight]);
      }
      const filled = [0, 0];
      for (const row of outside) {
        let score = 0;
        for (const [k, weight] of chosen) score += weight * rows[row * width + k]!;
        const side = 1 - isMember[row]!;
        found[side]![filled[side]!++] = score;
      }
      above += pairsAbove(found[0].sort(), found[1].sort());
    }
    return pairs === 0 ? 0.5 : above / pairs;
  };
}

/** Pairs in which the one of `high` is above the one of `low`, a tie half; both sorted (Mann & Whitney's U). */
export function pairsAbove(high: Float64Array, low: Float64Array): number {
  let [sum, below, upTo] = [0, 0, 0];
  for (const value of high) {
    while (below < low.length && low[below]! < value) below++;
    while (upTo < low.length && low[upTo]! <= value) upTo++;
    sum += (below + upTo) / 2;
  }
  return sum;
}

/** Of equal size, in random order. */
function foldsOf(count: number, random: () => number): Uint8Array {
  const folds = Uint8Array.from({ length: count }, (_, i) => i % FOLDS);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [folds[i], folds[j]] = [folds[j]!, folds[i]!];
  }
  return folds;
}
